//! What may go wrong with a log, and whose move it is then.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use record::Class;

/// Why the ledger did not do what it was asked. It can be cloned because one cause fails every
/// waiter of a commit.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The operating system refused something.
    #[error("cannot {doing} `{}`: look at the disk, then open the log again", .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// There is no space left. Nothing of the commit was kept.
    #[error("no space left for `{}`: free some, then open the log again", .path.display())]
    DiskFull {
        /// What was to be written.
        path: PathBuf,
    },
    /// The file system no longer takes writes.
    #[error("`{}` is on a read-only file system: mount it writable, then open the log again", .path.display())]
    ReadOnly {
        /// What was to be written.
        path: PathBuf,
    },
    /// A file of the log was removed or replaced while the log was open.
    #[error("`{}` was removed or replaced while the log was open: put it back, or open a new epoch", .path.display())]
    Vanished {
        /// The file.
        path: PathBuf,
    },
    /// Another process holds the log.
    #[error("`{}` is locked: another process has this log open, stop it first", .path.display())]
    Locked {
        /// The lock.
        path: PathBuf,
    },
    /// A file does not say what it must.
    #[error("`{}` is damaged at byte {offset}: {cause}; {remedy}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in it.
        offset: u64,
        /// What is wrong.
        cause: String,
        /// What to do.
        remedy: &'static str,
    },
    /// What is on disk contradicts what was signed. The log must not go on.
    #[error("the log `{origin}` contradicts itself: {cause}; keep its files, and open a new epoch")]
    Contradiction {
        /// The log.
        origin: String,
        /// How.
        cause: String,
    },
    /// The log stopped earlier; the outcome of what was in flight is not known until it is opened
    /// again.
    #[error("the log is stopped: {cause}; open it again, which verifies it")]
    Stopped {
        /// What stopped it.
        cause: String,
    },
    /// The log was closed by its owner.
    #[error("the log is closed: open it again")]
    Closed,
    /// Too many wait already. Nothing was written.
    #[error("{waiting} entries wait to be written: try again later")]
    QueueFull {
        /// How many.
        waiting: usize,
    },
    /// The entry waited too long. Nothing was written.
    #[error("the entry waited {waited_ms} ms to be written and was withdrawn: try again later")]
    Late {
        /// How long.
        waited_ms: u64,
    },
    /// The entry is being written and its outcome is not known in time; it may become durable.
    #[error(
        "the disk has not answered for {waited_ms} ms: whether the entry is durable is unknown"
    )]
    Unanswered {
        /// How long.
        waited_ms: u64,
    },
    /// An entry or a payload is larger than the formats allow.
    #[error("{what} has {bytes} bytes and may have {bytes_max}: make it smaller")]
    TooLarge {
        /// What.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// The fold does not accept the entry.
    #[error("the entry is refused: {reason}")]
    Refused {
        /// Why, in the fold's words.
        reason: String,
    },
    /// The name cannot be a log's.
    #[error("`{name}` cannot name a log: {cause}")]
    BadName {
        /// The name.
        name: String,
        /// Why not.
        cause: &'static str,
    },
    /// The payload's retention class may not be erased.
    #[error(
        "field {field} of entry {index} is locked for its retention class `{class}`: it cannot be erased"
    )]
    LockedClass {
        /// The entry.
        index: u64,
        /// The field.
        field: u16,
        /// The class.
        class: Class,
    },
    /// The key's retention class may not be erased.
    #[error("the retention class `{class}` is locked: its keys cannot be destroyed")]
    LockedKey {
        /// The class.
        class: Class,
    },
    /// The erasure's own entry is not witnessed yet.
    #[error("the erasure's entry {entry} is not witnessed yet: wait for a witness, then erase")]
    NotWitnessed {
        /// The entry.
        entry: u64,
    },
    /// There is no such entry.
    #[error("there is no entry {index}: the log has {size}")]
    NoEntry {
        /// What was asked.
        index: u64,
        /// The log's size.
        size: u64,
    },
    /// A payload cannot be encrypted or its key not unwrapped.
    #[error("the payload key does not fit `{}`: give the deployment's payload key", .path.display())]
    WrongKey {
        /// The key table.
        path: PathBuf,
    },
    /// The system gave no random numbers.
    #[error("the system gave no random numbers: look at the host, then open the log again")]
    NoRandomness,
    /// A key's file cannot be used.
    #[error("`{}` {cause}: {remedy}", .path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// The log is no evaluation and nobody witnesses it.
    #[error("the log `{log}` has no witness: name one, or begin an evaluation, which stays one")]
    NoWitness {
        /// The log.
        log: String,
    },
    /// What is durable was not published in time.
    #[error("the log `{log}` is not published after {waited_ms} ms: look at its device")]
    Unpublished {
        /// The log.
        log: String,
        /// How long.
        waited_ms: u64,
    },
    /// The entry does not commit to what is to be erased.
    #[error(
        "entry {index} commits to nothing in field {field}: look the entry up, then order again"
    )]
    NotCommitted {
        /// The entry.
        index: u64,
        /// The field.
        field: u16,
    },
    /// The order to erase says another kind than the entry has.
    #[error(
        "entry {index} is of kind `{is}`, the order to erase says {claimed}: nothing is destroyed, order again"
    )]
    OtherKind {
        /// The entry.
        index: u64,
        /// Its kind.
        is: &'static str,
        /// The number of the kind that the order says.
        claimed: u64,
    },
    /// Proof, tile or note code of `merkle` refused.
    #[error("the tree's files are not usable: {cause}")]
    Tree {
        /// In its words.
        cause: String,
    },
}

impl LedgerError {
    /// For `map_err` where the file system is asked.
    pub(crate) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| {
            use io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
            let kind = source.kind();
            if [StorageFull, QuotaExceeded, FileTooLarge].contains(&kind) {
                return Self::DiskFull { path };
            }
            if kind == ReadOnlyFilesystem {
                return Self::ReadOnly { path };
            }
            Self::Io {
                doing,
                path,
                source: Arc::new(source),
            }
        }
    }

    /// For `map_err` after a sync: whatever the cause, what was written may be lost, so that a full
    /// disk is no exception here.
    pub(crate) fn sync(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            doing: "sync",
            path,
            source: Arc::new(source),
        }
    }

    /// For `map_err` where `merkle` is asked.
    pub(crate) fn tree(error: merkle::Error) -> Self {
        Self::Tree {
            cause: error.to_string(),
        }
    }

    /// Whether a file was not there.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    pub(crate) fn damaged(
        path: &Path,
        offset: u64,
        cause: impl Into<String>,
        remedy: &'static str,
    ) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            offset,
            cause: cause.into(),
            remedy,
        }
    }
}

/// What to do about a damaged journal.
pub(crate) const RESTORE: &str = "restore the file from a copy, or open a new epoch";
