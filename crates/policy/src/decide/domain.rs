//! A pseudonym domain is clear or pseudonymised as a whole, for one person and purpose.
//!
//! Source: design.md section 6: "if any visible residency masks it, it is masked everywhere; a
//! subject-set grant never clears it. (Otherwise a clear sender beside a masked recipient links a
//! key to its pseudonym.)"

use std::collections::BTreeSet;

use model::{Dataset, DomainId, FieldName, Mask, Rows, Verdict};

use super::decision::Because;
use super::shape::Draft;

/// The domain of a field, if it has one.
pub(super) fn domain_of(dataset: &Dataset, name: &FieldName) -> Option<DomainId> {
    dataset
        .field(name)?
        .mask
        .as_ref()
        .and_then(Mask::domain)
        .cloned()
}

/// The domains that a draft shows masked in rows that are seen.
pub(super) fn masked_domains(dataset: &Dataset, draft: &Draft) -> BTreeSet<DomainId> {
    let mut masked = BTreeSet::new();
    for (name, cells) in &draft.cells {
        let Some(domain) = domain_of(dataset, name) else {
            continue;
        };
        let seen = |class| {
            draft
                .rows
                .get(class)
                .is_some_and(|r| r.rows != Rows::Unseen)
        };
        if cells
            .iter()
            .any(|(class, cell)| cell.verdict == Verdict::Masked && seen(class))
        {
            masked.insert(domain);
        }
    }
    masked
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
