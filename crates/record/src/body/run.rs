//! The life of a log's writer: start, stop, heartbeat.

use crate::fixed::Digest;
use crate::kind::kind;
use crate::name::{Line, LogName, vocabulary};
use crate::value::table;

kind! {
    /// A writer of this log began. The first entry of every log.
    Start = 1 "start" Every {
        /// The name (C2SP origin) of the log this entry stands in, so that it cannot be moved to
        /// another.
        0 log: LogName,
        /// The build of the program that writes; replay needs the same one.
        1 build: Line,
        /// Whether the writer before it stopped as asked; true in the first entry.
        2 clean: bool,
        /// The log that this one follows, because that one lost its state.
        3 continues: Option<Continued>,
    }
    commits {
        /// the host and its configuration, as far as the operator wants it known
        1 HOST "host" Method optional,
    }
}

table! {
    /// An earlier log, as far as it is known.
    Continued {
        /// Its name.
        0 log: LogName,
        /// Its size at the end of what is known.
        1 size: u64,
        /// Its root hash at that size; absent when it is not known.
        2 root: Option<Digest>,
    }
}

kind! {
    /// A writer of this log ended.
    Stop = 2 "stop" Every {
        /// Why.
        0 reason: StopReason,
    }
    commits {
        /// what the operating system said
        1 DETAIL "detail" Method optional,
    }
}

vocabulary! {
    /// Why a writer ended.
    StopReason "reason to stop" {
        /// Somebody asked it to.
        Asked = "asked",
        /// No space was left on the device.
        DiskFull = "disk_full",
        /// The device refused to keep what it was given.
        SyncFailed = "sync_failed",
        /// What was read back is not what was written.
        Mismatch = "mismatch",
        /// Anything else.
        Failed = "failed",
    }
}

kind! {
    /// The writer is alive and has nothing else to say.
    Heartbeat = 3 "heartbeat" Every {
        /// Sessions that are open.
        0 open_sessions: u64,
        /// Decisions without an outcome so far.
        1 open_decisions: u64,
        /// The size of this log that witnesses have cosigned.
        2 witnessed_size: u64,
        /// The hash of the fold over all entries before this one.
        3 state: Option<Digest>,
    }
    commits {}
}
