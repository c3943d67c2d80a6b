//! Whom each dataset is about, and that every path through other datasets ends somewhere.

use std::collections::{BTreeMap, BTreeSet};

use model::{DatasetId, Diagnostic, Residence, ResidencyEvidence, Subject, SubjectPath, Subjects};

use super::Drafts;
use crate::block::{PathBlock, SubjectBlock, SubjectsBlock};
use crate::draft::Draft;
use crate::entry::{Faults, Place};

/// A step through a parent and where it was written.
type Steps = BTreeMap<DatasetId, Vec<(DatasetId, Place)>>;

pub(super) fn resolve(drafts: &mut Drafts, faults: &mut Faults) {
    let mut found: Vec<(DatasetId, Subjects)> = Vec::new();
    let mut steps = Steps::new();
    for (id, draft) in drafts.iter() {
        let subjects = match &draft.subjects {
            SubjectsBlock::Undeclared => Subjects::Undeclared,
            SubjectsBlock::Nobody(place) => {
                faults.extend(about_somebody_after_all(draft, place));
                Subjects::Nobody
            }
            SubjectsBlock::Some(list) => {
                let subjects = list.iter().filter_map(|block| {
                    let subject = subject(drafts, draft, block, faults)?;
                    if let (SubjectPath::Through(parent), PathBlock::Through(_, place)) =
                        (&subject.path, &block.path)
                    {
                        let step = (parent.clone(), place.clone());
                        steps.entry(id.clone()).or_default().push(step);
                    }
                    Some(subject)
                });
                Subjects::Some(subjects.collect())
            }
        };
        found.push((id.clone(), subjects));
    }
    for (id, subjects) in found {
        if let Some(draft) = drafts.get_mut(&id) {
            draft.dataset.subjects = subjects;
        }
    }
    faults.extend(cycles(&steps));
}

/// `subjects: none` beside a field with a category of users.
fn about_somebody_after_all(draft: &Draft, place: &Place) -> Option<Diagnostic> {
    draft.dataset.fields.iter().find_map(|field| {
        let category = field.categories.iter().find(|one| one.is_within("user"))?;
        let cause = format!(
            "it is declared to be about nobody, but `{}` holds `{category}`",
            field.name
        );
        Some(place.error(
            cause,
            "say whom it is about, or correct the field's category",
        ))
    })
}

fn subject(
    drafts: &Drafts,
    draft: &Draft,
    block: &SubjectBlock,
    faults: &mut Faults,
) -> Option<Subject> {
    let before = faults.len();
    for (name, place) in &block.key {
        if draft.dataset.field(name).is_none() {
            faults.push(draft.unknown_column(name, place));
        }
    }
    let path = match &block.path {
        PathBlock::Own(signals) => {
            for (signal, place) in signals {
                if let ResidencyEvidence::Column(name) = signal
                    && draft.dataset.field(name).is_none()
                {
                    faults.push(draft.unknown_column(name, place));
                }
            }
            let evidence = signals.iter().map(|(signal, _)| signal.clone()).collect();
            Some(SubjectPath::Own(Residence { evidence }))
        }
        PathBlock::Through(text, place) => {
            parent(drafts, draft, text, place, faults).map(SubjectPath::Through)
        }
    };
    let key = block.key.iter().map(|(name, _)| name.clone()).collect();
    (faults.len() == before).then_some(Subject { key, path: path? })
}

/// A collection of the same manifest first, else `fides_key/collection`.
fn parent(
    drafts: &Drafts,
    draft: &Draft,
    text: &str,
    place: &Place,
    faults: &mut Faults,
) -> Option<DatasetId> {
    let own = DatasetId::new(&format!("{}/{text}", draft.dataset.id.manifest())).ok();
    let own = own.filter(|id| drafts.contains_key(id));
    let other = || {
        DatasetId::new(text)
            .ok()
            .filter(|id| drafts.contains_key(id))
    };
    let Some(id) = own.or_else(other) else {
        let known = || drafts.keys().map(DatasetId::as_str);
        let siblings = drafts
            .keys()
            .filter(|id| id.manifest() == draft.dataset.id.manifest())
            .map(DatasetId::collection);
        let near = document::nearest::dotted(text, siblings.chain(known()));
        let cause = format!("there is no collection `{}`", text.escape_debug());
        let remedy = match near {
            Some(near) => format!("write `{near}`"),
            None => {
                "name a collection of this dataset, or `fides_key/collection` of another".into()
            }
        };
        faults.push(place.error(cause, remedy));
        return None;
    };
    if let Some(SubjectsBlock::Nobody(there)) = drafts.get(&id).map(|parent| &parent.subjects) {
        let cause = format!(
            "residency cannot be found through `{id}`, which is about nobody ({})",
            there.short()
        );
        faults.push(place.error(
            cause,
            "declare the parent's subjects, or go through another",
        ));
    }
    Some(id)
}

/// Each circle once, with its whole path, at the step that closes it.
fn cycles(steps: &Steps) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut done: BTreeSet<DatasetId> = BTreeSet::new();
    for start in steps.keys() {
        // The path being walked: each dataset with how many of its steps were taken. A list of our
        // own instead of recursion, so that a chain of 10,000 datasets needs no stack.
        let mut path: Vec<(DatasetId, usize)> = Vec::new();
        if !done.contains(start) {
            path.push((start.clone(), 0));
        }
        while let Some((here, taken)) = path.last_mut() {
            let step = steps.get(here).and_then(|steps| steps.get(*taken));
            let Some((next, place)) = step else {
                done.insert(here.clone());
                path.pop();
                continue;
            };
            *taken += 1;
            if let Some(at) = path.iter().position(|(id, _)| id == next) {
                found.push(circle(path.iter().skip(at).map(|(id, _)| id), next, place));
            } else if !done.contains(next) {
                path.push((next.clone(), 0));
            }
        }
    }
    found
}

fn circle<'i>(
    path: impl Iterator<Item = &'i DatasetId>,
    next: &'i DatasetId,
    place: &Place,
) -> Diagnostic {
    let walked: Vec<&str> = path.chain([next]).map(DatasetId::as_str).collect();
    let cause = format!(
        "residency is looked for in a circle: {}",
        walked.join(" -> ")
    );
    place.error(cause, "let one of these datasets say the residency itself")
}
