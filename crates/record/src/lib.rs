//! What the ledger's entries say: kinds, canonical bytes, commitments, retention classes, and the
//! folds that turn a log into a state.
//!
//! The format is written down in `docs/ledger-format.md`, byte by byte. This crate never reads a
//! file, a clock or randomness, never verifies a signature, and knows no tree and no storage: time,
//! salts and indexes are arguments, entries are bytes. It keeps nobody's data in an entry.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod append;
mod body;
mod cbor;
mod class;
mod commitment;
mod draft;
mod entry;
mod fixed;
mod format;
mod kind;
mod malformed;
mod name;
mod shape;
mod state;
mod trail;
mod value;

pub use append::{Append, AppendError, Appending, Durable};
pub use body::{
    Anchor, Approval, AskerKind, BreakGlass, BreakGlassReview, Catalogue, Cells, Constitution,
    Continued, CountryEvidence, Decision, Denial, Dismissal, End, Endorsed, Endorsement, Erasure,
    Exemption, Factor, GrantEntry, Heartbeat, LabelChange, LogClose, LogLost, LogOpen, Outcome,
    People, Policy, Proof, RefusalEntry, RequestEntry, Reservation, Revocation, SchemaSeen, Scope,
    SessionEnd, SessionEnding, SessionStart, Shown, Shows, Start, Stop, StopReason, Strength,
    Ungoverned, Verb,
};
pub use class::Class;
pub use commitment::{BadPayload, Commitments, Field, PAYLOAD_MAX, Payload, check, commit};
pub use draft::{BadDraft, Draft};
pub use entry::{Entry, Marks, SIZE_MAX, VERSION, leaf_hash};
pub use fixed::{Digest, IdempotencyKey, KeyId, Pseudonym, Salt};
pub use format::{describe, describe_states, retention_table};
pub use kind::{Body, Committed, KINDS, Kind, Place};
pub use malformed::{Cause, Malformed};
pub use name::{BadText, Line, LogName};
pub use shape::{Form, Key, Shape, Table};
pub use state::{
    Applied, Approved, EmergencyFacts, GrantFacts, LogFacts, LogStatus, Refused, RequestFacts,
    RequestStatus, State, Version,
};
pub use trail::{Irregular, Trail};
