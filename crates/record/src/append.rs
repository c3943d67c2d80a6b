//! The one thing that all other crates want of a ledger: append, and a receipt when it is durable.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use model::Refusal;

use crate::draft::Draft;
use crate::fixed::Digest;
use crate::name::LogName;

/// Appends entries to one log.
pub trait Append: Send + Sync {
    /// Queues the draft at once, in the order of the calls, and answers when it is durable.
    ///
    /// What was called first stands first, so numbers without gaps are given and appended under one
    /// lock. Dropping the answer takes nothing back: the entry may be appended all the same.
    fn append(&self, draft: Draft) -> Appending<'_>;
}

/// The answer to an append.
///
/// An error says that nobody may rely on the entry, not that it is absent: a log that failed while
/// it was written may hold it after all (`Stopped`).
pub type Appending<'a> = Pin<Box<dyn Future<Output = Result<Durable, AppendError>> + Send + 'a>>;

/// The receipt of one durable entry: a proof, so it is neither copied nor made elsewhere.
///
/// Source: design.md, section 4: `Running` and `Durable` make `Releasing`, the only type that can
/// forward a row.
pub struct Durable {
    log: LogName,
    index: u64,
    leaf: Digest,
}

impl Durable {
    /// Says that the entry with this leaf hash is durable at this index of this log.
    ///
    /// Only crate `ledger` calls this, after `fdatasync` has returned for the entry and its
    /// payloads; `xtask tidy` enforces it.
    pub const fn after_sync(log: LogName, index: u64, leaf: Digest) -> Self {
        Self { log, index, leaf }
    }

    /// The log.
    pub const fn log(&self) -> &LogName {
        &self.log
    }

    /// The index in the log, from 0.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The leaf hash of the entry.
    pub const fn leaf(&self) -> &Digest {
        &self.leaf
    }
}

impl fmt::Debug for Durable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Durable({} {} {})", self.log, self.index, self.leaf)
    }
}

/// Why an entry is not known to be durable. In each case what it was to allow does not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// Too many wait already. The entry is not in the log.
    #[error("too many entries wait to be written; try again, or find out what slows the disk")]
    QueueFull,
    /// It waited too long and was taken out of the queue. The entry is not in the log.
    #[error("the entry waited too long to be written; try again, or find out what slows the disk")]
    Deadline,
    /// The log stopped after a failure. Whether the entry is in it is known after it is opened
    /// again.
    #[error(
        "the log has stopped after a failure; the operator must open it again, which verifies it"
    )]
    Stopped,
    /// No space is left. The entry is not in the log.
    #[error("no space is left for the log; make room on its device, then open it again")]
    DiskFull,
    /// The log cannot be written. The entry is not in it.
    #[error("the log's device is read-only; mount it for writing, then open the log again")]
    ReadOnly,
    /// The entry says more than one can.
    #[error("the entry is larger than an entry may be; say less in one entry")]
    TooLarge,
    /// The entry does not follow from the log, which its writer had to check.
    #[error("the entry does not follow from what the log says already; read the log and try again")]
    NotNext,
}

impl AppendError {
    /// What the person is told whose statement or request waited for the entry.
    pub const fn refusal(self) -> Refusal {
        match self {
            Self::QueueFull | Self::Deadline | Self::NotNext => Refusal::RecordBusy,
            Self::Stopped | Self::DiskFull | Self::ReadOnly => Refusal::RecordStopped,
            Self::TooLarge => Refusal::RecordTooLarge,
        }
    }
}
