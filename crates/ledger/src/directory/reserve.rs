//! Space that is kept so that a full disk can still be recorded.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{Access, Disk};
use crate::error::LedgerError;

/// A file of zeros that is given up when the disk is full.
pub(crate) struct Reserve {
    disk: Arc<dyn Disk>,
    path: PathBuf,
}

impl Reserve {
    /// Makes the reserve if it is not there in its full size.
    pub(crate) fn open(disk: Arc<dyn Disk>, folder: &Path, size: u64) -> Result<Self, LedgerError> {
        let path = folder.join("reserve");
        let is_there = disk
            .open(&path, Access::Read)
            .and_then(|file| file.size())
            .is_ok_and(|found| found == size);
        if !is_there && size > 0 {
            let file = disk
                .open(&path, Access::Create)
                .map_err(LedgerError::io("make", &path))?;
            // Written, not only extended: a hole in a file is no space.
            let zeros = vec![0; usize::try_from(size).unwrap_or(0)];
            file.write_at(0, &zeros)
                .map_err(LedgerError::io("write", &path))?;
            file.sync_data().map_err(LedgerError::sync(&path))?;
        }
        Ok(Self { disk, path })
    }

    /// Gives the space up.
    pub(crate) fn release(&self) -> Result<(), LedgerError> {
        let file = self
            .disk
            .open(&self.path, Access::Write)
            .map_err(LedgerError::io("open", &self.path))?;
        file.set_size(0)
            .map_err(LedgerError::io("cut", &self.path))?;
        file.sync_data().map_err(LedgerError::sync(&self.path))
    }
}
