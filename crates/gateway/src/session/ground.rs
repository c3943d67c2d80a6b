//! What a running statement rests on beside its views. A view says which rows and fields are clear,
//! masked or left out; who is at home, which subjects a grant names and whose pseudonyms are shown stand
//! behind it.

use std::collections::BTreeSet;

use enforce::Checked;
use model::{Dataset, DatasetId, SubjectPath, Subjects};
use sql::Parameter;

use super::Session;
use crate::keys;
use crate::world::World;

/// Whether equal views of a statement mean the same rows in both worlds.
pub(super) fn is_same(was: &World, now: &World, checked: &Checked) -> bool {
    if std::ptr::eq(was, now) {
        return true;
    }
    let (before, after) = (was.enforcer().decider(), now.enforcer().decider());
    let has_subjects = checked
        .guarded
        .parameters()
        .iter()
        .any(|parameter| matches!(parameter, Parameter::Subjects { .. }));
    if has_subjects && was.rights().hash() != now.rights().hash() {
        return false;
    }
    if before.homes() != after.homes() {
        return false;
    }
    let mut seen = BTreeSet::new();
    let mut open: Vec<&DatasetId> = checked.basis.datasets().collect();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let described = before.dataset(id);
        if described != after.dataset(id) {
            return false;
        }
        open.extend(described.into_iter().flat_map(parents));
    }
    true
}

/// The datasets whose rows say where the subjects of this one live.
fn parents(dataset: &Dataset) -> impl Iterator<Item = &DatasetId> {
    let subjects: &[model::Subject] = match &dataset.subjects {
        Subjects::Some(subjects) => subjects,
        Subjects::Undeclared | Subjects::Nobody => &[],
    };
    subjects.iter().filter_map(|subject| match &subject.path {
        SubjectPath::Through(parent) => Some(parent),
        SubjectPath::Own(_) => None,
    })
}

impl Session {
    /// Whose pseudonyms are shown now.
    pub(super) fn class(&self) -> String {
        keys::class(&self.world, &self.asker(), self.now())
    }

    /// Whose pseudonyms a statement shows or takes back; nobody's, for one without.
    pub(super) fn class_of(&self, checked: &Checked) -> Option<String> {
        let is_of_key = |parameter: &Parameter| {
            matches!(
                parameter,
                Parameter::Raw { .. } | Parameter::RawConstant { .. } | Parameter::Key(_)
            )
        };
        let has_key = checked.guarded.parameters().iter().any(is_of_key);
        has_key.then(|| self.class())
    }
}
