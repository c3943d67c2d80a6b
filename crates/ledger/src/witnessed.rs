//! Proof that an entry is witnessed, which erasing asks for.

use crate::open::Parts;

/// Shows that an entry of some log, and all before it, are witnessed; or that the log runs in
/// evaluation mode, where there are no witnesses.
///
/// It is made by a log alone. The caller erases with the proof of the log that holds the erasure's
/// entry, the control log.
#[derive(Debug)]
pub struct Witnessed {
    size: u64,
}

impl Witnessed {
    pub(crate) fn of(parts: &Parts, index: u64) -> Option<Self> {
        let progress = parts.board.now();
        let is_evaluation = parts.settings.witnesses_needed == 0;
        let size = if is_evaluation {
            progress.published
        } else {
            progress.witnessed
        };
        (parts.name.is_control() && index < size).then_some(Self { size })
    }

    pub(crate) fn covers(&self, index: u64) -> bool {
        index < self.size
    }
}
