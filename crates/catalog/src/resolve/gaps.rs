//! What the catalogue leaves open: each is treated as the strictest and listed in every report.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    DatasetId, Field, FieldName, FieldReference, Gap, GapKind, MaskKind, SubjectPath, Subjects,
};

use super::Drafts;
use crate::draft::Draft;

/// Keys that lead to people without being declared, for each dataset that has any.
pub(crate) type Undeclared = BTreeMap<DatasetId, BTreeSet<FieldName>>;

pub(crate) fn gaps(drafts: &Drafts) -> (Vec<Gap>, Undeclared) {
    let mut gaps = Vec::new();
    let mut undeclared = Undeclared::new();
    for (id, draft) in drafts {
        let fields = &draft.dataset.fields;
        gaps.extend(fields.iter().filter_map(|field| unlabelled(id, field)));
        gaps.extend(fields.iter().filter_map(|field| untyped(id, field)));
        gaps.extend(of_subjects(drafts, draft));
        for field in fields {
            if let Some(gap) = foreign_key(drafts, draft, field) {
                gaps.push(gap);
                undeclared
                    .entry(id.clone())
                    .or_default()
                    .insert(field.name.clone());
            }
        }
        gaps.extend(draft.dataset.observe.map(|observe| Gap {
            kind: GapKind::Observed,
            subject: id.to_string(),
            text: format!(
                "observed from {} until {}: what would be masked is recorded instead",
                observe.from, observe.until
            ),
        }));
    }
    gaps.sort();
    (gaps, undeclared)
}

fn gap(kind: GapKind, id: &DatasetId, field: &FieldName, text: impl Into<String>) -> Gap {
    Gap {
        kind,
        subject: format!("{id}.{field}"),
        text: text.into(),
    }
}

fn unlabelled(id: &DatasetId, field: &Field) -> Option<Gap> {
    let text = "nobody has given it a level: treated as restricted";
    let open = field.label.is_none();
    open.then(|| gap(GapKind::Unlabelled, id, &field.name, text))
}

fn untyped(id: &DatasetId, field: &Field) -> Option<Gap> {
    let mask = field
        .mask
        .as_ref()
        .filter(|mask| mask.kind() != MaskKind::Null)?;
    let text =
        format!("its type is not named, so nobody has checked that it can be masked ({mask})");
    field
        .family
        .is_none()
        .then(|| gap(GapKind::TypeUnknown, id, &field.name, text))
}

fn of_subjects(drafts: &Drafts, draft: &Draft) -> Vec<Gap> {
    let id = &draft.dataset.id;
    let open = |text: String| Gap {
        kind: GapKind::SubjectsUndeclared,
        subject: id.to_string(),
        text,
    };
    let subjects = match &draft.dataset.subjects {
        Subjects::Undeclared => {
            return vec![open(
                "it does not say whom it is about: every row counts as home".into(),
            )];
        }
        Subjects::Nobody => return Vec::new(),
        Subjects::Some(subjects) => subjects,
    };
    let through = subjects.iter().filter_map(|subject| {
        let SubjectPath::Through(parent) = &subject.path else {
            return None;
        };
        let undeclared = drafts
            .get(parent)
            .is_none_or(|parent| parent.dataset.subjects == Subjects::Undeclared);
        undeclared.then(|| {
            open(format!(
                "it is about the subjects of `{parent}`, which does not say whom it is about: \
                 every row counts as home"
            ))
        })
    });
    through.collect()
}

/// A foreign key to people that no declared subject covers. A dataset that declares nothing counts
/// as home anyway, which is a gap already.
fn foreign_key(drafts: &Drafts, draft: &Draft, field: &Field) -> Option<Gap> {
    if draft.dataset.subjects == Subjects::Undeclared {
        return None;
    }
    let ours = roots(drafts, &draft.dataset.id, &field.name);
    let kind = GapKind::SubjectUndeclared;
    field.references.iter().find_map(|target| {
        let Some(other) = drafts.get(&target.dataset) else {
            // Nobody can tell whether it is about people; a declared subject covers it.
            let text = format!(
                "it refers to `{}`, which is not in the catalogue and may be about people: every \
                 row counts as home",
                target.dataset
            );
            return ours
                .is_empty()
                .then(|| gap(kind, &draft.dataset.id, &field.name, text));
        };
        let about_people = matches!(other.dataset.subjects, Subjects::Some(_));
        let covered = reaches(drafts, target, &ours);
        (about_people && !covered).then(|| {
            let text = format!(
                "it refers to `{}`, which is about people, but is not declared as a subject: every \
                 row counts as home",
                target.dataset
            );
            gap(kind, &draft.dataset.id, &field.name, text)
        })
    })
}

/// Whether a declared subject leads to the target, or to where the target's own subjects lead.
fn reaches(drafts: &Drafts, target: &FieldReference, ours: &BTreeSet<DatasetId>) -> bool {
    let theirs = roots(drafts, &target.dataset, &target.field);
    ours.contains(&target.dataset) || !ours.is_disjoint(&theirs)
}

/// Every dataset on the way from the subjects that a column is a key of, itself included.
fn roots(drafts: &Drafts, id: &DatasetId, field: &FieldName) -> BTreeSet<DatasetId> {
    let mut found = BTreeSet::new();
    let subjects_of = |id: &DatasetId| match drafts.get(id).map(|draft| &draft.dataset.subjects) {
        Some(Subjects::Some(subjects)) => subjects.as_slice(),
        _ => &[],
    };
    let mut open: Vec<&DatasetId> = Vec::new();
    for subject in subjects_of(id)
        .iter()
        .filter(|subject| subject.key.contains(field))
    {
        match &subject.path {
            SubjectPath::Own(_) => {
                found.insert(id.clone());
            }
            SubjectPath::Through(parent) => open.push(parent),
        }
    }
    while let Some(next) = open.pop() {
        if found.insert(next.clone()) {
            open.extend(
                subjects_of(next)
                    .iter()
                    .filter_map(|subject| match &subject.path {
                        SubjectPath::Own(_) => None,
                        SubjectPath::Through(parent) => Some(parent),
                    }),
            );
        }
    }
    found
}
