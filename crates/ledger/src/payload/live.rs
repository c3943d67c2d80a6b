//! The payload file that is written to, and what opening mends in it.

use std::path::{Path, PathBuf};

use crate::disk::DiskFile;
use crate::error::LedgerError;
use crate::frame::PayloadRange;

use super::file::{Contents, Place};

/// The file that is written to.
pub(super) struct Live {
    pub(super) file: Box<dyn DiskFile>,
    pub(super) path: PathBuf,
    pub(super) first: u64,
    pub(super) offset: u64,
    pub(super) allocated: u64,
    pub(super) places: Vec<Place>,
    /// Offset and number of places before the last write.
    pub(super) before: (u64, usize),
}

impl Live {
    /// Writes records behind the others, and zeros ahead of the next ones. `places` are within the bytes.
    pub(super) fn write(
        &mut self,
        bytes: &mut Vec<u8>,
        places: &[Place],
        chunk: u64,
    ) -> Result<(), LedgerError> {
        let end = self.offset + bytes.len() as u64;
        if end > self.allocated {
            let allocated = end.div_ceil(chunk) * chunk;
            let zeros = usize::try_from(allocated - end).unwrap_or(0);
            bytes.resize(bytes.len() + zeros, 0);
            self.allocated = allocated;
        }
        self.file
            .write_at(self.offset, bytes)
            .map_err(LedgerError::io("write", &self.path))?;
        let offset = self.offset;
        self.places.extend(places.iter().map(|place| Place {
            offset: offset + place.offset,
            ..*place
        }));
        self.offset = end;
        Ok(())
    }
}

/// Makes all bytes behind the last record zero; says how many there were.
pub(super) fn overwrite_behind(
    file: &dyn DiskFile,
    path: &Path,
    contents: &Contents,
) -> Result<u64, LedgerError> {
    let orphaned = contents.written.saturating_sub(contents.end);
    if orphaned > 0 {
        let zeros = vec![0; usize::try_from(orphaned).unwrap_or(0)];
        file.write_at(contents.end, &zeros)
            .map_err(LedgerError::io("write", path))?;
        file.sync_data().map_err(LedgerError::sync(path))?;
    }
    Ok(orphaned)
}

/// Writes payloads once more that are there: if their sync failed before the last stop they can be read
/// although the disk has lost them, and only fresh writes are synced again.
pub(super) fn write_again(
    file: &dyn DiskFile,
    path: &Path,
    bytes: &[u8],
    last: PayloadRange,
) -> Result<(), LedgerError> {
    let Some(payloads) = last.of(bytes) else {
        return Ok(());
    };
    file.write_at(last.offset, payloads)
        .map_err(LedgerError::io("write", path))?;
    file.sync_data().map_err(LedgerError::sync(path))
}
