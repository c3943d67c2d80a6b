//! Everybody Cordon knows.

use std::collections::BTreeMap;

use crate::{
    Delegation, Organisation, OrganisationId, Person, PersonId, ServiceAudience, ServiceId,
    Timestamp,
};

/// The people register: people, the organisations around them, shared services.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    /// People by id.
    pub people: BTreeMap<PersonId, Person>,
    /// Organisations by id.
    pub organisations: BTreeMap<OrganisationId, Organisation>,
    /// Shared tool accounts by id.
    pub services: BTreeMap<ServiceId, ServiceAudience>,
    /// For whom services may act; their signatures are checked.
    pub delegations: Vec<Delegation>,
}

impl Register {
    /// The next moment after `now` at which a fact expires, or a delegation begins or ends.
    pub fn changes_after(&self, now: Timestamp) -> Timestamp {
        let people = self.people.values().flat_map(Person::expiries);
        let organisations = self.organisations.values().flat_map(Organisation::expiries);
        let delegations = self
            .delegations
            .iter()
            .flat_map(|one| [one.from, one.until]);
        people
            .chain(organisations)
            .chain(delegations)
            .filter(|end| *end > now)
            .min()
            .unwrap_or(Timestamp::MAX)
    }

    /// Whether `person` reports to `head`, directly or through others, as far as is known at
    /// `now`. A reporting line that is not established, or runs in a circle, answers `None`.
    pub fn reports_to(&self, person: &PersonId, head: &PersonId, now: Timestamp) -> Option<bool> {
        let mut seen = std::collections::BTreeSet::new();
        let mut current = person.clone();
        while seen.insert(current.clone()) {
            match self.people.get(&current)?.manager.as_ref()?.at(now)? {
                Some(manager) if manager == head => return Some(true),
                Some(manager) => current = manager.clone(),
                None => return Some(false),
            }
        }
        None
    }
}
