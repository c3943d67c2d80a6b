//! What the fold remembers. It is encoded like an entry, so that its hash is the same everywhere.

use std::collections::BTreeMap;

use model::{DatasetId, FieldName, GrantId};

use crate::body::{Factor, RequestEntry, Scope};
use crate::fixed::{Digest, IdempotencyKey, KeyId, Pseudonym};
use crate::name::{Line, LogName, vocabulary};
use crate::value::{table, table_value};

table! {
    /// One version of something that is activated.
    Version {
        /// Its number.
        0 number: u64,
        /// Its hash.
        1 hash: Digest,
        /// The index of the entry that activated it.
        2 index: u64,
    }
}

vocabulary! {
    /// How a request stands. One that is pending past its time has expired.
    RequestStatus "status of a request" {
        /// Approvals are missing.
        Pending = "pending",
        /// All factors are met; a grant may follow.
        Approved = "approved",
        /// A grant rests on it.
        Granted = "granted",
        /// Somebody judged that it may not be.
        Denied = "denied",
        /// It was closed without being judged.
        Dismissed = "dismissed",
    }
    /// How an access log stands.
    LogStatus "status of a log" {
        /// It takes entries.
        Open = "open",
        /// It ended well.
        Closed = "closed",
        /// It lost its state.
        Lost = "lost",
    }
}

table! {
    /// An approval that counts.
    Approved {
        /// For which factor.
        0 factor: u64,
        /// Whose.
        1 person: Pseudonym,
        /// With which key.
        2 key: KeyId,
    }
}

table! {
    /// A request and what became of it.
    RequestFacts {
        /// What was asked.
        0 asked: RequestEntry,
        /// How it stands.
        1 status: RequestStatus,
        /// Who agreed so far.
        2 approvals: Vec<Approved>,
    }
}

impl RequestFacts {
    /// Whether the factor has as many approvals as it needs.
    pub(super) fn is_met(&self, number: usize, factor: &Factor) -> bool {
        let number = number as u64;
        let given = self.approvals.iter().filter(|given| given.factor == number);
        given.count() as u64 >= factor.needed
    }

    /// Whether all factors are met.
    pub(super) fn is_approved(&self) -> bool {
        let mut factors = self.asked.factors.iter().enumerate();
        !self.asked.factors.is_empty()
            && factors.all(|(number, factor)| self.is_met(number, factor))
    }
}

table! {
    /// A grant and whether it was revoked. Whether it is in force now is a question with a clock.
    GrantFacts {
        /// Its name.
        0 grant: GrantId,
        /// Whose it is.
        1 requester: Pseudonym,
        /// What it is about.
        2 scope: Vec<Scope>,
        /// When it begins, in unix milliseconds.
        3 start_ms: u64,
        /// When it ends, in unix milliseconds.
        4 expires_ms: u64,
        /// The index of the entry that revoked it.
        5 revoked_by: Option<u64>,
    }
}

impl GrantFacts {
    /// Whether it may be used at a moment, in unix milliseconds.
    pub const fn is_in_force(&self, now_ms: u64) -> bool {
        self.revoked_by.is_none() && self.start_ms <= now_ms && now_ms < self.expires_ms
    }
}

table! {
    /// An emergency.
    EmergencyFacts {
        /// For whom.
        0 requester: Pseudonym,
        /// The incident.
        1 incident: Line,
        /// What may be reached.
        2 scope: Vec<Scope>,
        /// When it ends, in unix milliseconds.
        3 expires_ms: u64,
        /// The index of the grant that rests on it.
        4 grant: Option<u64>,
        /// The index of the review.
        5 review: Option<u64>,
        /// Who declared it.
        6 declared_by: Vec<Pseudonym>,
    }
}

table! {
    /// An access log, as far as the control log knows it.
    LogFacts {
        /// The key of its checkpoints.
        0 key: Line,
        /// How it stands.
        1 status: LogStatus,
        /// The size of the last anchor, of the close, or at which it was lost.
        2 size: u64,
        /// The root hash at that size; absent before the first anchor and for a lost log.
        3 root: Option<Digest>,
        /// The size that witnesses have cosigned.
        4 witnessed_size: u64,
        /// The log that took its place.
        5 replaced_by: Option<LogName>,
    }
}

table! {
    /// Where an idempotency key was used, and for what.
    Used {
        /// The index of the entry.
        0 index: u64,
        /// The hash of what it says.
        1 content: Digest,
    }
}

/// By index of an entry and number of a field: the index of the order to destroy.
pub(super) type Erased = BTreeMap<u64, BTreeMap<u64, u64>>;

/// Everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) size: u64,
    pub(super) log: Option<LogName>,
    pub(super) evaluation: Option<bool>,
    pub(super) stopped: bool,
    pub(super) constitution: Option<Version>,
    pub(super) constitution_expires_ms: Option<u64>,
    pub(super) people: Option<Version>,
    pub(super) catalogue: Option<Version>,
    pub(super) policy: Option<Version>,
    pub(super) label_changes: BTreeMap<DatasetId, BTreeMap<FieldName, u64>>,
    pub(super) requests: BTreeMap<u64, RequestFacts>,
    pub(super) grants: BTreeMap<u64, GrantFacts>,
    pub(super) emergencies: BTreeMap<u64, EmergencyFacts>,
    pub(super) logs: BTreeMap<LogName, LogFacts>,
    pub(super) erased: BTreeMap<LogName, Erased>,
    pub(super) keys: BTreeMap<IdempotencyKey, Used>,
}

table_value! {
    /// The fold over the control log.
    Facts {
        /// How many entries were applied.
        0 size: u64,
        /// The name of the log.
        1 log: Option<LogName>,
        /// Whether it is an evaluation.
        2 evaluation: Option<bool>,
        /// Whether the writer has stopped.
        3 stopped: bool,
        /// The constitution in force.
        4 constitution: Option<Version>,
        /// Until when it holds.
        5 constitution_expires_ms: Option<u64>,
        /// The people register in force.
        6 people: Option<Version>,
        /// The catalogue in force.
        7 catalogue: Option<Version>,
        /// The policies in force.
        8 policy: Option<Version>,
        /// Label changes announced for the next catalogue, by index of their entry.
        9 label_changes: BTreeMap<DatasetId, BTreeMap<FieldName, u64>>,
        /// Requests by index.
        10 requests: BTreeMap<u64, RequestFacts>,
        /// Grants by index.
        11 grants: BTreeMap<u64, GrantFacts>,
        /// Emergencies by index.
        12 emergencies: BTreeMap<u64, EmergencyFacts>,
        /// Access logs.
        13 logs: BTreeMap<LogName, LogFacts>,
        /// Orders to destroy payloads.
        14 erased: BTreeMap<LogName, Erased>,
        /// Idempotency keys.
        15 keys: BTreeMap<IdempotencyKey, Used>,
    }
}
