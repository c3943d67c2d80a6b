//! Governed writes, from their execution to the end of their transaction: only that tells whether they
//! changed anything.

use record::End;

use super::Session;
use crate::record::Opened;

/// A write that was carried out in a transaction that has not ended.
pub(super) struct Written {
    pub(super) opened: Opened,
    pub(super) rows: Option<u64>,
}

/// How a transaction ended.
pub(super) enum Fate {
    /// What it wrote is there.
    Committed,
    /// What it wrote is not there: it was rolled back as the client asked.
    Undone,
    /// It failed when it was to be made permanent.
    Failed(String),
    /// The link was lost: nobody can say.
    Unknown,
}

impl Session {
    /// Records what became of all writes of a transaction.
    pub(super) fn settle_writes(&mut self, fate: &Fate) {
        for written in self.writes.drain(..) {
            let Written { opened, rows } = written;
            match fate {
                Fate::Committed => opened.end(End::Complete, None, rows),
                Fate::Undone => opened.end(End::Complete, None, Some(0)),
                Fate::Failed(sqlstate) => {
                    opened.end(End::Failed, Some(sqlstate.clone()), Some(0));
                }
                Fate::Unknown => opened.end(End::Unknown, None, None),
            }
        }
    }

    /// Records that all writes but the first ones were undone, by going back to a savepoint.
    pub(super) fn undo_writes(&mut self, kept: usize) {
        let kept = kept.min(self.writes.len());
        for written in self.writes.drain(kept..) {
            written.opened.end(End::Complete, None, Some(0));
        }
    }
}
