//! The journal on a directory: segments of frames, rotated by size.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use crate::disk::{Access, Disk, DiskFile, list_finished, read_whole, sync_folder};
use crate::error::LedgerError;
use crate::frame::{self, Frame};
use crate::storage::{Journal, ReadJournal};
use crate::surroundings::Randomness;

use super::reader::Cursor;
use super::replay::{self, End};
use super::segment::{self, FRAMES, Header};

/// How the journal uses the disk.
#[derive(Clone, Copy, Debug)]
pub struct JournalSettings {
    /// From this size on a new segment is begun.
    pub segment_bytes: u64,
    /// Zeros are written this far ahead, so that a commit changes bytes and not the file's length:
    /// its sync is then a third quicker. 0 for none.
    pub allocate_bytes: u64,
    /// How many whole segments are kept though bundles hold their entries.
    pub segments_kept: usize,
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self {
            segment_bytes: 32 << 20,
            allocate_bytes: 1 << 20,
            segments_kept: 2,
        }
    }
}

/// What opening the journal found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Replayed {
    /// Bytes of a commit that nobody was told of, now gone.
    pub(crate) torn: u64,
}

/// First index and number of each segment, shared with readers.
#[derive(Clone, Default)]
pub(crate) struct Segments(Arc<Mutex<BTreeMap<u64, u64>>>);

impl Segments {
    fn all(&self) -> MutexGuard<'_, BTreeMap<u64, u64>> {
        // A map of numbers cannot be left half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn holding(&self, index: u64) -> Option<(u64, u64)> {
        let all = self.all();
        all.range(..=index)
            .next_back()
            .map(|(first, number)| (*first, *number))
    }

    pub(crate) fn last_first(&self) -> u64 {
        self.all().last_key_value().map_or(0, |(first, _)| *first)
    }
}

/// The journal on a directory.
pub struct DirectoryJournal {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    origin: [u8; 32],
    settings: JournalSettings,
    randomness: Arc<dyn Randomness>,
    segments: Segments,
    writing: Mutex<Writing>,
}

struct Writing {
    open: Option<OpenSegment>,
    next: u64,
    /// Set by an error after which it is unknown what is kept.
    is_broken: bool,
    buffer: Vec<u8>,
}

struct OpenSegment {
    file: Box<dyn DiskFile>,
    path: PathBuf,
    number: u64,
    offset: u64,
    allocated: u64,
}

impl OpenSegment {
    /// Says in a full segment that another follows. A full disk is no reason to fail: without the mark
    /// only a removed segment is noticed later.
    fn mark_continued(&self, next: u64) -> Result<(), LedgerError> {
        let mark = frame::encode_continued(self.number, next);
        let written = self.file.write_at(self.offset, &mark);
        match written.map_err(LedgerError::io("write", &self.path)) {
            Err(LedgerError::DiskFull { .. }) => Ok(()),
            Err(error) => Err(error),
            Ok(()) => self.file.sync_data().map_err(LedgerError::sync(&self.path)),
        }
    }
}

impl DirectoryJournal {
    /// Makes the journal of a new log in an empty folder, without a log around it.
    pub fn make(
        disk: Arc<dyn Disk>,
        folder: &Path,
        origin: &str,
        settings: JournalSettings,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, LedgerError> {
        let origin = Sha256::digest(origin.as_bytes()).into();
        let (journal, _) = Self::open(
            disk,
            folder,
            origin,
            settings,
            randomness,
            &mut |_| Ok(true),
            &mut |_| Ok(()),
        )?;
        journal.begin(false)?;
        Ok(journal)
    }

    /// Opens or makes the journal in a folder that is there, showing every frame to a visitor. The
    /// caller holds the log's lock. A torn end is cut; what is shown is durable when this answers.
    /// `stands` is asked about the last frame, if nothing was written behind it: one that does not
    /// stand is cut like a torn one, and not shown.
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        folder: &Path,
        origin: [u8; 32],
        settings: JournalSettings,
        randomness: Arc<dyn Randomness>,
        stands: &mut replay::Stands<'_>,
        visit: &mut dyn FnMut(Frame) -> Result<(), LedgerError>,
    ) -> Result<(Self, Replayed), LedgerError> {
        let firsts = list(disk.as_ref(), folder)?;
        let mut journal = Self {
            disk,
            folder: folder.to_owned(),
            origin,
            settings,
            randomness,
            segments: Segments::default(),
            writing: Mutex::new(Writing {
                open: None,
                next: 0,
                is_broken: false,
                buffer: Vec::new(),
            }),
        };
        let replayed = journal.replay(&firsts, stands, visit)?;
        Ok((journal, replayed))
    }

    /// Makes the first segment of a new log. One that was made before and has none has lost it.
    pub(crate) fn begin(&self, was_made: bool) -> Result<(), LedgerError> {
        let mut writing = self.writing();
        if writing.open.is_some() {
            return Ok(());
        }
        if was_made {
            let cause = "there is no segment, and the log was made before";
            return Err(LedgerError::damaged(
                &self.folder,
                0,
                cause,
                crate::error::RESTORE,
            ));
        }
        writing.open = Some(self.begin_segment(0)?);
        Ok(())
    }

    fn replay(
        &mut self,
        firsts: &[u64],
        stands: &mut replay::Stands<'_>,
        visit: &mut dyn FnMut(Frame) -> Result<(), LedgerError>,
    ) -> Result<Replayed, LedgerError> {
        let mut replayed = Replayed::default();
        let mut next = firsts.first().copied().unwrap_or(0);
        for (at, first) in firsts.iter().enumerate() {
            let ends_at = firsts.get(at + 1).copied();
            let path = segment::path(&self.folder, *first);
            if *first != next {
                let cause = format!(
                    "it begins with entry {first}, but {next} is the next: a segment is missing"
                );
                return Err(LedgerError::damaged(&path, 0, cause, crate::error::RESTORE));
            }
            let bytes = read_whole(self.disk.as_ref(), &path)?;
            let header = Header::read(&path, &bytes, *first, &self.origin)?;
            let mut seen = |frame: Frame| {
                next = frame.size;
                visit(frame)
            };
            let end = replay::frames(&path, &bytes, header, ends_at, stands, &mut seen)?;
            self.segments.all().insert(*first, header.number);
            if ends_at.is_none() && end.is_continued {
                let cause = format!("segment {next} follows and is missing");
                return Err(LedgerError::damaged(
                    &path,
                    end.offset,
                    cause,
                    crate::error::RESTORE,
                ));
            }
            if ends_at.is_none() {
                replayed.torn = end.torn;
                let file = self
                    .disk
                    .open(&path, Access::Write)
                    .map_err(LedgerError::io("open", &path))?;
                settle(file.as_ref(), &path, &bytes, end)?;
                let writing = self
                    .writing
                    .get_mut()
                    .unwrap_or_else(PoisonError::into_inner);
                writing.open = Some(OpenSegment {
                    file,
                    path,
                    number: header.number,
                    offset: end.offset,
                    allocated: bytes.len() as u64,
                });
            }
        }
        sync_folder(self.disk.as_ref(), &self.folder)?;
        self.writing
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .next = next;
        Ok(replayed)
    }

    fn writing(&self) -> MutexGuard<'_, Writing> {
        // A panic in the middle of an append leaves `is_broken` set, see `append`.
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, writing: &mut Writing, frame: &Frame) -> Result<(), LedgerError> {
        let mut open = match writing.open.take() {
            Some(open) if open.offset < self.settings.segment_bytes => open,
            Some(full) => {
                let open = self.begin_segment(frame.first)?;
                full.mark_continued(frame.first)?;
                open
            }
            None => self.begin_segment(frame.first)?,
        };
        let mut bytes = std::mem::take(&mut writing.buffer);
        bytes.clear();
        frame::encode(frame, open.number, &mut bytes);
        let result = self.write(&mut open, &mut bytes);
        writing.buffer = bytes;
        writing.open = Some(open);
        result
    }

    /// Writes a frame's bytes behind the others and makes them durable.
    fn write(&self, open: &mut OpenSegment, bytes: &mut Vec<u8>) -> Result<(), LedgerError> {
        let end = open.offset + bytes.len() as u64;
        if end > open.allocated {
            let chunk = self.settings.allocate_bytes.max(1);
            let allocated = end.div_ceil(chunk) * chunk;
            let zeros = usize::try_from(allocated - end).unwrap_or(0);
            bytes.resize(bytes.len() + zeros, 0);
            open.file
                .write_at(open.offset, bytes)
                .map_err(LedgerError::io("write", &open.path))?;
            open.allocated = allocated;
        } else {
            open.file
                .write_at(open.offset, bytes)
                .map_err(LedgerError::io("write", &open.path))?;
        }
        open.file
            .sync_data()
            .map_err(LedgerError::sync(&open.path))?;
        let in_place = open.file.is_in_place();
        if !in_place.map_err(LedgerError::io("look at", &open.path))? {
            return Err(LedgerError::Vanished {
                path: open.path.clone(),
            });
        }
        open.offset = end;
        Ok(())
    }

    fn begin_segment(&self, first: u64) -> Result<OpenSegment, LedgerError> {
        let mut number = [0; 8];
        self.randomness.fill(&mut number)?;
        let number = u64::from_be_bytes(number);
        let header = Header {
            number,
            first,
            origin: self.origin,
        };
        let allocated = self.settings.allocate_bytes;
        let file = segment::make(self.disk.as_ref(), &self.folder, header, allocated)?;
        self.segments.all().insert(first, number);
        Ok(OpenSegment {
            file,
            path: segment::path(&self.folder, first),
            number,
            offset: FRAMES,
            allocated: allocated.max(FRAMES),
        })
    }
}

impl Journal for DirectoryJournal {
    fn next(&self) -> u64 {
        self.writing().next
    }

    fn first(&self) -> u64 {
        self.segments
            .all()
            .first_key_value()
            .map_or(0, |(first, _)| *first)
    }

    fn append(&self, frame: &Frame) -> Result<(), LedgerError> {
        let mut writing = self.writing();
        if writing.is_broken || frame.first != writing.next {
            let cause = "the journal failed earlier, or the frame does not follow".to_owned();
            return Err(LedgerError::Stopped { cause });
        }
        writing.is_broken = true;
        let result = self.add(&mut writing, frame);
        match &result {
            Ok(()) => {
                writing.next = frame.size;
                writing.is_broken = false;
            }
            Err(error) => writing.is_broken = !matches!(error, LedgerError::DiskFull { .. }),
        }
        result
    }

    fn give_back(&self) -> Result<(), LedgerError> {
        let mut writing = self.writing();
        let Some(open) = &mut writing.open else {
            return Ok(());
        };
        open.file
            .set_size(open.offset)
            .map_err(LedgerError::io("cut", &open.path))?;
        open.allocated = open.offset;
        open.file.sync_data().map_err(LedgerError::sync(&open.path))
    }

    fn read_from(&self, index: u64) -> Result<Box<dyn ReadJournal>, LedgerError> {
        Ok(Box::new(Cursor {
            disk: Arc::clone(&self.disk),
            folder: self.folder.clone(),
            segments: self.segments.clone(),
            next: index,
            open: None,
        }))
    }

    fn forget_before(&self, index: u64) -> Result<(), LedgerError> {
        let firsts: Vec<u64> = self.segments.all().keys().copied().collect();
        // A segment ends where the next begins; the last one has no end yet and stays.
        let ends = firsts.iter().skip(1);
        let whole: Vec<u64> = firsts
            .iter()
            .zip(ends)
            .filter(|(_, end)| **end <= index)
            .map(|(first, _)| *first)
            .collect();
        let dropped = whole.len().saturating_sub(self.settings.segments_kept);
        // Oldest first, each durable before the next: after a crash the rest still has no gap.
        for first in whole.into_iter().take(dropped) {
            let path = segment::path(&self.folder, first);
            self.disk
                .remove(&path)
                .map_err(LedgerError::io("remove", &path))?;
            sync_folder(self.disk.as_ref(), &self.folder)?;
            self.segments.all().remove(&first);
        }
        Ok(())
    }
}

/// The first indexes of the segments in a folder, ascending; unfinished ones are removed.
fn list(disk: &dyn Disk, folder: &Path) -> Result<Vec<u64>, LedgerError> {
    let names = list_finished(disk, folder)?;
    let mut firsts: Vec<u64> = names
        .iter()
        .filter_map(|name| segment::first_of(name))
        .collect();
    firsts.sort_unstable();
    Ok(firsts)
}

/// Cuts the torn end, and writes the last frame once more: if its sync failed before the last stop,
/// it can be read although the disk has lost it, and only fresh writes are synced again.
fn settle(file: &dyn DiskFile, path: &Path, bytes: &[u8], end: End) -> Result<(), LedgerError> {
    let from = end.last_frame.unwrap_or(0);
    let to = end.offset + end.torn;
    let range =
        usize::try_from(from).unwrap_or(usize::MAX)..usize::try_from(to).unwrap_or(usize::MAX);
    let mut fresh = bytes.get(range).unwrap_or_default().to_vec();
    let kept = usize::try_from(end.offset - from).unwrap_or(usize::MAX);
    for byte in fresh.iter_mut().skip(kept) {
        *byte = 0;
    }
    file.write_at(from, &fresh)
        .map_err(LedgerError::io("write", path))?;
    file.sync_data().map_err(LedgerError::sync(path))
}
