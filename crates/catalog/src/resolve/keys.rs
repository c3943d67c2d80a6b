//! Which columns of a parent a child's key names.

use model::{Dataset, Diagnostic, Field, FieldName, Subject, SubjectPath, Subjects};

use super::Drafts;
use crate::block::{PathBlock, SubjectsBlock};
use crate::entry::{Faults, Place};

/// The columns of `parent` that the key of `subject` (of `child`) is equal to, in the key's order.
///
/// The references of the key's columns decide; without them the parent's primary key, then the key
/// of the parent's own subject, if it has as many columns. `None` when nothing tells. The caller
/// still has to know that the columns are unique in the parent.
pub fn parent_key(child: &Dataset, subject: &Subject, parent: &Dataset) -> Option<Vec<FieldName>> {
    let by_reference: Option<Vec<FieldName>> = subject
        .key
        .iter()
        .map(|name| referred(child.field(name)?, parent))
        .collect();
    let primary: Vec<FieldName> = parent
        .fields
        .iter()
        .filter(|field| field.primary_key)
        .map(|field| field.name.clone())
        .collect();
    let own = match &parent.subjects {
        Subjects::Some(subjects) => subjects.iter().find(|own| {
            matches!(own.path, SubjectPath::Own(_)) && own.key.len() == subject.key.len()
        }),
        Subjects::Undeclared | Subjects::Nobody => None,
    };
    by_reference
        .or_else(|| (primary.len() == subject.key.len()).then_some(primary))
        .or_else(|| own.map(|own| own.key.clone()))
}

/// The only field of the parent that a field refers to.
fn referred(field: &Field, parent: &Dataset) -> Option<FieldName> {
    let mut targets = field
        .references
        .iter()
        .filter(|target| target.dataset == parent.id);
    match (targets.next(), targets.next()) {
        (Some(target), None) => parent.field(&target.field).map(|field| field.name.clone()),
        _ => None,
    }
}

/// Every `through` must say what it joins on. Types that differ are warned of: the store has the
/// last word on them.
pub(super) fn check(drafts: &Drafts, faults: &mut Faults) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for draft in drafts.values() {
        let (Subjects::Some(subjects), SubjectsBlock::Some(blocks)) =
            (&draft.dataset.subjects, &draft.subjects)
        else {
            continue;
        };
        // INVARIANT: no subject was refused, so the two lists match one to one.
        for (subject, block) in subjects.iter().zip(blocks) {
            let SubjectPath::Through(parent) = &subject.path else {
                continue;
            };
            let PathBlock::Through(_, place) = &block.path else {
                continue;
            };
            if let Some(parent) = drafts.get(parent) {
                let child = &draft.dataset;
                warnings.extend(check_one(child, subject, &parent.dataset, place, faults));
            }
        }
    }
    warnings
}

fn check_one(
    child: &Dataset,
    subject: &Subject,
    parent: &Dataset,
    place: &Place,
    faults: &mut Faults,
) -> Vec<Diagnostic> {
    let Some(columns) = parent_key(child, subject, parent) else {
        // An undeclared parent that marks no primary key is a gap already; nothing is looked up.
        if parent.subjects != Subjects::Undeclared {
            let cause = format!(
                "nothing says which columns of `{}` this key of {} names",
                parent.id,
                counted(subject.key.len())
            );
            let remedy = "mark the parent's key with `fides_meta: { primary_key: true }`, or give \
                each column of the key a reference";
            faults.push(place.error(cause, remedy));
        }
        return Vec::new();
    };
    let pairs = subject.key.iter().zip(&columns);
    let differing = pairs.filter_map(|(own, theirs)| {
        let (left, right) = (child.field(own)?.family?, parent.field(theirs)?.family?);
        (left != right).then(|| {
            let cause = format!(
                "`{own}` is {left}, but `{theirs}` of `{}` is {right}",
                parent.id
            );
            place
                .error(cause, "write the type that the store has on both")
                .as_warning()
        })
    });
    differing.collect()
}

fn counted(columns: usize) -> String {
    if columns == 1 {
        "1 column".into()
    } else {
        format!("{columns} columns")
    }
}
