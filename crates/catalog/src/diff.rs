//! What changed between two catalogues, and whether each change loosens protection.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Dataset, DatasetId, Field, FieldName, FieldReference, Level, Mask, Observe, Precision,
    SubjectPath, Subjects,
};

use crate::change::{Change, What};

/// Every difference, by dataset and field. No difference, no change: what is equal gives an empty
/// list, whatever the order of fields.
pub fn diff(old: &BTreeMap<DatasetId, Dataset>, new: &BTreeMap<DatasetId, Dataset>) -> Vec<Change> {
    let mut changes = Vec::new();
    let ids: BTreeSet<&DatasetId> = old.keys().chain(new.keys()).collect();
    for id in ids {
        let mut add = |field: Option<&FieldName>, what: What, loosens: bool| {
            changes.push(Change {
                dataset: id.clone(),
                field: field.cloned(),
                what,
                loosens,
            });
        };
        match (old.get(id), new.get(id)) {
            (Some(old), Some(new)) => compare(old, new, &mut add),
            // What is not in the catalogue is refused to everybody.
            (Some(_), None) => add(None, What::DatasetRemoved, false),
            (None, Some(new)) => {
                let labelled = new
                    .fields
                    .iter()
                    .filter(|field| field.label.is_some())
                    .count();
                let what = What::DatasetAdded {
                    labelled,
                    fields: new.fields.len(),
                };
                let opens = new.fields.iter().any(opens_something) || new.observe.is_some();
                add(None, what, opens || new.subjects != Subjects::Undeclared);
            }
            (None, None) => {}
        }
    }
    changes
}

/// A new field says more than "restricted, and nothing to show in its place".
fn opens_something(field: &Field) -> bool {
    field.level() < Level::Restricted || field.mask.is_some() || field.public_when.is_some()
}

type Add<'a> = &'a mut dyn FnMut(Option<&FieldName>, What, bool);

fn compare(old: &Dataset, new: &Dataset, add: Add<'_>) {
    if old.upstream != new.upstream {
        // The same labels now stand on other data.
        let what = What::Upstream(old.upstream.clone(), new.upstream.clone());
        add(None, what, true);
    }
    let text = |id: &Option<_>| id.as_ref().map(ToString::to_string);
    if old.store != new.store {
        add(None, What::Store(text(&old.store), text(&new.store)), true);
    }
    if old.owner != new.owner {
        // The owner is among those who approve.
        let name = |owner: &Option<model::PersonId>| owner.as_ref().map(ToString::to_string);
        add(None, What::Owner(name(&old.owner), name(&new.owner)), true);
    }
    if old.subjects != new.subjects {
        let loosens = !subjects_hold(&old.subjects, &new.subjects);
        add(
            None,
            What::Subjects(old.subjects.clone(), new.subjects.clone()),
            loosens,
        );
    }
    if old.observe != new.observe {
        let loosens = !observe_holds(old.observe, new.observe);
        add(None, What::Observe(old.observe, new.observe), loosens);
    }
    for before in &old.fields {
        match new.field(&before.name) {
            Some(after) => compare_fields(before, after, add),
            None => add(Some(&before.name), What::FieldRemoved, false),
        }
    }
    for after in &new.fields {
        if old.field(&after.name).is_none() {
            let what = What::FieldAdded(after.label);
            add(Some(&after.name), what, opens_something(after));
        }
    }
}

fn compare_fields(old: &Field, new: &Field, add: Add<'_>) {
    let mut add = |what: What, loosens: bool| add(Some(&new.name), what, loosens);
    if old.label != new.label {
        add(What::Level(old.label, new.label), new.level() < old.level());
    }
    if old.mask != new.mask {
        match (&old.mask, &new.mask) {
            // Another domain can be joined with other data than before.
            (Some(Mask::Pseudonym(old)), Some(Mask::Pseudonym(new))) => {
                add(What::Domain(old.clone(), new.clone()), true);
            }
            (before, after) => {
                let loosens = !mask_holds(before.as_ref(), after.as_ref());
                add(What::Mask(before.clone(), after.clone()), loosens);
            }
        }
    }
    if old.legal != new.legal {
        let gone: BTreeSet<_> = old.legal.difference(&new.legal).copied().collect();
        let more = new.legal.difference(&old.legal).copied().collect();
        let loosens = !gone.is_empty();
        add(What::Legal(gone, more), loosens);
    }
    if old.categories != new.categories {
        let gone: BTreeSet<_> = old
            .categories
            .difference(&new.categories)
            .cloned()
            .collect();
        let more = new
            .categories
            .difference(&old.categories)
            .cloned()
            .collect();
        // Policies name categories, mostly to forbid: losing one may lift a rule.
        let loosens = !gone.is_empty();
        add(What::Categories(gone, more), loosens);
    }
    if old.public_when != new.public_when {
        let loosens = new.public_when.is_some();
        add(
            What::PublicWhen(old.public_when.clone(), new.public_when.clone()),
            loosens,
        );
    }
    if old.type_name != new.type_name {
        add(
            What::Type(old.type_name.clone(), new.type_name.clone()),
            false,
        );
    }
    if old.primary_key != new.primary_key {
        add(What::PrimaryKey(new.primary_key), false);
    }
    let (gone, more) = (missing_from(old, new), missing_from(new, old));
    if !gone.is_empty() || !more.is_empty() {
        // A reference to people that is gone no longer makes a row count as home.
        let loosens = !gone.is_empty();
        add(What::References(gone, more), loosens);
    }
}

fn missing_from(one: &Field, other: &Field) -> Vec<FieldReference> {
    let missing = one
        .references
        .iter()
        .filter(|reference| !other.references.contains(reference));
    missing.cloned().collect()
}

/// Whether every row still counts as at least as protected as before.
fn subjects_hold(old: &Subjects, new: &Subjects) -> bool {
    match (old, new) {
        (_, Subjects::Undeclared) | (Subjects::Nobody, _) => true,
        (Subjects::Undeclared | Subjects::Some(_), Subjects::Nobody)
        | (Subjects::Undeclared, Subjects::Some(_)) => false,
        // More subjects and more evidence only ever make more rows home.
        (Subjects::Some(old), Subjects::Some(new)) => old.iter().all(|before| {
            new.iter().any(|after| match (&before.path, &after.path) {
                (SubjectPath::Own(less), SubjectPath::Own(more)) => {
                    before.key == after.key
                        && less
                            .evidence
                            .iter()
                            .all(|signal| more.evidence.contains(signal))
                }
                (SubjectPath::Through(_), SubjectPath::Through(_)) => before == after,
                (SubjectPath::Own(_), SubjectPath::Through(_))
                | (SubjectPath::Through(_), SubjectPath::Own(_)) => false,
            })
        }),
    }
}

/// Whether observing lasts no longer than before.
fn observe_holds(old: Option<Observe>, new: Option<Observe>) -> bool {
    match (old, new) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(old), Some(new)) => old.from <= new.from && new.until <= old.until,
    }
}

/// Whether the new mask certainly shows no more than the old one.
fn mask_holds(old: Option<&Mask>, new: Option<&Mask>) -> bool {
    let (Some(old), new) = (old, new) else {
        return new.is_none();
    };
    match (old, new) {
        // Without a mask a field is hidden from whoever may not see it in clear; null and a
        // constant say nothing of the value.
        (_, None | Some(Mask::Null | Mask::Constant(_))) => true,
        (
            Mask::Partial { first, last },
            Some(Mask::Partial {
                first: new_first,
                last: new_last,
            }),
        ) => new_first <= first && new_last <= last,
        (Mask::Truncate(old), Some(Mask::Truncate(new))) => match (old, new) {
            (Precision::Decimals(old), Precision::Decimals(new)) => new <= old,
            (Precision::Decimals(_), _) | (_, Precision::Decimals(_)) => false,
            // Years come first: the smaller one is the coarser one.
            (old, new) => new <= old,
        },
        // Only the bounds of wider intervals that are made of the old ones say no more.
        (Mask::Bucket(old), Some(Mask::Bucket(new))) => new.checked_rem(*old) == Some(0),
        _ => false,
    }
}
