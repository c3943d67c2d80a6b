//! Legal entities and who owns them.

use std::collections::BTreeSet;

use crate::{Fact, Jurisdiction, ListId, OrganisationId, PersonId, Share, Timestamp};

/// A legal entity. A branch is part of its parent and has no owners of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name, for people to read.
    pub name: String,
    /// The entity whose branch it is: same legal person, same standing.
    pub branch_of: Option<OrganisationId>,
    /// Under whose law it is organised.
    pub organised_in: Option<Fact<Jurisdiction>>,
    /// Where it is run from.
    pub principal_place: Option<Fact<Jurisdiction>>,
    /// Who owns it.
    pub ownership: Option<Fact<Ownership>>,
    /// The lists on which an authority has named it; checked and none is an empty set.
    pub designations: Option<Fact<BTreeSet<ListId>>>,
}

impl Organisation {
    /// When each of the known facts expires.
    pub fn expiries(&self) -> impl Iterator<Item = Timestamp> {
        [
            self.organised_in.as_ref().map(|fact| fact.expires),
            self.principal_place.as_ref().map(|fact| fact.expires),
            self.ownership.as_ref().map(|fact| fact.expires),
            self.designations.as_ref().map(|fact| fact.expires),
        ]
        .into_iter()
        .flatten()
    }
}

/// Owners with their direct shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ownership {
    /// The named holders.
    pub holdings: Vec<Holding>,
    /// What is known of the remaining shares.
    pub rest: Rest,
}

/// One holder's direct share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Who holds it.
    pub owner: Owner,
    /// How much.
    pub share: Share,
}

/// Who can own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// Another entity of the register.
    Organisation(OrganisationId),
    /// A person of the register.
    Person(PersonId),
    /// A state.
    State(Jurisdiction),
}

/// What is known of the shares that no holding names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Rest {
    /// Somebody has established that no covered person holds them.
    Others,
    /// Nobody has: they may all be held by covered persons.
    #[default]
    Unknown,
}
