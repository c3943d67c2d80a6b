//! Who asks, how they proved it, from where and for what.

use std::collections::BTreeSet;

use crate::{Jurisdiction, PersonId, PurposeId, ServiceId, SessionId, TeamId};

/// The facts of one session. All but the connection's country come from the people register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id, unique per gateway.
    pub id: SessionId,
    /// Who asks.
    pub asker: Asker,
    /// How strongly they proved it.
    pub strength: Strength,
    /// Where the connection comes from now.
    pub connection: Connection,
    /// The purpose they state.
    pub purpose: Option<PurposeId>,
    /// A token's own list of teams: membership is the intersection. `None` narrows nothing.
    pub teams_at_most: Option<BTreeSet<TeamId>>,
}

/// A person, or a shared tool that sees what all of its audience may see.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asker {
    /// A person of the register.
    Person(PersonId),
    /// A service of the register.
    Service(ServiceId),
    /// A service that acts for a person, under a delegation: it sees what its audience and the person
    /// may all see.
    OnBehalf(ServiceId, PersonId),
}

/// Authentication strength, weakest first.
///
/// Source: design.md section 5: AAL2 is a client certificate plus SCRAM, or a token whose `acr` is
/// listed; SCRAM alone is AAL1 and gets masks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// One factor.
    Aal1,
    /// Two factors.
    Aal2,
}

impl Strength {
    /// The number in its name.
    pub const fn level(self) -> i64 {
        match self {
            Self::Aal1 => 1,
            Self::Aal2 => 2,
        }
    }
}

/// The country of the connection. It raises suspicion and narrows; it never widens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Connection {
    /// All sources agree.
    Country(Jurisdiction),
    /// No source knows it, or sources disagree.
    Unknown,
}
