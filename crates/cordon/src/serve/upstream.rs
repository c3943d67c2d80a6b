//! One upstream: its links, its schema, and the watch that keeps the schema true.

use std::path::Path;
use std::sync::{Arc, OnceLock, Weak};

use anyhow::{Context, anyhow};
use deployment::{Service, Url};
use enforce::Enforcer;
use gateway::{Gate, InForce, World};
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
}

/// An upstream whose schema is watched.
pub(super) struct Watched {
    name: String,
    validity: watch::Receiver<Validity>,
    _sentinel: Sentinel,
    /// Known once the gate is put together; before, nobody is let in.
    gate: Arc<OnceLock<Weak<Gate>>>,
    following: Option<JoinHandle<()>>,
}

/// How long the first reading of a schema may take.
const FIRST_LOOK: Duration = Duration::from_secs(60);

/// What sessions at one moment work with, beside the schema.
#[derive(Clone)]
pub(super) struct Terms {
    pub(super) decider: Arc<Decider>,
    pub(super) rights: Rights,
    pub(super) in_force: InForce,
}

/// The links to an upstream. One is made at once, so that what is wrong is told early and in words
/// rather than by a watch that never becomes valid.
pub(super) async fn links(parts: &Parts<'_>) -> anyhow::Result<Pool> {
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
    let pool = Pool::new(
        target(parts.dir, parts.name, parts.url)?,
        options,
        pool_limits,
    );
    drop(
        pool.acquire().await.with_context(|| {
            format!("the upstream `{}` does not let the gateway in", parts.name)
        })?,
    );
    Ok(pool)
}

/// The address of an upstream with its password.
pub fn target(dir: &Path, name: &str, url: &Url) -> anyhow::Result<Target> {
    let password = secrets::upstream_password(dir, name)?;
    let password = password.as_deref().map(Password::new);
    Target::parse(url.reveal(), password)
        .with_context(|| format!("cordon.toml: the address of the upstream `{name}`"))
}

/// How long the schema is still held once nothing governed begins any more. Nearly everything that was
/// let through before has reached the server by then and holds locks of its own; what has not is cut.
const ARRIVAL: Duration = Duration::from_millis(300);

/// Before the schema is let go: nothing governed begins from now on, and what arrives later is not told.
async fn drain(gate: Option<Arc<Gate>>, name: String) {
    let Some(database) = gate.as_ref().and_then(|gate| gate.database(&name)) else {
        return;
    };
    database.halt();
    tokio::time::sleep(ARRIVAL).await;
    database.let_go();
}

/// Reads the schema and holds it.
pub(super) async fn watch(parts: &Parts<'_>) -> anyhow::Result<(Watched, Arc<Held>)> {
    let name = parts.name;
    let governed = governed(name, parts.decider);
    let limits = SentinelLimits::default();
    let gate: Arc<OnceLock<Weak<Gate>>> = Arc::default();
    let (slot, database) = (Arc::clone(&gate), name.to_owned());
    let sentinel = Sentinel::start(
        target(parts.dir, parts.name, parts.url)?,
        limits,
        governed,
        move |_| drain(slot.get().and_then(Weak::upgrade), database.clone()),
    );
    let mut validity = sentinel.validity();
    let held = timeout(FIRST_LOOK, first(&mut validity)).await;
    let held = held
        .ok()
        .flatten()
        .ok_or_else(|| anyhow!("the schema of the upstream `{name}` cannot be read"))?;
    let watched = Watched {
        name: name.to_owned(),
        validity,
        _sentinel: sentinel,
        gate,
        following: None,
    };
    Ok((watched, held))
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

/// What statements are judged by from now on.
pub(super) fn world(name: &str, held: &Held, terms: &Terms) -> anyhow::Result<World> {
    let schema = Schema::new(held.snapshot.clone())
        .with_context(|| format!("the schema of the upstream `{name}` is not understood"))?;
    let enforcer = Enforcer::new(Arc::clone(&terms.decider), name, Arc::new(schema));
    for mismatch in &enforcer.binding().mismatches {
        tracing::warn!(%mismatch, "the schema is not as the catalogue says");
    }
    let (rights, in_force) = (terms.rights.clone(), terms.in_force.clone());
    Ok(World::new(enforcer, rights, name, in_force)?)
}

impl Watched {
    /// The upstream's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// From now on the gate follows the schema.
    pub(super) fn follow(&mut self, gate: &Arc<Gate>, terms: Terms) {
        let gate = Arc::downgrade(gate);
        // Followed once; a second time would be about the same gate.
        let _known = self.gate.set(Weak::clone(&gate));
        let (name, mut validity) = (self.name.clone(), self.validity.clone());
        self.following = Some(tokio::spawn(async move {
            while validity.changed().await.is_ok() {
                let now = validity.borrow_and_update().clone();
                let Some(gate) = gate.upgrade() else { return };
                let Some(database) = gate.database(&name).map(Arc::clone) else {
                    return;
                };
                // Locks can be lost without our giving them up, and be taken again before that is seen
                // here: either way a new held time begins.
                database.let_go();
                match now {
                    Validity::Stopped => {
                        tracing::warn!(database = name, "the schema is not held: statements wait");
                    }
                    Validity::Valid(held) => match world(&name, &held, &terms) {
                        Ok(world) => match gate.turn_to(&database, Arc::new(world)).await {
                            Ok(()) => tracing::info!(database = name, "the schema is held"),
                            Err(error) => tracing::error!(%error, "the new schema is not recorded"),
                        },
                        Err(error) => tracing::error!(%error, "the new schema is not used"),
                    },
                }
            }
        }));
    }

    /// The gate follows it no more; what it works with stays.
    pub(super) fn let_go(&mut self) {
        if let Some(following) = self.following.take() {
            following.abort();
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.let_go();
    }
}
