//! What has happened since the gateway began, in numbers. They say nothing about anybody.

use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers that sessions raise without waiting for each other.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) sessions: Counter,
    pub(crate) turned_away: Counter,
    pub(crate) decided: Counter,
    pub(crate) refused: Counter,
    pub(crate) ungoverned: Counter,
    pub(crate) rows: Counter,
    pub(crate) bytes: Counter,
}

/// One number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, number: u64) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The numbers at one moment, each since the gateway began. Taken one after the other, so that one may
/// be ahead of another by what happens meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sessions that are open now.
    pub sessions_open: u64,
    /// Sessions that were let in.
    pub sessions: u64,
    /// Connections that were not.
    pub turned_away: u64,
    /// Statements over governed data that were decided.
    pub decided: u64,
    /// Statements that were refused.
    pub refused: u64,
    /// Statements that touched nothing governed.
    pub ungoverned: u64,
    /// Rows of governed data that left, of statements that have ended.
    pub rows: u64,
    /// The same in bytes.
    pub bytes: u64,
}

impl Counters {
    pub(crate) fn now(&self, sessions_open: u64) -> Counts {
        Counts {
            sessions_open,
            sessions: self.sessions.now(),
            turned_away: self.turned_away.now(),
            decided: self.decided.now(),
            refused: self.refused.now(),
            ungoverned: self.ungoverned.now(),
            rows: self.rows.now(),
            bytes: self.bytes.now(),
        }
    }
}
