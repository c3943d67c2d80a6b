//! What statements are judged by at one moment: catalogue, policies, people, grants and the schema of
//! one upstream. It is replaced as a whole, never changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use enforce::Enforcer;
use model::{DatasetId, DomainId, GrantId, Register};
use policy::Rights;
use record::{BadText, Digest, Line};
use sha2::{Digest as _, Sha256};
use sql::KeyKind;

/// One upstream's world.
pub struct World {
    enforcer: Enforcer,
    rights: Rights,
    upstream: Line,
    grants: BTreeMap<GrantId, u64>,
    control_size: u64,
    people: Digest,
    snapshot: Digest,
    snapshot_bytes: Vec<u8>,
}

/// What stands in the control log about a world.
#[derive(Clone, Debug)]
pub struct InForce {
    /// The size of the control log that the world rests on.
    pub control_size: u64,
    /// The hash of the people register.
    pub people: Digest,
    /// The entry of each grant.
    pub grants: BTreeMap<GrantId, u64>,
}

impl World {
    /// Puts a world together. `upstream` is the name of cordon.toml.
    ///
    /// # Errors
    /// When the upstream's name cannot stand in an entry.
    pub fn new(
        enforcer: Enforcer,
        rights: Rights,
        upstream: &str,
        in_force: InForce,
    ) -> Result<Self, BadText> {
        // A snapshot is plain data: it always has a JSON form.
        let snapshot_bytes = serde_json::to_vec(enforcer.schema().snapshot()).unwrap_or_default();
        let snapshot = Digest::new(Sha256::digest(&snapshot_bytes).into());
        Ok(Self {
            enforcer,
            rights,
            upstream: Line::new(upstream)?,
            grants: in_force.grants,
            control_size: in_force.control_size,
            people: in_force.people,
            snapshot,
            snapshot_bytes,
        })
    }

    /// What checks statements.
    pub const fn enforcer(&self) -> &Enforcer {
        &self.enforcer
    }

    /// The grants and assessments in force.
    pub const fn rights(&self) -> &Rights {
        &self.rights
    }

    /// The upstream's name.
    pub const fn upstream(&self) -> &Line {
        &self.upstream
    }

    /// The size of the control log that it rests on.
    pub const fn control_size(&self) -> u64 {
        self.control_size
    }

    /// The hash of the people register.
    pub const fn people(&self) -> &Digest {
        &self.people
    }

    /// The hash of the schema snapshot.
    pub const fn snapshot(&self) -> &Digest {
        &self.snapshot
    }

    /// The people register.
    pub fn register(&self) -> &Register {
        &self.enforcer.decider().world().register
    }

    /// The domain and type of a dataset's own key, where that key has a pseudonym.
    pub(crate) fn key_of(&self, dataset: &DatasetId) -> Option<(DomainId, KeyKind)> {
        self.enforcer.key_of(dataset)
    }

    pub(crate) fn snapshot_bytes(&self) -> &[u8] {
        &self.snapshot_bytes
    }

    pub(crate) fn grant_entry(&self, grant: &GrantId) -> Option<u64> {
        self.grants.get(grant).copied()
    }
}

/// A world that sessions share.
pub type Shared = Arc<World>;
