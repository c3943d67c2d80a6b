//! The few things the ledger asks of a file system. It knows nothing of logs.

use std::io;
use std::path::Path;

mod real;
mod syncing;
mod whole;

pub use real::RealDisk;
pub use syncing::Syncing;
pub(crate) use whole::{list_finished, read_whole, sync_folder, write_whole};

/// A file system, as far as the ledger needs one.
///
/// Durability: a change to a file's bytes is durable after [`DiskFile::sync_data`], a name (made,
/// renamed or removed) after [`Disk::sync_dir`] of its folder; before that either may be lost, in any
/// order and in part. Nothing is retried here. After any error the caller must take it that the
/// change may or may not have been made; after a failed sync, that the bytes may be lost although
/// they can still be read.
pub trait Disk: Send + Sync {
    /// Opens a file.
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn DiskFile>>;
    /// Makes a folder; one that is there already is no error.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// The names in a folder, in no order.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;
    /// Gives a file another name in one step; what bore that name is gone.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_dir(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a folder durable.
    fn sync_dir(&self, folder: &Path) -> io::Result<()>;
    /// Takes an exclusive lock on a file, made if it is missing, that lasts until the answer is
    /// dropped or the process ends. `WouldBlock` when somebody else holds it.
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Send + Sync>>;
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To read; it must be there.
    Read,
    /// To read and write; it must be there.
    Write,
    /// To read and write; it is made, and emptied if it was there.
    Create,
}

/// An open file.
pub trait DiskFile: Send + Sync {
    /// Reads from an offset until the buffer is full or the file ends; says how many bytes.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
    /// Writes all bytes at an offset.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Makes the file's bytes and length durable (`fdatasync`).
    fn sync_data(&self) -> io::Result<()>;
    /// Begins what [`DiskFile::sync_data`] does and lets the caller go on with other files; what was
    /// written before the call is durable once [`Syncing::wait`] has answered `Ok`, and not before.
    /// One at a time for a file. Where nothing is said, the caller waits here.
    fn begin_sync(&self) -> Syncing {
        let done = self.sync_data();
        Syncing::new(move || done)
    }
    /// Cuts or extends the file; an extension reads as zeros.
    fn set_size(&self, size: u64) -> io::Result<()>;
    /// The file's length in bytes.
    fn size(&self) -> io::Result<u64>;
    /// Whether the path still leads to this file: somebody may have removed or replaced it, and what
    /// is written to it then would be read by nobody.
    fn is_in_place(&self) -> io::Result<bool>;
}
