//! Every limit of the witness with its reason.

use std::time::Duration;

/// LIMIT: one request. 63 proof lines and a checkpoint with sixteen post-quantum signatures, which
/// C2SP asks for, have 115 KB.
pub const REQUEST_BYTES_MAX: usize = 128 * 1024;

/// LIMIT: kept refusals that are no proof by themselves, for each log and kind; the oldest goes
/// first. With the limit above one log's take at most 38 MB.
pub const EVIDENCE_FILES_MAX: usize = 100;

/// LIMIT: kept contradictions for each log. The first ones stay, because whoever signed them would
/// like to push them out.
pub const FORK_FILES_MAX: usize = 1000;

/// A file of cosigned checkpoints is closed at this size and the next one begun: at a checkpoint
/// every ten seconds it lasts about four days, and one file is read at the start.
pub(crate) const HISTORY_FILE_BYTES: u64 = 16 << 20;

/// LIMIT: any other file of ours: key, marker, settings, the latest checkpoint.
pub(crate) const FILE_BYTES_MAX: u64 = 1 << 20;

/// LIMIT: connections at a time. Logs ask seldom; more is an attack, and each may hold a request.
pub(crate) const CONNECTIONS_MAX: usize = 64;

/// LIMIT: for the head of a request, and for an idle connection.
pub(crate) const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// LIMIT: for the body of a request.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// LIMIT: how long a stop waits for answers that are under way.
pub(crate) const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// LIMIT: the head of a request; hyper takes no smaller buffer than 8 KiB.
pub(crate) const HEAD_BYTES_MAX: usize = 16 * 1024;
