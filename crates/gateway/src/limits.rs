//! Every limit of the gateway, with its reason. A deployment may lower most of them in `cordon.toml`.

use std::time::Duration;

/// What one gateway bears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Sessions at once, each of which may hold a link to the data store.
    pub sessions_max: usize,
    /// Sessions of one person or service at once: nobody may take all places and links.
    pub asker_sessions_max: usize,
    /// Connections that have not proved who they are; the oldest protocols wait there for nothing.
    pub unproved_max: usize,
    /// The same from one address, so that nobody takes all places; others of the address wait.
    pub unproved_of_one_max: usize,
    /// How long somebody may take to prove who they are. PostgreSQL's own default.
    pub authentication: Duration,
    /// How long a session may be silent.
    pub idle: Duration,
    /// How long a transaction may last: it pins a link, and its snapshot holds back vacuum.
    pub transaction: Duration,
    /// How long a client may take to read what was sent: slower ones hold back others' links.
    pub write: Duration,
    /// How long a statement may wait for a link.
    pub link_wait: Duration,
    /// How long one statement may run upstream, whatever `statement_timeout` says.
    pub statement: Duration,
    /// Messages and rows.
    pub wire: wire::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sessions_max: 2_000,
            asker_sessions_max: 100,
            unproved_max: 500,
            unproved_of_one_max: 50,
            authentication: Duration::from_secs(60),
            idle: Duration::from_secs(3_600),
            transaction: Duration::from_secs(900),
            write: Duration::from_secs(120),
            link_wait: Duration::from_secs(30),
            statement: Duration::from_secs(600),
            wire: wire::Limits::default(),
        }
    }
}

/// LIMIT: prepared statements of one session; drivers keep at most 256 each.
pub(crate) const STATEMENTS_MAX: usize = 4_096;
/// LIMIT: portals and cursors of one session.
pub(crate) const PORTALS_MAX: usize = 1_024;
/// LIMIT: guarded statements that one session remembers.
pub(crate) const REMEMBERED_MAX: usize = 512;
/// LIMIT: the length of their texts together.
pub(crate) const REMEMBERED_BYTES: usize = 1 << 20;
/// LIMIT: texts and values that one session's prepared statements and portals hold.
pub(crate) const HELD_BYTES_MAX: usize = 32 << 20;
/// LIMIT: what is written to a link before its answers are read.
pub(crate) const UNSENT_BYTES: usize = 256 * 1024;
/// LIMIT: answers that a pipeline may leave waiting before they are asked for.
pub(crate) const PIPELINE_MAX: usize = 4_096;
/// LIMIT: bytes for the client that are collected before they are written.
pub(crate) const OUT_BYTES: usize = 64 * 1024;
/// LIMIT: settings of one session, and the length of one.
pub(crate) const SETTING_BYTES_MAX: usize = 1_024;
/// How many rows and bytes the first record of a statement lets out: what an interactive client reads.
pub(crate) const FIRST_ROWS: u64 = 10_000;
/// The same in bytes.
pub(crate) const FIRST_BYTES: u64 = 4 << 20;
/// LIMIT: reservations double up to this, so that a record is never far above what has left.
pub(crate) const STEP_BYTES_MAX: u64 = 256 << 20;
