//! The life of an access request: asked, judged, granted, revoked.

use std::collections::BTreeSet;

use model::{
    Action, DatasetId, FieldName, FlowId, GrantId, PurposeId, ReasonCode, TransactionType,
};

use super::Endorsement;
use crate::fixed::{Digest, Pseudonym};
use crate::kind::kind;
use crate::name::Line;
use crate::value::table;

table! {
    /// What of one dataset a right is about.
    Scope {
        /// The dataset.
        0 dataset: DatasetId,
        /// The fields; empty means those of the dataset's level or lower.
        1 fields: BTreeSet<FieldName>,
        /// Whether rows of home residents are meant.
        2 home: bool,
        /// Whether rows of others are meant.
        3 other: bool,
        /// What may be done.
        4 actions: BTreeSet<Action>,
    }
}

table! {
    /// A part of a flow: k different people out of those who were eligible when the request opened.
    Factor {
        /// How many.
        0 needed: u64,
        /// Out of whom.
        1 eligible: BTreeSet<Pseudonym>,
    }
}

table! {
    /// An exemption that is claimed.
    Exemption {
        /// The rule.
        0 rule: Line,
        /// Where counsel's opinion is filed.
        1 counsel_reference: Line,
    }
}

kind! {
    /// Somebody asked for access. The index of this entry is the request's id.
    RequestEntry = 32 "request" Control {
        /// Who asks.
        0 requester: Pseudonym,
        /// The approval flow of the ladder.
        1 flow: FlowId,
        /// What for.
        2 purpose: PurposeId,
        /// Why, from the fixed list.
        3 reason: ReasonCode,
        /// The kind of transaction.
        4 transaction: TransactionType,
        /// The exemption claimed, if one is.
        5 exemption: Option<Exemption>,
        /// What is asked for.
        6 scope: Vec<Scope>,
        /// How many data subjects at most; absent when it is not limited to some.
        7 subjects: Option<u64>,
        /// For how long, in milliseconds.
        8 duration_ms: u64,
        /// Until when it can be approved, in unix milliseconds.
        9 open_until_ms: u64,
        /// All of which must be met, by different people.
        10 factors: Vec<Factor>,
        /// The version of the constitution that says so.
        11 constitution: u64,
        /// SHA-256 of the readable statement that approvers sign; it holds a nonce.
        12 statement: Digest,
    }
    commits {
        /// the requester's id in the people register
        1 REQUESTER "requester" Party required,
        /// why, in the requester's words
        2 JUSTIFICATION "justification" Purpose required,
        /// the readable statement
        3 STATEMENT "statement" Approval required,
        /// the pseudonyms of the data subjects, as the requester pasted them
        4 SUBJECTS "subjects" Subject optional,
    }
}

kind! {
    /// Somebody agreed to a request.
    Approval = 33 "approval" Control {
        /// The index of the request.
        0 request: u64,
        /// Which of its factors this counts for, from 0.
        1 factor: u64,
        /// SHA-256 of the statement that was signed.
        2 statement: Digest,
        /// Who signed.
        3 by: Endorsement,
    }
    commits {
        /// the approver's id in the people register
        1 APPROVER "approver" Party required,
        /// the statement and the signature under it
        2 SIGNATURE "signature" Approval optional,
        /// what the approver wrote beside it
        3 COMMENT "comment" Approval optional,
    }
}

kind! {
    /// Somebody judged that a request may not be granted. It is closed.
    Denial = 34 "denial" Control {
        /// The index of the request.
        0 request: u64,
        /// SHA-256 of the statement that was signed.
        1 statement: Digest,
        /// Who signed.
        2 by: Endorsement,
    }
    commits {
        /// the approver's id in the people register
        1 APPROVER "approver" Party required,
        /// the statement and the signature under it
        2 SIGNATURE "signature" Approval optional,
        /// why
        3 REASON "reason" Approval optional,
    }
}

kind! {
    /// A request was closed without being judged; its requester may do that too.
    Dismissal = 35 "dismissal" Control {
        /// The index of the request.
        0 request: u64,
        /// SHA-256 of the statement that was signed.
        1 statement: Digest,
        /// Who signed.
        2 by: Endorsement,
    }
    commits {
        /// the person's id in the people register
        1 APPROVER "approver" Party required,
        /// the statement and the signature under it
        2 SIGNATURE "signature" Approval optional,
        /// why
        3 REASON "reason" Approval optional,
    }
}

kind! {
    /// A right begins. It rests on an approved request, on a break-glass, or, in an evaluation, on
    /// a file.
    GrantEntry = 36 "grant" Control {
        /// Its name.
        0 grant: GrantId,
        /// The index of the request it rests on.
        1 request: Option<u64>,
        /// The index of the break-glass it rests on.
        2 break_glass: Option<u64>,
        /// The flow by which it was approved; absent for a break-glass.
        3 flow: Option<FlowId>,
        /// Whose right it is.
        4 requester: Pseudonym,
        /// What for.
        5 purpose: PurposeId,
        /// The kind of transaction.
        6 transaction: TransactionType,
        /// The exemption claimed, if one is.
        7 exemption: Option<Exemption>,
        /// What it is about.
        8 scope: Vec<Scope>,
        /// How many data subjects at most; absent when it is not limited to some.
        9 subjects: Option<u64>,
        /// When it begins, in unix milliseconds.
        10 start_ms: u64,
        /// When it ends, in unix milliseconds.
        11 expires_ms: u64,
        /// Who approved.
        12 by: Vec<Endorsement>,
    }
    commits {
        /// the ids in the people register of whose right it is and who approved
        1 PARTIES "parties" Party required,
        /// the grant as policies read it
        2 TERMS "terms" Approval required,
        /// the keys of the data subjects
        3 SUBJECTS "subjects" Subject optional,
    }
}

kind! {
    /// A right ends before its time; durable is enough for it to end.
    Revocation = 37 "revocation" Control {
        /// The index of the grant.
        0 grant: u64,
        /// SHA-256 of the statement that was signed.
        1 statement: Digest,
        /// Who signed.
        2 by: Endorsement,
    }
    commits {
        /// the person's id in the people register
        1 REVOKER "revoker" Party required,
        /// the statement and the signature under it
        2 SIGNATURE "signature" Approval optional,
        /// why
        3 REASON "reason" Approval optional,
    }
}
