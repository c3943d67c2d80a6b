//! A running gateway, put together from a deployment's directory: its secrets, its books, its
//! upstreams. Shared by `cordon serve` and the demo.

mod books;
mod door;
pub mod events;
mod http;
mod reload;
mod runtime;
mod secrets;
mod upstream;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use deployment::{Service, Url};
use gateway::{Database, Gate, Limits, Recorder};
use ledger::{AccessLog, ControlLog};
use record::Line;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::verbs::load::Loaded;

pub use books::witnesses;
pub use door::{issuer, limits, networks, tls};
pub use reload::Reloaded;
pub use runtime::{WorksFor, runtime};
pub use secrets::{check as check_secrets, ensure as ensure_secrets, scram_file};
pub use upstream::target;

/// Everything that runs.
pub struct Serving {
    gate: Arc<Gate>,
    access: Arc<AccessLog>,
    control: Arc<ControlLog>,
    listening: JoinHandle<()>,
    upstreams: Vec<upstream::Watched>,
    address: std::net::SocketAddr,
    http: Option<http::Listening>,
    dir: PathBuf,
    /// What only another start can change.
    fixed: Fixed,
}

/// What a running gateway keeps for as long as it runs.
#[derive(Clone, PartialEq, Eq)]
struct Fixed {
    service: Service,
    addresses: BTreeMap<String, Url>,
}

/// The name of this build, as entries carry it.
fn build() -> Line {
    let name = concat!("cordon ", env!("CARGO_PKG_VERSION"));
    // The text is ours and short.
    Line::new(name).unwrap_or_else(|_| unreachable!("a build's name is a line"))
}

/// Starts to serve a deployment as an evaluation, on the runtime that works for it: what is in force
/// is what DIR says.
///
/// # Errors
/// With the first thing that is wrong, and what to do about it.
pub async fn start(dir: &Path, loaded: Loaded, works_for: &WorksFor) -> anyhow::Result<Serving> {
    let service = loaded.bundle.service.clone();
    let files = secrets::load(dir).await?;
    let opened = {
        let (dir, bundle) = (dir.to_owned(), loaded.bundle.clone());
        let hashes = books::Hashes::of(&loaded.decider);
        tokio::task::spawn_blocking(move || books::open(&dir, &bundle, &hashes))
            .await
            .context("opening the ledger broke off")??
    };
    let books::Opened {
        control,
        access,
        in_force,
    } = opened;
    let access = Arc::new(access);
    let door = door::open(dir, &service, files.verifiers)?;
    let terms = upstream::Terms {
        decider: Arc::new(loaded.decider),
        rights: loaded.bundle.rights,
        in_force,
    };
    let fixed = Fixed {
        service,
        addresses: loaded.bundle.upstreams,
    };
    let (databases, mut upstreams) = databases(dir, &fixed, &terms).await?;
    let recorder = Recorder::new(Arc::clone(&access));
    let limits = door::limits(&fixed.service)?;
    let gate = Arc::new(Gate::new(
        databases,
        recorder,
        door,
        files.root,
        limits,
        build(),
    ));
    works_for.set(&gate);
    gate.begin()
        .await
        .context("the ledger does not take the schema of the data store")?;
    let wanted = fixed.service.listen;
    let listener = TcpListener::bind(wanted).await.with_context(|| {
        format!(
            "cannot listen at {wanted}; another program may have the port, or set `listen` in cordon.toml"
        )
    })?;
    let address = listener.local_addr()?;
    let http = match fixed.service.http {
        Some(wanted) => {
            let shown = http::Shown {
                gate: Arc::clone(&gate),
                access: Arc::clone(&access),
                control: Arc::clone(&control),
                ledger: dir.join("ledger"),
            };
            Some(http::Listening::start(wanted, http::routes(shown)).await?)
        }
        None => None,
    };
    for watched in &mut upstreams {
        watched.follow(&gate, terms.clone());
    }
    let listening = tokio::spawn(gateway::serve(Arc::clone(&gate), listener));
    Ok(Serving {
        gate,
        access,
        control,
        listening,
        upstreams,
        address,
        http,
        dir: dir.to_owned(),
        fixed,
    })
}

/// Opens every upstream.
async fn databases(
    dir: &Path,
    fixed: &Fixed,
    terms: &upstream::Terms,
) -> anyhow::Result<(Vec<Database>, Vec<upstream::Watched>)> {
    let mut databases = Vec::new();
    let mut upstreams = Vec::new();
    for (name, url) in &fixed.addresses {
        let parts = upstream::Parts {
            dir,
            name,
            url,
            service: &fixed.service,
            decider: &terms.decider,
        };
        let pool = upstream::links(&parts).await?;
        let (watched, held) = upstream::watch(&parts).await?;
        let world = Arc::new(upstream::world(name, &held, terms)?);
        databases.push(Database::new(name, pool, world, fixed.service.share_links));
        upstreams.push(watched);
    }
    if databases.is_empty() {
        bail!("the deployment has no upstream; name one in cordon.toml, e.g. [upstream.app]");
    }
    Ok((databases, upstreams))
}

impl Serving {
    /// Where clients connect.
    pub const fn address(&self) -> std::net::SocketAddr {
        self.address
    }

    /// Where health, metrics and the logs are shown, if anywhere.
    pub fn http_address(&self) -> Option<std::net::SocketAddr> {
        self.http.as_ref().map(http::Listening::address)
    }

    /// Ends all sessions, writes the last entries and closes the books.
    ///
    /// # Errors
    /// When the books cannot be closed; they are verified at the next start in any case.
    pub async fn stop(self) -> anyhow::Result<()> {
        let Self {
            gate,
            access,
            control,
            listening,
            upstreams,
            address: _,
            http,
            dir: _,
            fixed: _,
        } = self;
        gate.stop();
        // Sessions end within moments; a client that does not read is given up.
        if tokio::time::timeout(Duration::from_secs(30), listening)
            .await
            .is_err()
        {
            tracing::warn!("sessions did not end in time");
        }
        if let Some(http) = http {
            http.stop().await;
        }
        drop(upstreams);
        drop(gate);
        tokio::task::spawn_blocking(move || {
            access
                .pause()
                .context("the access log cannot be stopped in order")?;
            drop(access);
            control
                .close()
                .context("the control log cannot be stopped in order")?;
            drop(control);
            Ok(())
        })
        .await
        .context("closing the ledger broke off")?
    }
}

/// Limits as a deployment sets them.
pub fn limits_of(service: &deployment::Service) -> Limits {
    let mut limits = Limits::default();
    let number = |name: &str| service.limits.get(name).copied();
    let seconds = |name: &str| number(name).map(|s| Duration::from_secs(u64::from(s)));
    let count = |name: &str| number(name).and_then(|count| usize::try_from(count).ok());
    limits.sessions_max = count("sessions").unwrap_or(limits.sessions_max);
    limits.asker_sessions_max = count("sessions_of_one").unwrap_or(limits.asker_sessions_max);
    limits.unproved_max = count("unproved").unwrap_or(limits.unproved_max);
    limits.unproved_of_one_max = count("unproved_of_one").unwrap_or(limits.unproved_of_one_max);
    limits.authentication = seconds("authentication_s").unwrap_or(limits.authentication);
    limits.idle = seconds("idle_s").unwrap_or(limits.idle);
    limits.transaction = seconds("transaction_s").unwrap_or(limits.transaction);
    limits.statement = seconds("statement_s").unwrap_or(limits.statement);
    limits.write = seconds("write_s").unwrap_or(limits.write);
    limits.link_wait = seconds("link_wait_s").unwrap_or(limits.link_wait);
    if let Some(bytes) = number("message_bytes") {
        limits.wire.client_message_bytes = bytes;
    }
    limits
}
