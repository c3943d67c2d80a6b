//! Reads the journal's frames while others are being added.

use std::path::PathBuf;
use std::sync::Arc;

use crate::disk::{Access, Disk, DiskFile};
use crate::error::{LedgerError, RESTORE};
use crate::frame::{self, Frame};
use crate::storage::ReadJournal;

use super::journal::Segments;
use super::segment::{self, FRAMES};

/// A place in the journal.
pub(crate) struct Cursor {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) folder: PathBuf,
    pub(crate) segments: Segments,
    /// The index of the next entry to read.
    pub(crate) next: u64,
    pub(crate) open: Option<Open>,
}

pub(crate) struct Open {
    file: Box<dyn DiskFile>,
    path: PathBuf,
    number: u64,
    offset: u64,
}

impl Cursor {
    /// The segment that holds the next entry; the place in it moves on to that entry's frame.
    fn open_segment(&mut self) -> Result<Open, LedgerError> {
        let found = self.segments.holding(self.next);
        let (first, number) = found.ok_or_else(|| LedgerError::NoEntry {
            index: self.next,
            size: self.segments.last_first(),
        })?;
        let path = segment::path(&self.folder, first);
        let file = self
            .disk
            .open(&path, Access::Read)
            .map_err(LedgerError::io("open", &path))?;
        Ok(Open {
            file,
            path,
            number,
            offset: FRAMES,
        })
    }

    /// The bytes at the place: a header's, or none at the end of the segment.
    fn header(open: &Open, next: u64) -> Result<Option<frame::Header>, LedgerError> {
        let mut bytes = [0; frame::HEADER];
        let read = open
            .file
            .read_at(open.offset, &mut bytes)
            .map_err(LedgerError::io("read", &open.path))?;
        let bytes = bytes.get(..read).unwrap_or_default();
        let is_end = bytes.iter().all(|byte| *byte == 0);
        if is_end || frame::is_continued(bytes, open.number, next) {
            return Ok(None);
        }
        let header = frame::Header::decode(bytes, open.number);
        let bad = || {
            LedgerError::damaged(
                &open.path,
                open.offset,
                "the frame's header is not valid",
                RESTORE,
            )
        };
        header.ok_or_else(bad).map(Some)
    }

    fn read(open: &Open, header: frame::Header) -> Result<Frame, LedgerError> {
        let mut bytes = vec![0; header.length()];
        let read = open
            .file
            .read_at(open.offset, &mut bytes)
            .map_err(LedgerError::io("read", &open.path))?;
        bytes.truncate(read);
        frame::decode(&bytes, open.number)
            .map_err(|cause| LedgerError::damaged(&open.path, open.offset, cause, RESTORE))
    }
}

impl ReadJournal for Cursor {
    fn next_frame(&mut self, below: u64) -> Result<Option<Frame>, LedgerError> {
        while self.next < below {
            let mut open = match self.open.take() {
                Some(open) => open,
                None => self.open_segment()?,
            };
            let Some(header) = Self::header(&open, self.next)? else {
                // The segment ends here; the next entry is in the next one, or nowhere.
                if self
                    .segments
                    .holding(self.next)
                    .is_some_and(|(_, number)| number == open.number)
                {
                    return Err(LedgerError::damaged(
                        &open.path,
                        open.offset,
                        "a frame that was durable is missing",
                        RESTORE,
                    ));
                }
                continue;
            };
            let frame = Self::read(&open, header)?;
            open.offset += header.length() as u64;
            self.open = Some(open);
            if frame.size <= self.next {
                continue;
            }
            self.next = frame.size;
            return Ok(Some(frame));
        }
        Ok(None)
    }
}
