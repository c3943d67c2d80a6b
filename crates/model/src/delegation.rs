//! A signed leave for a service to act for people.

use std::collections::BTreeSet;

use crate::{PersonId, PurposeId, Register, Role, ServiceId, TeamId, Timestamp};

/// Somebody lets a service act for people: their rights become a further limit of the service's own,
/// and they stand beside it in the record. Whoever reads one has checked its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// What it is called in messages: its file.
    pub name: String,
    /// The service.
    pub service: ServiceId,
    /// For whom it may act.
    pub people: BTreeSet<PersonId>,
    /// For whose members it may act.
    pub teams: BTreeSet<TeamId>,
    /// The purposes that may be stated meanwhile; never empty.
    pub purposes: BTreeSet<PurposeId>,
    /// The first moment it is in force.
    pub from: Timestamp,
    /// The first moment it is no longer in force.
    pub until: Timestamp,
    /// Who signed it.
    pub signer: PersonId,
    /// With which of their keys, as the register has it.
    pub key: String,
}

impl Delegation {
    /// Whether it lets this service act for this person now, its signer still being who they were.
    ///
    /// The person may have signed it; for others only home security may, and whether the signer is at
    /// home is what `is_at_home` answers.
    pub fn lets(
        &self,
        (service, person): (&ServiceId, &PersonId),
        register: &Register,
        now: Timestamp,
        is_at_home: impl FnOnce(&PersonId) -> bool,
    ) -> bool {
        let Some(signer) = register.people.get(&self.signer) else {
            return false;
        };
        let keys = signer.keys.as_ref().and_then(|fact| fact.at(now));
        let is_signed = !signer.disabled && keys.is_some_and(|keys| keys.contains(&self.key));
        let roles = signer.roles.as_ref().and_then(|fact| fact.at(now));
        let is_home_security = || {
            roles.is_some_and(|roles| roles.contains(&Role::HomeSecurity))
                && is_at_home(&self.signer)
        };
        self.service == *service
            && self.from <= now
            && now < self.until
            && self.covers(person, register, now)
            && is_signed
            && (self.signer == *person || is_home_security())
    }

    /// Whether a purpose may be stated under it. None at all may.
    pub fn allows(&self, purpose: Option<&PurposeId>) -> bool {
        purpose.is_none_or(|purpose| self.purposes.contains(purpose))
    }

    fn covers(&self, person: &PersonId, register: &Register, now: Timestamp) -> bool {
        if self.people.contains(person) {
            return true;
        }
        let known = register.people.get(person);
        let teams = known.and_then(|known| known.teams.as_ref()?.at(now));
        teams.is_some_and(|teams| teams.iter().any(|team| self.teams.contains(team)))
    }
}
