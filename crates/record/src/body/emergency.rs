//! Break-glass: access in an emergency, and the look at it afterwards.

use super::{Endorsement, Scope};
use crate::fixed::{Digest, Pseudonym};
use crate::kind::kind;
use crate::name::Line;

kind! {
    /// People at home declared an emergency for one person. A grant rests on it.
    BreakGlass = 38 "break-glass" Control {
        /// For whom.
        0 requester: Pseudonym,
        /// The incident, as the tracker names it.
        1 incident: Line,
        /// What may be reached.
        2 scope: Vec<Scope>,
        /// When it ends, in unix milliseconds.
        3 expires_ms: u64,
        /// SHA-256 of the statement that was signed.
        4 statement: Digest,
        /// Who signed.
        5 by: Vec<Endorsement>,
    }
    commits {
        /// the ids in the people register
        1 PARTIES "parties" Party required,
        /// what happened
        2 JUSTIFICATION "justification" Purpose required,
        /// the statement and the signatures under it
        3 SIGNATURES "signatures" Approval optional,
    }
}

kind! {
    /// People who were not part of it looked at a break-glass.
    BreakGlassReview = 39 "break-glass-review" Control {
        /// The index of the break-glass.
        0 break_glass: u64,
        /// Whether they found it justified.
        1 justified: bool,
        /// SHA-256 of the statement that was signed.
        2 statement: Digest,
        /// Who signed.
        3 by: Vec<Endorsement>,
    }
    commits {
        /// what they found
        1 REPORT "report" Approval required,
        /// the statement and the signatures under it
        2 SIGNATURES "signatures" Approval optional,
    }
}
