//! `dataset` and `collection.field` of a Fides reference, where either may hold dots, become the
//! column they mean.

use std::collections::BTreeSet;

use model::{DatasetId, Diagnostic, FieldName, FieldReference};

use super::Drafts;
use crate::fides::Reference;

/// What a reference leads to.
enum Target {
    Found(FieldReference),
    /// The other manifest is loaded and has no such field.
    Missing,
    /// The other manifest is not loaded, so the last dot is taken for the one before the field.
    Elsewhere(Option<FieldReference>),
}

/// Sets the references of every field; those that lead nowhere are warned of.
pub(super) fn resolve(drafts: &mut Drafts) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let mut found: Vec<(DatasetId, FieldName, FieldReference)> = Vec::new();
    let loaded: BTreeSet<String> = drafts.keys().map(|id| id.manifest().to_owned()).collect();
    for (id, draft) in drafts.iter() {
        for (field, reference) in &draft.references {
            match look_up(drafts, &loaded, reference) {
                Target::Found(target) | Target::Elsewhere(Some(target)) => {
                    found.push((id.clone(), field.clone(), target));
                }
                Target::Elsewhere(None) => warnings.push(nowhere(reference)),
                Target::Missing => warnings.push(nowhere(reference)),
            }
        }
    }
    for (id, name, target) in found {
        let draft = drafts.get_mut(&id);
        let field =
            draft.and_then(|draft| draft.dataset.fields.iter_mut().find(|f| f.name == name));
        if let Some(field) = field
            && !field.references.contains(&target)
        {
            field.references.push(target);
        }
    }
    warnings
}

fn nowhere(reference: &Reference) -> Diagnostic {
    let written = reference.field.escape_debug();
    let cause = format!(
        "`{}` has no field `{written}` to refer to",
        reference.dataset
    );
    let remedy = "write `collection.field` as the other dataset spells them";
    reference.place.error(cause, remedy).as_warning()
}

fn look_up(drafts: &Drafts, loaded: &BTreeSet<String>, reference: &Reference) -> Target {
    // The longest collection wins: `public.users.id` means the field of `public.users`.
    let dots = reference.field.rmatch_indices('.').map(|(at, _)| at);
    for at in dots.clone() {
        let Some((id, rest)) = split(reference, at) else {
            continue;
        };
        let Some(draft) = drafts.get(&id) else {
            continue;
        };
        // A field nested in a column is found by the column's name.
        let names = std::iter::successors(Some(rest), |name| {
            name.rsplit_once('.').map(|(column, _)| column)
        });
        for name in names {
            if let Ok(field) = FieldName::new(name)
                && draft.dataset.field(&field).is_some()
            {
                return Target::Found(FieldReference { dataset: id, field });
            }
        }
    }
    if loaded.contains(&reference.dataset) {
        return Target::Missing;
    }
    let last = dots.into_iter().next().and_then(|at| split(reference, at));
    Target::Elsewhere(last.and_then(|(dataset, name)| {
        let field = FieldName::new(name).ok()?;
        Some(FieldReference { dataset, field })
    }))
}

fn split(reference: &Reference, at: usize) -> Option<(DatasetId, &str)> {
    let collection = reference.field.get(..at)?;
    let rest = reference.field.get(at + 1..)?;
    let id = DatasetId::new(&format!("{}/{collection}", reference.dataset)).ok()?;
    Some((id, rest))
}
