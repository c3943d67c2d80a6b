//! What is in force: constitution, people, catalogue, policies. Each has versions without a gap.

use std::collections::BTreeSet;

use model::{DatasetId, FieldName, Level, RegimeId};

use super::Endorsement;
use crate::fixed::Digest;
use crate::kind::kind;

kind! {
    /// A constitution is in force: who may sign what, in which numbers.
    Constitution = 48 "constitution" Control {
        /// Its version: 1, 2, 3.
        0 version: u64,
        /// The hash of the version before; absent in the first.
        1 previous: Option<Digest>,
        /// Its hash.
        2 hash: Digest,
        /// Until when it holds, in unix milliseconds.
        3 expires_ms: u64,
        /// SHA-256 of the statement that was signed.
        4 statement: Digest,
        /// Who signed, under the version before and under this one.
        5 by: Vec<Endorsement>,
    }
    commits {
        /// the constitution
        1 DOCUMENT "document" Approval required,
        /// the statement and the signatures under it
        2 SIGNATURES "signatures" Approval optional,
    }
}

kind! {
    /// A people register is in force.
    People = 49 "people" Control {
        /// Its version: 1, 2, 3.
        0 version: u64,
        /// The hash of the version before; absent in the first.
        1 previous: Option<Digest>,
        /// Its hash.
        2 hash: Digest,
        /// SHA-256 of the statement that was signed.
        3 statement: Digest,
        /// Who signed.
        4 by: Vec<Endorsement>,
    }
    commits {
        /// the register
        1 DOCUMENT "document" Party required,
        /// the statement and the signatures under it
        2 SIGNATURES "signatures" Approval optional,
    }
}

kind! {
    /// A catalogue is in force.
    Catalogue = 50 "catalogue" Control {
        /// Its version: 1, 2, 3.
        0 version: u64,
        /// The hash of the version before; absent in the first.
        1 previous: Option<Digest>,
        /// Its hash.
        2 hash: Digest,
        /// How many entries of kind `label-change` announced it.
        3 label_changes: u64,
        /// SHA-256 of the statement that was signed.
        4 statement: Digest,
        /// Who signed.
        5 by: Vec<Endorsement>,
    }
    commits {
        /// the manifests
        1 DOCUMENT "document" Method required,
        /// the statement and the signatures under it
        2 SIGNATURES "signatures" Approval optional,
    }
}

kind! {
    /// A set of policies is in force.
    Policy = 51 "policy" Control {
        /// Its version: 1, 2, 3.
        0 version: u64,
        /// The hash of the version before; absent in the first.
        1 previous: Option<Digest>,
        /// The hash of the whole bundle.
        2 hash: Digest,
        /// The hash of all policies, as decisions cite it.
        3 policies: Digest,
        /// The hash of their schema, as decisions cite it.
        4 policy_schema: Digest,
        /// The regimes that are the floor.
        5 regimes: BTreeSet<RegimeId>,
        /// The hash of the ladder.
        6 ladder: Digest,
        /// The hash of the record of what was proved; absent when nothing was.
        7 proofs: Option<Digest>,
        /// SHA-256 of the statement that was signed.
        8 statement: Digest,
        /// Who signed.
        9 by: Vec<Endorsement>,
    }
    commits {
        /// schema, policies, regimes, ladder, settings
        1 DOCUMENT "document" Method required,
        /// the statement and the signatures under it
        2 SIGNATURES "signatures" Approval optional,
        /// the record of what was proved
        3 PROOFS "proofs" Method optional,
    }
}

kind! {
    /// A field's label will change with the next catalogue, which counts these entries.
    LabelChange = 52 "label-change" Control {
        /// The version of the catalogue that brings it: the next.
        0 catalogue: u64,
        /// The dataset.
        1 dataset: DatasetId,
        /// The field.
        2 field: FieldName,
        /// The level before; absent when there was no label.
        3 from: Option<Level>,
        /// The level after; absent when there is no label.
        4 to: Option<Level>,
        /// SHA-256 of the statement that was signed.
        5 statement: Digest,
        /// Who signed.
        6 by: Vec<Endorsement>,
    }
    commits {
        /// why
        1 REASON "reason" Purpose required,
        /// the statement and the signatures under it
        2 SIGNATURES "signatures" Approval optional,
    }
}
