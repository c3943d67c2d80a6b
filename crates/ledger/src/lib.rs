//! The durable log: entries go in, and once an append has answered they survive a power cut, keep
//! their place, and stand in a tree whose signed checkpoints a stranger verifies.
//!
//! Three states, each told by [`Progress`]: *durable* (index assigned, synced), *published* (in a
//! signed checkpoint, with its tiles and bundles), *witnessed* (cosigned by enough witnesses).
//!
//! The log itself stores opaque bytes and never learns what an entry means; the books above it
//! ([`ControlLog`], [`AccessLog`]) judge entries, anchor, erase and follow, and never decide about
//! anybody's rights or check a person's signature. It never acknowledges before the
//! sync, never signs a size that is not durable or a tree that contradicts an earlier one, never goes
//! on after a failed sync, and never writes payloads into the tree. Every opening reads and hashes
//! the whole log again.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod books;
mod bytes;
mod commit;
mod directory;
mod disk;
mod error;
mod frame;
mod log;
mod name;
mod open;
mod other_process;
mod payload;
mod progress;
mod publish;
mod read;
mod rebuild;
mod recorded;
mod settings;
mod storage;
mod submission;
mod surroundings;
mod tail;
mod witness;
mod witnessed;

pub use books::{
    AccessLog, Anchored, Assurance, Books, BooksSettings, ControlLog, ControlView, ErasureOrder,
    ErasureReport, FollowControl, Freshness, Keys, Lag, PayloadKey, Release,
};
pub use commit::{Notice, Waiting, Writer};
pub use directory::{DirectoryJournal, DirectoryObjects, JournalSettings};
pub use disk::{Access, Disk, DiskFile, RealDisk, Syncing};
pub use error::LedgerError;
pub use frame::{Frame, PayloadRange};
pub use log::Log;
pub use name::LogName;
pub use open::{Findings, Opened, Opening, Secrets};
pub use other_process::PublishedLog;
pub use payload::{Erased, Erasure, Found, Payload, PayloadReader, Scope};
pub use progress::{Progress, Standing};
pub use publish::{Cosign, CosignRefused, Publisher};
pub use recorded::{ControlFold, Queued, stop_when_full};
pub use settings::{Cadence, Settings};
pub use storage::{CHECKPOINT, Journal, Objects, ReadJournal, WITNESSED};
pub use submission::{AcceptAll, Admission, Fold, Receipt, Submission};
pub use surroundings::{Clock, Randomness, Surroundings, SystemClock, SystemRandomness};
pub use tail::Follow;
pub use witness::{HttpWitness, Patience, WitnessStanding};
pub use witnessed::Witnessed;
