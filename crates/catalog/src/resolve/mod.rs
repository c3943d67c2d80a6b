//! What only the whole catalogue can tell: where references lead, through whom residency is found,
//! which masks contradict each other, and what remains open.

mod domains;
mod gaps;
mod keys;
mod references;
mod subjects;

pub(crate) use gaps::gaps;
pub use keys::parent_key;

use std::collections::BTreeMap;

use model::{DatasetId, Diagnostic};

use crate::draft::Draft;
use crate::entry::Faults;

/// All datasets of all files.
pub(crate) type Drafts = BTreeMap<DatasetId, Draft>;

/// Looks up references and subjects in place, and returns the warnings.
pub(crate) fn resolve(drafts: &mut Drafts, faults: &mut Faults) -> Vec<Diagnostic> {
    let mut warnings = references::resolve(drafts);
    subjects::resolve(drafts, faults);
    // A subject that was refused would look like a second fault in those that go through it.
    if faults.is_empty() {
        warnings.extend(keys::check(drafts, faults));
    }
    warnings.extend(domains::check(drafts, faults));
    warnings
}
