//! The key by which a grant names its subjects, where that key is shown as a pseudonym.

use model::{DatasetId, DomainId, Mask, SubjectPath, Subjects};
use sql::KeyKind;

use crate::enforcer::Enforcer;

impl Enforcer {
    /// The domain and type of a dataset's own key of one column; `None` where it has no pseudonym, so
    /// that keys are written as they are.
    pub fn key_of(&self, dataset: &DatasetId) -> Option<(DomainId, KeyKind)> {
        let found = self.decider().dataset(dataset)?;
        let Subjects::Some(subjects) = &found.subjects else {
            return None;
        };
        let own = subjects
            .iter()
            .find(|subject| matches!(subject.path, SubjectPath::Own(_)))?;
        let [key] = own.key.as_slice() else {
            return None;
        };
        let Some(Mask::Pseudonym(domain)) = &found.field(key)?.mask else {
            return None;
        };
        let collection = dataset.collection();
        let (schema, name) = collection.split_once('.').unwrap_or(("public", collection));
        let relation = self.schema().relation_named(schema, name)?;
        let kind = KeyKind::of_type(relation.column_named(key.as_str())?.type_oid)?;
        Some((domain.clone(), kind))
    }
}
