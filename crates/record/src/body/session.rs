//! A session's beginning and end.

use std::collections::BTreeSet;

use model::{Jurisdiction, PurposeId, TeamId};

use crate::fixed::{Digest, Pseudonym};
use crate::kind::kind;
use crate::name::{Line, vocabulary};
use crate::value::table;

kind! {
    /// Somebody opened a session.
    SessionStart = 16 "session-start" Access {
        /// The session's number in this log: 1, 2, 3, in the order of the entries.
        0 session: u64,
        /// Who, as a pseudonym.
        1 asker: Pseudonym,
        /// A person or a service.
        2 asker_kind: AskerKind,
        /// How they proved it.
        3 proofs: BTreeSet<Proof>,
        /// How strong that is.
        4 strength: Strength,
        /// The country of the connection that was decided with; absent when unknown.
        5 country: Option<Jurisdiction>,
        /// What each source said of the address.
        6 country_evidence: Vec<CountryEvidence>,
        /// The purpose stated, if one was.
        7 purpose: Option<PurposeId>,
        /// The teams that a token leaves of the register's; absent when it narrows nothing.
        8 teams_at_most: Option<BTreeSet<TeamId>>,
        /// The hash of the people register that knows the asker.
        9 people: Digest,
        /// The build of the gateway.
        10 build: Line,
    }
    commits {
        /// the id in the people register
        1 ASKER "asker" Party required,
        /// what the client calls itself (`application_name`) and its driver's version
        2 CLIENT_PROGRAM "client_program" Method optional,
        /// the network address
        3 CLIENT_ADDRESS "client_address" Party optional,
        /// fingerprint of the certificate, claims of the token
        4 IDENTITY "identity" Method optional,
    }
}

vocabulary! {
    /// What kind of asker.
    AskerKind "kind of asker" {
        /// A person of the register.
        Person = "person",
        /// A shared tool.
        Service = "service",
    }
    /// A way to prove who one is.
    Proof "proof of identity" {
        /// A password, by SCRAM.
        Scram = "scram",
        /// A client certificate.
        ClientCertificate = "client_certificate",
        /// A token of an identity provider.
        Token = "token",
    }
    /// How strong the proof is (NIST SP 800-63B).
    Strength "strength" {
        /// One factor.
        Aal1 = "aal1",
        /// Two factors.
        Aal2 = "aal2",
    }
    /// Why a session ended.
    SessionEnding "end of a session" {
        /// The client closed it.
        Closed = "closed",
        /// The connection broke.
        Lost = "lost",
        /// It was idle too long.
        Idle = "idle",
        /// A right that it rested on ended.
        RightEnded = "right_ended",
        /// An operator ended it.
        Ended = "ended",
        /// The gateway stopped.
        Stopped = "stopped",
        /// The client or the upstream broke the protocol.
        Protocol = "protocol",
    }
}

impl From<model::Strength> for Strength {
    fn from(strength: model::Strength) -> Self {
        match strength {
            model::Strength::Aal1 => Self::Aal1,
            model::Strength::Aal2 => Self::Aal2,
        }
    }
}

table! {
    /// What one source says about the country of an address.
    CountryEvidence {
        /// The source and its edition.
        0 source: Line,
        /// The country; absent when the source does not know.
        1 country: Option<Jurisdiction>,
    }
}

kind! {
    /// A session ended.
    SessionEnd = 17 "session-end" Access {
        /// Which.
        0 session: u64,
        /// Why.
        1 ending: SessionEnding,
        /// How many statements it numbered.
        2 statements: u64,
        /// How many ungoverned statements it had.
        3 ungoverned: u64,
    }
    commits {}
}
