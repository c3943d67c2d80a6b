//! Everybody Cordon knows.

use std::collections::BTreeMap;

use crate::{Organisation, OrganisationId, Person, PersonId, ServiceAudience, ServiceId};

/// The people register: people, the organisations around them, shared services.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    /// People by id.
    pub people: BTreeMap<PersonId, Person>,
    /// Organisations by id.
    pub organisations: BTreeMap<OrganisationId, Organisation>,
    /// Shared tool accounts by id.
    pub services: BTreeMap<ServiceId, ServiceAudience>,
}
