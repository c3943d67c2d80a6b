//! The second contract: immutable named blobs, and two names that may be replaced.

use crate::error::LedgerError;

/// The latest signed checkpoint.
pub const CHECKPOINT: &str = "checkpoint";
/// The latest checkpoint that carries cosignatures of enough witnesses. It may be smaller than the
/// latest, because witnesses are asked less often than the log publishes.
pub const WITNESSED: &str = "checkpoint.witnessed";

/// Immutable named blobs: tiles and entry bundles, under their C2SP names.
///
/// *Durability.* When [`put`](Objects::put) or [`replace`](Objects::replace) answers `Ok`, all it was
/// given survives a power cut. After an error any part of it may be there.
///
/// *Consistency.* A name is there with all its bytes or not at all. A reader may see an object before
/// `put` has answered; nobody relies on one before a checkpoint covers it, and the checkpoint is
/// replaced only after `put` has answered. `put` of a name that is there is given the same bytes and
/// changes nothing. `replace` is atomic: a reader sees the old or the new.
///
/// *Who retries.* The publisher, at its next round, with all that is still missing; both operations
/// are idempotent. An implementation may retry what it knows to be transient.
pub trait Objects: Send + Sync {
    /// Adds blobs, in no order.
    fn put(&self, objects: &[(String, Vec<u8>)]) -> Result<(), LedgerError>;
    /// Replaces one of the two names that may change.
    fn replace(&self, name: &'static str, bytes: &[u8]) -> Result<(), LedgerError>;
    /// Reads a blob; none if it is not there.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, LedgerError>;
    /// Removes the partial forms (`<name>.p/<width>`) of blobs that are full now. Removing need not be
    /// durable; what is not there is no error.
    fn forget_partials(&self, full: &[String]) -> Result<(), LedgerError>;
}
