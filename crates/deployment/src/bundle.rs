//! What one directory says, as types.

use std::collections::BTreeMap;

use model::{Diagnostic, Gap, Jurisdiction, Store, StoreId};
use policy::{Rights, World};

use crate::service::Service;
use crate::url::Url;

/// One deployment, loaded. Its files are drafts: what is active comes from the control log alone.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The deployment's name, for people to read.
    pub name: String,
    /// Its home.
    pub home: Jurisdiction,
    /// What decisions are made from. Its policies compile: `policy::Decider::new` takes it.
    pub world: World,
    /// The grants and assessments of `grants.yaml` and `assessments.yaml`: evaluation only, because
    /// nobody has signed them.
    pub rights: Rights,
    /// Where data lies.
    pub stores: BTreeMap<StoreId, Store>,
    /// The data stores' addresses by upstream name.
    pub upstreams: BTreeMap<String, Url>,
    /// How the gateway runs.
    pub service: Service,
    /// What is not known whatever the time; [`crate::gaps_at`] adds what is not known at a moment.
    pub gaps: Vec<Gap>,
    /// What somebody should look at.
    pub warnings: Vec<Diagnostic>,
}
