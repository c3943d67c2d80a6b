//! People with the facts that the law keeps apart.

use std::collections::BTreeSet;

use crate::{
    Fact, Jurisdiction, ListId, OrganisationId, PersonId, RecipientClass, TeamId, Timestamp,
};

/// A human being of the people register. A fact that is absent or expired is unknown.
///
/// Source: design.md section 5: "Citizenship or home-person status, primary residence, employer
/// with its ownership chain, contractor chain, designation, office country, reporting line ... are
/// separate facts, because the law keeps them apart."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their name, for people to read.
    pub name: String,
    /// No session may be opened or go on.
    pub disabled: bool,
    /// All citizenships.
    pub citizenships: Option<Fact<BTreeSet<Jurisdiction>>>,
    /// Statuses short of citizenship that make a home person.
    pub statuses: Option<Fact<BTreeSet<HomeStatus>>>,
    /// Where they primarily live.
    pub residence: Option<Fact<Jurisdiction>>,
    /// Who employs them.
    pub employer: Option<Fact<Employer>>,
    /// For whom they work on contract, directly or through others; none is an empty list.
    pub contracts: Option<Fact<Vec<Employer>>>,
    /// The lists on which an authority has named them; checked and none is an empty set.
    pub designations: Option<Fact<BTreeSet<ListId>>>,
    /// Where their desk is.
    pub office: Option<Fact<Jurisdiction>>,
    /// To whom they report.
    pub manager: Option<Fact<Option<PersonId>>>,
    /// The teams policies know them by.
    pub teams: Option<Fact<BTreeSet<TeamId>>>,
    /// The roles in which they may approve.
    pub roles: Option<Fact<BTreeSet<Role>>>,
    /// The class of recipients an assessment may name.
    pub recipient_class: Option<Fact<RecipientClass>>,
    /// The public keys they sign with, as OpenSSH writes them: kind and base64, without a comment.
    pub keys: Option<Fact<BTreeSet<String>>>,
}

impl Person {
    /// When each of the known facts expires.
    pub fn expiries(&self) -> impl Iterator<Item = Timestamp> {
        [
            self.citizenships.as_ref().map(|fact| fact.expires),
            self.statuses.as_ref().map(|fact| fact.expires),
            self.residence.as_ref().map(|fact| fact.expires),
            self.employer.as_ref().map(|fact| fact.expires),
            self.contracts.as_ref().map(|fact| fact.expires),
            self.designations.as_ref().map(|fact| fact.expires),
            self.office.as_ref().map(|fact| fact.expires),
            self.manager.as_ref().map(|fact| fact.expires),
            self.teams.as_ref().map(|fact| fact.expires),
            self.roles.as_ref().map(|fact| fact.expires),
            self.recipient_class.as_ref().map(|fact| fact.expires),
            self.keys.as_ref().map(|fact| fact.expires),
        ]
        .into_iter()
        .flatten()
    }
}

/// A status in a country that its law puts beside citizenship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HomeStatus {
    /// The country.
    pub jurisdiction: Jurisdiction,
    /// Which status.
    pub kind: StatusKind,
}

crate::label::words! {
    /// Source: 28 CFR 202.256: national, lawful permanent resident, refugee, asylee.
    StatusKind, "status" {
        /// A national who is not a citizen.
        National = "national",
        /// A lawful permanent resident.
        PermanentResident = "permanent_resident",
        /// A refugee.
        Refugee = "refugee",
        /// A person granted asylum.
        Asylee = "asylee",
    }
}

/// Who can employ or contract.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Employer {
    /// An entity of the register.
    Organisation(OrganisationId),
    /// A state.
    State(Jurisdiction),
}

crate::label::words! {
    /// The roles in which people approve.
    Role, "role" {
        /// The home jurisdiction's security team.
        HomeSecurity = "home_security",
        /// The privacy officer.
        Privacy = "privacy",
        /// The owner of the data.
        DataOwner = "data_owner",
        /// The third party that checks.
        Validator = "validator",
    }
}
