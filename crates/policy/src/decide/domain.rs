//! A pseudonym domain is clear or pseudonymised as a whole, for one person and purpose.
//!
//! Otherwise a clear sender beside a masked recipient links a key to its pseudonym. It is clear
//! only where all of its fields are clear in all rows of all its relations; what is hidden counts
//! as not clear, so that adding a `forbid` can never clear a domain (docs/decisions/0006). A grant
//! for a subject set never clears it.

use std::collections::BTreeSet;

use model::{Dataset, DomainId, FieldName, Mask, Verdict};

use super::decision::Because;
use super::draft::Draft;

/// The domain of a field, if it has one.
pub(super) fn domain_of(dataset: &Dataset, name: &FieldName) -> Option<DomainId> {
    dataset
        .field(name)?
        .mask
        .as_ref()
        .and_then(Mask::domain)
        .cloned()
}

/// The domains that a draft does not show in clear throughout.
pub(super) fn masked_domains(dataset: &Dataset, draft: &Draft) -> BTreeSet<DomainId> {
    draft
        .cells
        .iter()
        .filter(|(_, cells)| cells.values().any(|cell| cell.verdict != Verdict::Clear))
        .filter_map(|(name, _)| domain_of(dataset, name))
        .collect()
}

/// Masks what is clear in masked domains, and takes subject sets out of all domains.
pub(super) fn mask_whole(dataset: &Dataset, draft: &mut Draft, masked: &BTreeSet<DomainId>) {
    for (name, cells) in &mut draft.cells {
        let Some(domain) = domain_of(dataset, name) else {
            continue;
        };
        for (class, cell) in cells {
            cell.clear_for.clear();
            if cell.verdict == Verdict::Clear && masked.contains(&domain) {
                let limit = draft.limits.get(&(name.clone(), class.clone()));
                let may_mask = limit.is_some_and(|limit| limit.may_mask);
                cell.verdict = if may_mask {
                    Verdict::Masked
                } else {
                    Verdict::Hidden
                };
                cell.because = Because::Domain(domain.clone());
                cell.grant = None;
            }
        }
    }
}
