//! What all sessions of one gateway share.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use identity::oidc::Issuer;
use identity::scram::Verifiers;
use identity::tls::ServerTls;
use model::Timestamp;
use record::{AppendError, Line};
use tokio::sync::watch;
use wire::Cancel;

use crate::cancels::Cancels;
use crate::counts::Counts;
use crate::database::Database;
use crate::keys::Root;
use crate::limits::Limits;
use crate::live::Sessions;
use crate::networks::Networks;
use crate::record::Recorder;
use crate::strangers::Strangers;
use crate::turned_away::TurnedAway;
use crate::world::World;

/// How people prove who they are.
pub struct Doors {
    /// TLS; without it everybody is told that it is needed, unless `plain` allows otherwise.
    pub tls: Option<ServerTls>,
    /// Passwords.
    pub verifiers: Verifiers,
    /// Tokens.
    pub issuer: Option<Arc<Issuer>>,
    /// Whether connections without TLS are taken: from this host alone.
    pub plain: bool,
    /// Where the operator's own networks are.
    pub networks: Networks,
}

/// One gateway.
pub struct Gate {
    databases: BTreeMap<String, Arc<Database>>,
    recorder: Arc<Recorder>,
    /// Replaced as a whole when passwords or certificates are read again.
    doors: RwLock<Arc<Doors>>,
    keys: Root,
    limits: Limits,
    build: Line,
    sessions: Arc<Sessions>,
    /// Connections that have not proved who they are.
    strangers: Arc<Strangers>,
    cancels: Cancels,
    stopping: watch::Sender<bool>,
    turned_away: TurnedAway,
}

impl Gate {
    /// Puts a gateway together.
    pub fn new(
        databases: Vec<Database>,
        recorder: Recorder,
        doors: Doors,
        keys: Root,
        limits: Limits,
        build: Line,
    ) -> Self {
        let databases = databases
            .into_iter()
            .map(|database| (database.name().to_owned(), Arc::new(database)))
            .collect();
        Self {
            databases,
            recorder: Arc::new(recorder),
            doors: RwLock::new(Arc::new(doors)),
            keys,
            strangers: Arc::new(Strangers::new(
                limits.unproved_max,
                limits.unproved_of_one_max,
            )),
            cancels: Cancels::default(),
            limits,
            build,
            sessions: Arc::default(),
            stopping: watch::Sender::new(false),
            turned_away: TurnedAway::default(),
        }
    }

    /// Records what the gate works with. Before anybody is let in.
    ///
    /// # Errors
    /// When the ledger does not take it.
    pub async fn begin(&self) -> Result<(), AppendError> {
        for database in self.databases() {
            self.recorder.schema_seen(&database.world()).await?;
        }
        Ok(())
    }

    /// Puts another world of a database in force, after its schema is recorded. Statements that run
    /// under the old one are judged again.
    ///
    /// # Errors
    /// When the ledger does not take it; then nothing changes.
    pub async fn turn_to(&self, database: &Database, world: Arc<World>) -> Result<(), AppendError> {
        if world.snapshot() != database.world().snapshot() {
            self.recorder.schema_seen(&world).await?;
        }
        database.turn_to(world);
        Ok(())
    }

    /// Hands decisions over that were queued for the ledger. To be called when a thread of the runtime has
    /// nothing to do: until then they gather, so that they share a commit.
    pub fn rest(&self) {
        self.recorder.log().hand_over();
    }

    /// A database by its name.
    pub fn database(&self, name: &str) -> Option<&Arc<Database>> {
        self.databases.get(name)
    }

    /// All databases.
    pub fn databases(&self) -> impl Iterator<Item = &Arc<Database>> {
        self.databases.values()
    }

    /// How many sessions there are.
    pub fn sessions_count(&self) -> usize {
        self.sessions.count()
    }

    /// Ends all sessions, each after the statement that it runs is cut.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Whether somebody who connects now would get a session, as far as the gate itself knows.
    pub fn takes_sessions(&self) -> bool {
        !self.is_stopping() && self.sessions.count() < self.limits.sessions_max
    }

    /// What has happened so far, in numbers.
    pub fn counts(&self) -> Counts {
        let open = u64::try_from(self.sessions.count()).unwrap_or(u64::MAX);
        self.recorder.counters().now(open)
    }

    /// From now on people prove who they are in this way. Sessions that are in stay.
    pub fn open_doors(&self, doors: Doors) {
        let mut open = self.doors.write().unwrap_or_else(PoisonError::into_inner);
        *open = Arc::new(doors);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Turns true when the gate is stopped.
    pub(crate) fn watch_stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    pub(crate) async fn stopping(&self) {
        let mut stopping = self.watch_stopping();
        // The sender lives as long as the gate.
        let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
    }

    pub(crate) const fn strangers(&self) -> &Arc<Strangers> {
        &self.strangers
    }

    /// Passes a cancel request on, if its address has not sent too many wrong ones.
    pub(crate) async fn cancel(&self, wanted: &Cancel, address: IpAddr) {
        if !self.cancels.take(address, Instant::now()) {
            return;
        }
        if self.sessions.cancel(wanted).await {
            self.cancels.give_back(address);
        }
    }

    pub(crate) const fn turned_away(&self) -> &TurnedAway {
        &self.turned_away
    }

    pub(crate) const fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    pub(crate) fn doors(&self) -> Arc<Doors> {
        let doors = self.doors.read();
        Arc::clone(&doors.unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) const fn keys(&self) -> &Root {
        &self.keys
    }

    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) const fn build(&self) -> &Line {
        &self.build
    }

    pub(crate) const fn sessions(&self) -> &Arc<Sessions> {
        &self.sessions
    }

    pub(crate) fn now_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| {
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_seconds(i64::try_from(self.now_ms() / 1000).unwrap_or(i64::MAX))
    }
}
