//! From a collection as written to a [`Dataset`], as far as the collection alone can tell.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    DataCategory, Dataset, Diagnostic, Field, FieldName, LegalCategory, Level, Mask, PublicWhen,
    Subjects, TypeFamily,
};

use crate::block::{Condition, FieldCondition, ManifestBlock, SubjectsBlock};
use crate::condition;
use crate::entry::{Faults, Place};
use crate::fides::{Collection, Column, Reference};
use crate::fold::fold;

/// A dataset whose references and subjects are not looked up yet, with the places to name.
pub(crate) struct Draft {
    pub(crate) dataset: Dataset,
    pub(crate) place: Place,
    pub(crate) subjects: SubjectsBlock,
    pub(crate) references: Vec<(FieldName, Reference)>,
    pub(crate) places: BTreeMap<FieldName, Place>,
}

impl Draft {
    pub(crate) fn new(
        collection: Collection,
        manifest: &ManifestBlock,
        faults: &mut Faults,
    ) -> Self {
        let mut draft = Self {
            dataset: Dataset {
                id: collection.id,
                upstream: manifest.upstream.clone(),
                store: manifest.store.clone(),
                owner: collection.block.owner.or_else(|| manifest.owner.clone()),
                fields: Vec::new(),
                subjects: Subjects::Undeclared,
                observe: collection.block.observe,
                undeclared_subjects: BTreeSet::new(),
            },
            place: collection.place,
            subjects: collection.block.subjects,
            references: Vec::new(),
            places: BTreeMap::new(),
        };
        for column in &collection.columns {
            draft.add(column, &collection.categories, faults);
        }
        let shared = collection.block.level_when;
        draft.set_conditions(&collection.columns, shared.as_ref(), faults);
        draft
    }

    fn add(&mut self, column: &Column, inherited: &BTreeSet<DataCategory>, faults: &mut Faults) {
        let folded = fold(column, faults);
        let mut categories = folded.categories;
        categories.extend(inherited.iter().cloned());
        let mut legal = folded.legal;
        legal.extend(
            inherited
                .iter()
                .flat_map(crate::taxonomy::legal_categories_of),
        );
        let type_name = type_of(column);
        let family = type_name.as_deref().map(TypeFamily::of);
        if let (Some((mask, place)), Some(family)) = (&column.block.mask, family) {
            let verdict = mask.fits(family, column.block.not_null_domain);
            faults.extend(
                verdict
                    .err()
                    .map(|problem| impossible(mask, place, family, &problem)),
            );
        }
        let name = column.name.clone();
        let references = folded.references.into_iter();
        self.references
            .extend(references.map(|reference| (name.clone(), reference)));
        self.places.insert(name.clone(), column.place.clone());
        self.dataset.fields.push(Field {
            name,
            label: folded.level,
            categories,
            legal,
            mask: column.block.mask.as_ref().map(|(mask, _)| mask.clone()),
            type_name,
            family,
            primary_key: column.primary_key,
            references: Vec::new(),
            public_when: None,
        });
    }

    /// Conditions come last because they name columns that may stand further down.
    fn set_conditions(
        &mut self,
        columns: &[Column],
        shared: Option<&Condition>,
        faults: &mut Faults,
    ) {
        let shared_fits = shared.is_some_and(|one| self.check_condition(one, faults));
        for (index, column) in columns.iter().enumerate() {
            let own = match &column.block.level_when {
                Some(FieldCondition::Never) => continue,
                Some(FieldCondition::When(own)) if self.check_condition(own, faults) => Some(own),
                Some(FieldCondition::When(_)) => continue,
                None => None,
            };
            let Some(field) = self.dataset.fields.get_mut(index) else {
                continue;
            };
            let by_collection = shared.filter(|_| shared_fits && takes_shared_condition(field));
            field.public_when = own.or(by_collection).map(|found| PublicWhen {
                condition: found.predicate.clone(),
            });
        }
    }

    fn check_condition(&self, found: &Condition, faults: &mut Faults) -> bool {
        let before = faults.len();
        for name in found.predicate.fields() {
            if self.dataset.field(name).is_none() {
                faults.push(self.unknown_column(name, &found.place));
            }
        }
        let family_of = |name: &FieldName| self.dataset.field(name).and_then(|field| field.family);
        if let Err(cause) = condition::fits(&found.predicate, &family_of) {
            let remedy = "compare the column with a constant of its own type, or correct its type";
            faults.push(found.place.error(cause, remedy));
        }
        faults.len() == before
    }

    /// A column that the collection has not, wherever it is named.
    pub(crate) fn unknown_column(&self, name: &FieldName, place: &Place) -> Diagnostic {
        let names = || self.dataset.fields.iter().map(|field| field.name.as_str());
        let other_case = names().find(|known| known.eq_ignore_ascii_case(name.as_str()));
        let cause = format!("`{}` has no column `{name}`", self.dataset.id);
        let remedy = match (
            other_case,
            document::nearest::dotted(name.as_str(), names()),
        ) {
            (Some(known), _) if known.chars().any(char::is_uppercase) => {
                format!("write `{known}`, in a condition with double quotes around it")
            }
            (Some(known), _) => format!("write `{known}`"),
            (None, Some(near)) => format!("write `{near}`"),
            (None, None) => "name a column of the collection".to_owned(),
        };
        place.error(cause, remedy)
    }
}

/// A collection's condition never lifts what is unlabelled, sensitive, restricted or in a legal
/// category of its own; such a field must say so itself.
fn takes_shared_condition(field: &Field) -> bool {
    field.label.is_some_and(|level| level <= Level::Protected)
        && field
            .legal
            .iter()
            .all(|legal| *legal == LegalCategory::CoveredPersonalIdentifier)
}

/// The store's type, else Fides' data type; what has nested fields is an object.
fn type_of(column: &Column) -> Option<String> {
    let nested = (!column.parts.is_empty()).then(|| "object".to_owned());
    let block = column.block.type_name.clone();
    block.or_else(|| column.data_type.clone()).or(nested)
}

fn impossible(
    mask: &Mask,
    place: &Place,
    family: TypeFamily,
    problem: &model::MaskProblem,
) -> Diagnostic {
    let possible: Vec<&str> = [
        ("null", Mask::Null),
        ("constant", Mask::Constant(String::new())),
    ]
    .into_iter()
    .filter(|(word, other)| *word != mask.kind().as_str() && other.fits(family, false).is_ok())
    .map(|(word, _)| word)
    .collect();
    let remedy = if possible.is_empty() {
        "correct the type, or use another mask".to_owned()
    } else {
        format!(
            "correct the type, or use another mask, e.g. {}",
            possible.join(" or ")
        )
    };
    place.error(problem.to_string(), remedy)
}
