//! Signatures of people: who signed what. Whether the signature is good is for crate `approval`.

use model::{Jurisdiction, Role};

use crate::fixed::{Digest, KeyId, Pseudonym};
use crate::kind::Body;
use crate::value::table;

table! {
    /// One person's signature under a statement. The signature itself is in a payload.
    Endorsement {
        /// Who, as a pseudonym.
        0 person: Pseudonym,
        /// With which key.
        1 key: KeyId,
        /// In which role.
        2 role: Role,
        /// From which country; absent when unknown.
        3 signed_from: Option<Jurisdiction>,
        /// When, in unix milliseconds.
        4 signed_ms: u64,
    }
}

/// What was signed and by whom: the one place where crate `approval` finds what to verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endorsed<'a> {
    /// SHA-256 of the signed statement, whose text is in a payload.
    pub statement: &'a Digest,
    /// Who signed it.
    pub by: &'a [Endorsement],
}

impl Body {
    /// What was signed and by whom, for the kinds that people sign.
    ///
    /// The fold counts and compares; it verifies no signature. Before an entry is appended, and
    /// when a stranger checks a log, `approval` must verify each of these.
    pub const fn endorsed(&self) -> Option<Endorsed<'_>> {
        macro_rules! signed {
            ($body:expr, $by:expr) => {
                Some(Endorsed {
                    statement: &$body.statement,
                    by: $by,
                })
            };
        }
        match self {
            Self::Approval(body) => signed!(body, std::slice::from_ref(&body.by)),
            Self::Denial(body) => signed!(body, std::slice::from_ref(&body.by)),
            Self::Dismissal(body) => signed!(body, std::slice::from_ref(&body.by)),
            Self::Revocation(body) => signed!(body, std::slice::from_ref(&body.by)),
            Self::BreakGlass(body) => signed!(body, body.by.as_slice()),
            Self::BreakGlassReview(body) => signed!(body, body.by.as_slice()),
            Self::Constitution(body) => signed!(body, body.by.as_slice()),
            Self::People(body) => signed!(body, body.by.as_slice()),
            Self::Catalogue(body) => signed!(body, body.by.as_slice()),
            Self::Policy(body) => signed!(body, body.by.as_slice()),
            Self::LabelChange(body) => signed!(body, body.by.as_slice()),
            Self::Erasure(body) => signed!(body, body.by.as_slice()),
            Self::Start(_)
            | Self::Stop(_)
            | Self::Heartbeat(_)
            | Self::SessionStart(_)
            | Self::SessionEnd(_)
            | Self::SchemaSeen(_)
            | Self::Decision(_)
            | Self::Reservation(_)
            | Self::Outcome(_)
            | Self::RefusalEntry(_)
            | Self::Ungoverned(_)
            | Self::RequestEntry(_)
            | Self::GrantEntry(_)
            | Self::LogOpen(_)
            | Self::Anchor(_)
            | Self::LogClose(_)
            | Self::LogLost(_) => None,
        }
    }
}
