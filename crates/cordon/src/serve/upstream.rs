//! One upstream: its links, its schema, and the watch that keeps the schema true.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use deployment::{Service, Url};
use enforce::Enforcer;
use gateway::{Database, Gate, InForce, World};
use pgschema::{Oid, Schema, Snapshot};
use policy::{Decider, Rights};
use postgres::{
    Held, Options, Password, Pool, PoolLimits, Sentinel, SentinelLimits, Target, Validity,
};
use sql::Binding;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Duration, timeout};

use super::secrets;

/// What an upstream is opened with.
pub(super) struct Parts<'a> {
    pub(super) dir: &'a Path,
    pub(super) name: &'a str,
    pub(super) url: &'a Url,
    pub(super) service: &'a Service,
    pub(super) decider: &'a Arc<Decider>,
    pub(super) rights: &'a Rights,
    pub(super) in_force: &'a InForce,
}

/// An upstream whose schema is watched.
pub(super) struct Watched {
    name: String,
    validity: watch::Receiver<Validity>,
    _sentinel: Sentinel,
    following: Option<JoinHandle<()>>,
}

/// How long the first reading of a schema may take.
const FIRST_LOOK: Duration = Duration::from_secs(60);

/// Reads the schema, holds it, and makes a database of it.
pub(super) async fn open(parts: &Parts<'_>) -> anyhow::Result<(Database, Watched)> {
    let name = parts.name;
    let password = secrets::upstream_password(parts.dir, name)?;
    let password = password.as_deref().map(Password::new);
    let target = Target::parse(parts.url.reveal(), password)
        .with_context(|| format!("cordon.toml: the address of the upstream `{name}`"))?;
    let limits = super::limits_of(parts.service);
    let options = Options {
        statement_timeout: Some(limits.statement),
        limits: limits.wire,
        ..Options::default()
    };
    let pool_limits = PoolLimits {
        links_max: usize::try_from(parts.service.links_max).unwrap_or(usize::MAX),
        wait_max: limits.link_wait,
        ..PoolLimits::default()
    };
    let pool = Pool::new(target.clone(), options, pool_limits);
    // Told early and in words, rather than by a watch that never becomes valid.
    drop(
        pool.acquire()
            .await
            .with_context(|| format!("the upstream `{name}` does not let the gateway in"))?,
    );
    let governed = governed(name, parts.decider);
    let sentinel = Sentinel::start(target, SentinelLimits::default(), governed, |_| async {});
    let mut validity = sentinel.validity();
    let held = timeout(FIRST_LOOK, first(&mut validity)).await;
    let held = held
        .ok()
        .flatten()
        .ok_or_else(|| anyhow!("the schema of the upstream `{name}` cannot be read"))?;
    let world = world(name, &held, parts.decider, parts.rights, parts.in_force)?;
    let database = Database::new(name, pool, Arc::new(world), parts.service.share_links);
    let watched = Watched {
        name: name.to_owned(),
        validity,
        _sentinel: sentinel,
        following: None,
    };
    Ok((database, watched))
}

async fn first(validity: &mut watch::Receiver<Validity>) -> Option<Arc<Held>> {
    let found = validity
        .wait_for(|validity| matches!(validity, Validity::Valid(_)))
        .await
        .ok()?;
    match &*found {
        Validity::Valid(held) => Some(Arc::clone(held)),
        Validity::Stopped => None,
    }
}

/// Which relations must not change unseen: those of the catalogue's datasets.
fn governed(
    name: &str,
    decider: &Arc<Decider>,
) -> impl Fn(&Snapshot) -> Vec<Oid> + Send + Sync + use<> {
    let (name, decider) = (name.to_owned(), Arc::clone(decider));
    move |snapshot| {
        let Ok(schema) = Schema::new(snapshot.clone()) else {
            return Vec::new();
        };
        let binding = Binding::new(decider.datasets(), &name, &decider.homes(), &schema);
        binding.relations().collect()
    }
}

fn world(
    name: &str,
    held: &Held,
    decider: &Arc<Decider>,
    rights: &Rights,
    in_force: &InForce,
) -> anyhow::Result<World> {
    let schema = Schema::new(held.snapshot.clone())
        .with_context(|| format!("the schema of the upstream `{name}` is not understood"))?;
    let enforcer = Enforcer::new(Arc::clone(decider), name, Arc::new(schema));
    for mismatch in &enforcer.binding().mismatches {
        tracing::warn!(%mismatch, "the schema is not as the catalogue says");
    }
    Ok(World::new(
        enforcer,
        rights.clone(),
        name,
        in_force.clone(),
    )?)
}

impl Watched {
    /// From now on the gate follows the schema.
    pub(super) fn follow(
        &mut self,
        gate: &Arc<Gate>,
        decider: &Arc<Decider>,
        rights: &Rights,
        in_force: &InForce,
    ) {
        let (gate, decider) = (Arc::downgrade(gate), Arc::clone(decider));
        let (rights, in_force) = (rights.clone(), in_force.clone());
        let (name, mut validity) = (self.name.clone(), self.validity.clone());
        self.following = Some(tokio::spawn(async move {
            while validity.changed().await.is_ok() {
                let now = validity.borrow_and_update().clone();
                let Some(gate) = gate.upgrade() else { return };
                let Some(database) = gate.database(&name).map(Arc::clone) else {
                    return;
                };
                match now {
                    Validity::Stopped => database.halt(),
                    Validity::Valid(held) => {
                        match world(&name, &held, &decider, &rights, &in_force) {
                            Ok(world) => {
                                if let Err(error) = gate.turn_to(&database, Arc::new(world)).await {
                                    tracing::error!(%error, "the new schema is not recorded");
                                }
                            }
                            Err(error) => tracing::error!(%error, "the new schema is not used"),
                        }
                    }
                }
            }
        }));
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(following) = &self.following {
            following.abort();
        }
    }
}
