//! How a log uses memory, disk and time, each limit with its reason.

use std::time::Duration;

use crate::directory::JournalSettings;

/// The settings of one log.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How segments are kept.
    pub journal: JournalSettings,
    /// Space kept for the entry that says the disk is full: some entries with their payloads, and
    /// what the file system needs to record them.
    pub reserve_bytes: u64,
    /// How many entries may wait. Above it an append is refused at once, so that a slow disk is seen
    /// by clients as a refusal and not as a standstill.
    pub queue_max: usize,
    /// How long an entry may wait to be written, and then for the disk's answer.
    pub deadline: Duration,
    /// When the log publishes.
    pub publish: Cadence,
    /// How often witnesses are asked.
    pub cosign_every: Duration,
    /// How many witnesses must cosign a checkpoint for it to count as witnessed. 0 is evaluation
    /// mode: nothing counts as witnessed.
    pub witnesses_needed: usize,
}

/// When a log publishes a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cadence {
    /// After every commit: the control log, on which other gateways wait.
    EveryCommit,
    /// At most this often, and at the latest this long after an entry is durable: access logs.
    Every(Duration),
}

impl Settings {
    /// For a control log: published on every commit.
    pub fn control() -> Self {
        Self {
            publish: Cadence::EveryCommit,
            ..Self::access()
        }
    }

    /// For an access log: published at most every second.
    pub fn access() -> Self {
        Self {
            journal: JournalSettings::default(),
            reserve_bytes: 4 << 20,
            queue_max: 16_384,
            deadline: Duration::from_secs(5),
            publish: Cadence::Every(Duration::from_secs(1)),
            cosign_every: Duration::from_secs(10),
            witnesses_needed: 1,
        }
    }
}

/// LIMIT: one commit's entries; far more than wait while one sync runs, and a frame stays small.
pub(crate) const COMMIT_ENTRIES_MAX: usize = 4096;
/// LIMIT: one commit's bytes, entries and payloads. One submission may be larger and goes alone.
pub(crate) const COMMIT_BYTES_MAX: usize = 8 << 20;
/// LIMIT: one submission's payloads.
pub(crate) const PAYLOAD_BYTES_MAX: usize = 16 << 20;
/// LIMIT: tiles and bundles that wait to be put, while the publisher catches up.
pub(crate) const PUT_BYTES_MAX: usize = 8 << 20;
