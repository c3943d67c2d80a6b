//! The control log's book of access logs: opened, anchored, closed or lost.

use crate::fixed::Digest;
use crate::kind::kind;
use crate::name::{Line, LogName};

kind! {
    /// An access log begins. A name is used once.
    LogOpen = 64 "log-open" Control {
        /// Its name (C2SP origin).
        0 log: LogName,
        /// The key its checkpoints are signed with (C2SP vkey).
        1 key: Line,
        /// The lost log that it takes the place of.
        2 replaces: Option<LogName>,
    }
    commits {}
}

kind! {
    /// How far an access log has come: what it cannot take back.
    Anchor = 65 "log-anchor" Control {
        /// The log.
        0 log: LogName,
        /// Its size.
        1 size: u64,
        /// Its root hash at that size.
        2 root: Digest,
        /// SHA-256 of the checkpoint as the log alone signed it, without cosignatures.
        3 checkpoint: Digest,
        /// The size that witnesses have cosigned; at most `size`.
        4 witnessed_size: u64,
    }
    commits {}
}

kind! {
    /// An access log ended well; nothing may be appended to it.
    LogClose = 66 "log-close" Control {
        /// The log.
        0 log: LogName,
        /// Its last size.
        1 size: u64,
        /// Its last root hash.
        2 root: Digest,
        /// SHA-256 of its last checkpoint as the log alone signed it, without cosignatures.
        3 checkpoint: Digest,
    }
    commits {}
}

kind! {
    /// An access log lost its state. What came after the last witnessed size is unknown: a gap.
    LogLost = 67 "log-lost" Control {
        /// The log.
        0 log: LogName,
        /// The last size that a witness cosigned.
        1 witnessed_size: u64,
    }
    commits {
        /// what happened
        1 ACCOUNT "account" Method required,
    }
}
