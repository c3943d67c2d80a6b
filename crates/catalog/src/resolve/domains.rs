//! Pseudonyms of one domain must be of one type, and a foreign key must stay in its key's domain.

use std::collections::BTreeMap;

use model::{Dataset, Diagnostic, DomainId, Field, TypeFamily};

use super::Drafts;
use crate::entry::{Faults, Place};

/// Two domains on one relation are an error: joins would silently find nothing. A pseudonym beside
/// another mask, or beside a value shown as it is, is a warning: the joins break, but openly.
pub(super) fn check(drafts: &Drafts, faults: &mut Faults) -> Vec<Diagnostic> {
    check_types(drafts, faults);
    let mut warnings = Vec::new();
    for draft in drafts.values() {
        for field in &draft.dataset.fields {
            let Some(place) = draft.places.get(&field.name) else {
                continue;
            };
            for (target_dataset, target) in targets(drafts, field) {
                match (domain(field), domain(target)) {
                    (Some(ours), Some(theirs)) if ours != theirs => {
                        faults.push(two_domains(target_dataset, target, ours, theirs, place));
                    }
                    (Some(ours), None) if target.label.is_some() => {
                        let what = format!(
                            "the field is a pseudonym of `{ours}`, but `{}` of `{}` is not",
                            target.name, target_dataset.id
                        );
                        warnings.push(one_domain(what, place));
                    }
                    (None, Some(theirs)) if field.label.is_some() => {
                        let what = format!(
                            "`{}` of `{}` is a pseudonym of `{theirs}`, but the field is not",
                            target.name, target_dataset.id
                        );
                        warnings.push(one_domain(what, place));
                    }
                    _ => {}
                }
            }
        }
    }
    warnings
}

fn domain(field: &Field) -> Option<&DomainId> {
    field.mask.as_ref().and_then(|mask| mask.domain())
}

/// The fields that a field refers to, as far as they are loaded.
fn targets<'d>(
    drafts: &'d Drafts,
    field: &'d Field,
) -> impl Iterator<Item = (&'d Dataset, &'d Field)> {
    field.references.iter().filter_map(|reference| {
        let dataset = &drafts.get(&reference.dataset)?.dataset;
        Some((dataset, dataset.field(&reference.field)?))
    })
}

fn two_domains(
    target_dataset: &Dataset,
    target: &Field,
    ours: &DomainId,
    theirs: &DomainId,
    place: &Place,
) -> Diagnostic {
    let cause = format!(
        "the field is a pseudonym of `{ours}`, but refers to `{}` of `{}`, a pseudonym of `{theirs}`",
        target.name, target_dataset.id
    );
    place.error(cause, "put both into one domain, or joins find nothing")
}

fn one_domain(cause: String, place: &Place) -> Diagnostic {
    let remedy = "give both the same pseudonym mask, or joins on masked values find nothing";
    place.error(cause, remedy).as_warning()
}

fn check_types(drafts: &Drafts, faults: &mut Faults) {
    let mut first: BTreeMap<&DomainId, (TypeFamily, &Place)> = BTreeMap::new();
    for draft in drafts.values() {
        for field in &draft.dataset.fields {
            let (Some(domain), Some(family)) = (domain(field), field.family) else {
                continue;
            };
            let Some(place) = draft.places.get(&field.name) else {
                continue;
            };
            let (expected, there) = *first.entry(domain).or_insert((family, place));
            if expected != family {
                let cause = format!(
                    "the domain `{domain}` holds {expected} ({}), but this field is {family}",
                    there.short()
                );
                let remedy = "use another domain, or write the type that the store has on both";
                faults.push(place.error(cause, remedy));
            }
        }
    }
}
