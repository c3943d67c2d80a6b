//! How far a log is durable, published and witnessed, for everybody who waits for one of them.

use tokio::sync::watch;

use crate::error::LedgerError;

/// Three sizes and how the log stands. `witnessed <= published <= durable`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Entries that survive a power cut.
    pub durable: u64,
    /// Entries in a signed checkpoint with its tiles.
    pub published: u64,
    /// Entries in a checkpoint that enough witnesses cosigned.
    pub witnessed: u64,
    /// Since when an entry has been durable and not witnessed, in milliseconds since 1970; at most a
    /// publishing interval too early. None if all are witnessed.
    pub unwitnessed_since_ms: Option<u64>,
    /// Why the last attempt to publish failed, if it did. It is tried again.
    pub publish_trouble: Option<String>,
    /// Why the last round of witnesses did not reach the quorum, if it did not.
    pub witness_trouble: Option<String>,
    /// Whether the log takes entries.
    pub standing: Standing,
}

/// Whether a log takes entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Open,
    /// It does not: the disk is full, and that is its last entry.
    Full,
    /// It does not, and must be opened again.
    Stopped(String),
    /// It was closed.
    Closed,
}

impl Progress {
    /// How long the oldest entry that is not witnessed has waited for it.
    pub fn unwitnessed_ms(&self, now_ms: u64) -> u64 {
        let since = self.unwitnessed_since_ms;
        since.map_or(0, |since| now_ms.saturating_sub(since))
    }
}

/// Where progress is told.
#[derive(Clone, Debug)]
pub(crate) struct Board(watch::Sender<Progress>);

impl Board {
    pub(crate) fn new(durable: u64, published: u64, now_ms: u64) -> Self {
        Self(watch::Sender::new(Progress {
            durable,
            published,
            // What was witnessed is known once the witnesses' keys are.
            witnessed: 0,
            unwitnessed_since_ms: (durable > 0).then_some(now_ms),
            publish_trouble: None,
            witness_trouble: None,
            standing: Standing::Open,
        }))
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Progress> {
        self.0.subscribe()
    }

    pub(crate) fn now(&self) -> Progress {
        self.0.borrow().clone()
    }

    pub(crate) fn durable(&self, size: u64, now_ms: u64) {
        self.0.send_modify(|progress| {
            progress.durable = size;
            progress.unwitnessed_since_ms.get_or_insert(now_ms);
        });
    }

    pub(crate) fn published(&self, size: u64) {
        self.0.send_modify(|progress| {
            progress.published = size;
            progress.publish_trouble = None;
        });
    }

    pub(crate) fn publish_failed(&self, error: &LedgerError) {
        let text = error.to_string();
        self.0
            .send_modify(|progress| progress.publish_trouble = Some(text));
    }

    /// `asked_ms` is when the checkpoint was taken that is now witnessed.
    pub(crate) fn witnessed(&self, size: u64, asked_ms: u64) {
        self.0.send_modify(|progress| {
            progress.witnessed = progress.witnessed.max(size);
            progress.witness_trouble = None;
            let is_all = progress.witnessed >= progress.durable;
            progress.unwitnessed_since_ms = (!is_all).then_some(asked_ms);
        });
    }

    pub(crate) fn witness_failed(&self, trouble: String) {
        self.0
            .send_modify(|progress| progress.witness_trouble = Some(trouble));
    }

    /// The first reason to stop stays.
    pub(crate) fn stand(&self, standing: Standing) {
        self.0.send_if_modified(|progress| {
            let may = matches!(progress.standing, Standing::Open | Standing::Full);
            if may {
                progress.standing = standing;
            }
            may
        });
    }
}
