//! A running gateway, put together from a deployment's directory: its secrets, its books, its
//! upstreams. Shared by `cordon serve` and the demo.

mod books;
mod door;
mod secrets;
mod upstream;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use gateway::{Gate, Limits, Recorder};
use ledger::{AccessLog, ControlLog};
use record::Line;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::verbs::load::Loaded;

pub use secrets::{ensure as ensure_secrets, scram_file};

/// Everything that runs.
pub struct Serving {
    gate: Arc<Gate>,
    access: Arc<AccessLog>,
    control: Arc<ControlLog>,
    listening: JoinHandle<()>,
    upstreams: Vec<upstream::Watched>,
    address: std::net::SocketAddr,
}

/// The name of this build, as entries carry it.
fn build() -> Line {
    let name = concat!("cordon ", env!("CARGO_PKG_VERSION"));
    // The text is ours and short.
    Line::new(name).unwrap_or_else(|_| unreachable!("a build's name is a line"))
}

/// Starts to serve a deployment as an evaluation: what is in force is what DIR says.
///
/// # Errors
/// With the first thing that is wrong, and what to do about it.
pub async fn start(dir: &Path, loaded: Loaded) -> anyhow::Result<Serving> {
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
    let decider = Arc::new(loaded.decider);
    let mut databases = Vec::new();
    let mut watched = Vec::new();
    for (name, url) in &loaded.bundle.upstreams {
        let parts = upstream::Parts {
            dir,
            name,
            url,
            service: &service,
            decider: &decider,
            rights: &loaded.bundle.rights,
            in_force: &in_force,
        };
        let (database, watch) = upstream::open(&parts).await?;
        databases.push(database);
        watched.push(watch);
    }
    if databases.is_empty() {
        bail!("the deployment has no upstream; name one in cordon.toml, e.g. [upstream.app]");
    }
    let recorder = Recorder::new(Arc::clone(&access));
    let limits = door::limits(&service)?;
    let gate = Arc::new(Gate::new(
        databases,
        recorder,
        door,
        files.root,
        limits,
        build(),
    ));
    gate.begin()
        .await
        .context("the ledger does not take the schema of the data store")?;
    let listener = TcpListener::bind(service.listen).await.with_context(|| {
        format!(
            "cannot listen at {}; another program may have the port, or set `listen` in cordon.toml",
            service.listen
        )
    })?;
    let address = listener.local_addr()?;
    for watch in &mut watched {
        watch.follow(&gate, &decider, &loaded.bundle.rights, &in_force);
    }
    let listening = tokio::spawn(gateway::serve(Arc::clone(&gate), listener));
    Ok(Serving {
        gate,
        access,
        control,
        listening,
        upstreams: watched,
        address,
    })
}

impl Serving {
    /// Where clients connect.
    pub const fn address(&self) -> std::net::SocketAddr {
        self.address
    }

    /// The gateway.
    pub const fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// The access log.
    pub const fn access(&self) -> &Arc<AccessLog> {
        &self.access
    }

    /// The control log.
    pub const fn control(&self) -> &Arc<ControlLog> {
        &self.control
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
        } = self;
        gate.stop();
        // Sessions end within moments; a client that does not read is given up.
        if tokio::time::timeout(Duration::from_secs(30), listening)
            .await
            .is_err()
        {
            tracing::warn!("sessions did not end in time");
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
    limits.unproved_max = count("unproved").unwrap_or(limits.unproved_max);
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
