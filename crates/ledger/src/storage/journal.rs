//! The first contract: ordered, durable appends. It is the commit point of the log.

use crate::error::LedgerError;
use crate::frame::Frame;

/// Ordered, durable appends of [`Frame`]s, and their read-back.
///
/// *Durability.* When [`append`](Journal::append) answers `Ok`, the frame survives a power cut, and
/// so do all frames before it. The ledger acknowledges an entry then and not earlier.
///
/// *Consistency.* One writer: the implementation holds an exclusive lock from its opening to its
/// drop, also against other processes. Frames come back whole or not at all, in the order and with
/// the bytes given, without gaps: a frame's `first` is the `size` of the one before. A reader sees a
/// frame at the latest when its `append` has answered.
///
/// *Errors.* After [`LedgerError::DiskFull`] nothing of the frame is kept and another, smaller one
/// may be tried. After any other error it is unknown whether the frame is kept; every later append
/// must fail until the journal is opened again, and opening must make durable afresh whatever it
/// shows, because bytes can still be read that a failed sync has lost.
///
/// *Who retries.* Nobody inside: the committer stops the log, its owner opens it again.
pub trait Journal: Send + Sync {
    /// The index that the next frame must begin with.
    fn next(&self) -> u64;
    /// The first index that can still be read.
    fn first(&self) -> u64;
    /// Adds a frame. One caller at a time.
    fn append(&self, frame: &Frame) -> Result<(), LedgerError>;
    /// Undoes what a failed append may have left allocated, after [`LedgerError::DiskFull`] only.
    fn give_back(&self) -> Result<(), LedgerError>;
    /// Reads from the frame that holds an index, which must not lie before [`first`](Journal::first).
    fn read_from(&self, index: u64) -> Result<Box<dyn ReadJournal>, LedgerError>;
    /// Allows frames below an index to be dropped; how much goes is the implementation's choice. The
    /// caller has made them durable elsewhere.
    fn forget_before(&self, index: u64) -> Result<(), LedgerError>;
}

/// A place in the journal from which to read on.
pub trait ReadJournal: Send {
    /// The next frame, if all of it lies below a size that is known to be durable.
    fn next_frame(&mut self, below: u64) -> Result<Option<Frame>, LedgerError>;
}
