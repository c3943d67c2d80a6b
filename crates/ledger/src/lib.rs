//! x
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod bytes;
mod directory;
mod disk;
mod error;
mod frame;
mod payload;
mod storage;
mod surroundings;

pub use disk::{Access, Disk, DiskFile, RealDisk};
pub use error::LedgerError;
