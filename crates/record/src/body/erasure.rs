//! The order to destroy payloads.

use std::collections::BTreeSet;

use super::Endorsement;
use crate::fixed::Digest;
use crate::kind::kind;
use crate::name::LogName;

kind! {
    /// Payloads are to be destroyed: bytes, salts and keys. This entry is witnessed before they are.
    /// Its fields belong to classes that may be erased; the fold refuses all others by name.
    Erasure = 80 "erasure" Control {
        /// The log.
        0 log: LogName,
        /// The entry in it.
        1 index: u64,
        /// The number of that entry's kind.
        2 kind: u64,
        /// Which fields.
        3 fields: BTreeSet<u64>,
        /// SHA-256 of the statement that was signed.
        4 statement: Digest,
        /// Who signed.
        5 by: Vec<Endorsement>,
    }
    commits {
        /// why, and the demand of the person concerned
        1 REASON "reason" Approval required,
        /// the statement and the signatures under it
        2 SIGNATURES "signatures" Approval optional,
    }
}
