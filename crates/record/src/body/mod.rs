//! What each kind of entry says openly, and what it commits to: one file for each part of life.

mod activation;
mod emergency;
mod endorsed;
mod erasure;
mod log;
mod request;
mod run;
mod session;
mod statement;

pub use activation::{Catalogue, Constitution, LabelChange, People, Policy};
pub use emergency::{BreakGlass, BreakGlassReview};
pub use endorsed::{Endorsed, Endorsement};
pub use erasure::Erasure;
pub use log::{Anchor, LogClose, LogLost, LogOpen};
pub use request::{
    Approval, Denial, Dismissal, Exemption, Factor, GrantEntry, RequestEntry, Revocation, Scope,
};
pub use run::{Continued, Heartbeat, Start, Stop, StopReason};
pub use session::{
    AskerKind, CountryEvidence, Proof, SessionEnd, SessionEnding, SessionStart, Strength,
};
pub use statement::{
    Cells, Decision, End, Outcome, RefusalEntry, Reservation, SchemaSeen, Shown, Shows, Ungoverned,
    Verb,
};
