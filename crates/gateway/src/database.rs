//! One upstream as clients see it: a database by its name, with its links and its world.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use postgres::Pool;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::world::World;

/// A database.
pub struct Database {
    name: String,
    pool: Pool,
    worlds: watch::Sender<Arc<World>>,
    shares_links: bool,
    /// Whether no governed statement may begin: the schema is changing, or nobody watches it.
    is_halted: watch::Sender<bool>,
    /// How often the schema was let go.
    times_let_go: AtomicU64,
}

/// A time during which the schema is held. What the server has locks for in the same time as it was
/// judged in is read by the schema that it was judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeldTime(u64);

impl Database {
    /// A database over a pool of links. With `shares_links` a session keeps a link only while
    /// something binds it: a transaction, a cursor, a setting of the server.
    pub fn new(name: &str, pool: Pool, world: Arc<World>, shares_links: bool) -> Self {
        Self {
            name: name.to_owned(),
            pool,
            worlds: watch::Sender::new(world),
            shares_links,
            is_halted: watch::Sender::new(false),
            times_let_go: AtomicU64::new(0),
        }
    }

    /// No governed statement begins until another world is put in force.
    pub fn halt(&self) {
        self.is_halted.send_replace(true);
    }

    /// The locks that hold the schema are about to be given up. Whatever reaches the server from here
    /// on may be read by another schema than the one it was judged by: its answers are not taken.
    pub fn let_go(&self) {
        self.is_halted.send_replace(true);
        self.times_let_go.fetch_add(1, Ordering::SeqCst);
    }

    /// The time that is now. Asked before a statement is judged and again when the server has locked
    /// what it reads.
    pub(crate) fn held_time(&self) -> HeldTime {
        HeldTime(self.times_let_go.load(Ordering::SeqCst))
    }

    /// Whether no governed statement may begin.
    pub fn is_halted(&self) -> bool {
        *self.is_halted.borrow()
    }

    /// Whether this is the world of now.
    pub(crate) fn is_in_force(&self, world: &Arc<World>) -> bool {
        Arc::ptr_eq(world, &self.worlds.borrow())
    }

    /// Waits while the database is halted; false if that takes too long.
    pub(crate) async fn goes_on(&self, patience: Duration) -> bool {
        if !*self.is_halted.borrow() {
            return true;
        }
        let mut halted = self.is_halted.subscribe();
        let waiting = halted.wait_for(|is_halted| !is_halted);
        matches!(timeout(patience, waiting).await, Ok(Ok(_)))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its links.
    pub const fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Puts another world in force; [`crate::Gate::turn_to`] records it first.
    pub(crate) fn turn_to(&self, world: Arc<World>) {
        self.worlds.send_replace(world);
        self.is_halted.send_replace(false);
    }

    /// The world in force.
    pub fn world(&self) -> Arc<World> {
        Arc::clone(&self.worlds.borrow())
    }

    pub(crate) fn worlds(&self) -> watch::Receiver<Arc<World>> {
        self.worlds.subscribe()
    }

    pub(crate) const fn shares_links(&self) -> bool {
        self.shares_links
    }

    /// The version that clients are told: of the server, so that drivers do what they do there.
    pub(crate) fn version(&self) -> String {
        self.world().enforcer().schema().snapshot().version()
    }

    /// What `version()` answers.
    pub(crate) fn version_text(&self) -> String {
        format!("PostgreSQL {} (Cordon)", self.version())
    }

    /// The version as a number, as in `server_version_num`.
    pub(crate) fn version_number(&self) -> i32 {
        let number = self.world().enforcer().schema().snapshot().server_version;
        i32::try_from(number).unwrap_or_default()
    }
}
