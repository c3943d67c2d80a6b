//! The store itself: writes the payloads of a commit, finds one again, and after a crash removes
//! those whose entries never came to be.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ring::aead::{Aad, Nonce};

use crate::disk::{Access, Disk, Syncing, list_finished, read_whole, sync_folder, write_whole};
use crate::error::LedgerError;
use crate::frame::PayloadRange;
use crate::surroundings::Surroundings;

use super::file::{self, Place, RECORDS};
use super::keys::{Key, Keys};
use super::live::{Live, overwrite_behind, write_again};
use super::sealed::{self, BOUND, HEADER, Header, TAG};
use super::{Found, Payload};

/// LIMIT: a file is read whole to find a payload in it, which must stay a matter of milliseconds.
const FILE_BYTES: u64 = 16 << 20;

/// The store of one log's payloads.
pub(crate) struct Vault {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) folder: PathBuf,
    pub(super) origin: [u8; 32],
    /// Zeros are written this far ahead, as in the journal.
    allocate_bytes: u64,
    pub(super) keys: Keys,
    /// The first index of each file.
    files: BTreeSet<u64>,
    live: Option<Live>,
    /// The places in the file that was last looked into.
    seen: Option<(u64, Vec<Place>)>,
    buffer: Vec<u8>,
}

/// Payloads that were written and are not known to be durable yet.
pub(crate) struct Written {
    /// Where they lie, for the frame of their entries.
    pub(crate) range: PayloadRange,
    syncing: Syncing,
}

/// What opening the store found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opened {
    /// Bytes of payloads whose entries never came to be, now zero.
    pub(crate) orphaned: u64,
    /// Bytes in the latest file that are no record.
    pub(crate) unreadable: u64,
    /// Whether an interrupted erasure was finished.
    pub(crate) finished_erasure: bool,
}

impl Vault {
    /// Opens or makes the store in a folder that is there, for a log of a size. `last` is where the
    /// payloads of its last commit lie if that may not have been acknowledged: they are made durable
    /// afresh.
    pub(crate) fn open(
        surroundings: &Surroundings,
        folder: &Path,
        origin: [u8; 32],
        payload_key: &[u8; 32],
        allocate_bytes: u64,
        size: u64,
        last: Option<PayloadRange>,
    ) -> Result<(Self, Opened), LedgerError> {
        let disk = Arc::clone(&surroundings.disk);
        let names = list_finished(disk.as_ref(), folder)?;
        let randomness = Arc::clone(&surroundings.randomness);
        let keys = Keys::open(disk.as_ref(), folder, origin, payload_key, randomness)?;
        let mut vault = Self::over(disk, folder, origin, keys, &names);
        vault.allocate_bytes = allocate_bytes.max(1);
        let mut opened = vault.remove_orphans(size, last)?;
        opened.finished_erasure = vault.finish_erasure()?;
        Ok((vault, opened))
    }

    /// Opens the store of another process or of a copy, to read: nothing in it is mended or made.
    pub(super) fn look(
        surroundings: &Surroundings,
        folder: &Path,
        origin: [u8; 32],
        payload_key: &[u8; 32],
    ) -> Result<Self, LedgerError> {
        let disk = Arc::clone(&surroundings.disk);
        // What is unfinished is its writer's, who may be writing it now.
        let names = disk.list(folder).map_err(LedgerError::io("list", folder))?;
        let randomness = Arc::clone(&surroundings.randomness);
        let keys = Keys::look(disk.as_ref(), folder, origin, payload_key, randomness)?;
        Ok(Self::over(disk, folder, origin, keys, &names))
    }

    fn over(
        disk: Arc<dyn Disk>,
        folder: &Path,
        origin: [u8; 32],
        keys: Keys,
        names: &[String],
    ) -> Self {
        let firsts = names.iter().filter_map(|name| file::first_of(name));
        Self {
            disk,
            folder: folder.to_owned(),
            origin,
            allocate_bytes: 1,
            keys,
            files: firsts.collect(),
            live: None,
            seen: None,
            buffer: Vec::new(),
        }
    }

    /// Writes the payloads of a commit and begins to make them durable: [`Vault::settle`] waits for
    /// it. `entries` are the payloads of the entries from index `first` on, each entry's ascending by
    /// field. None if there are no payloads.
    pub(crate) fn write<'a>(
        &mut self,
        first: u64,
        entries: impl Iterator<Item = &'a [Payload]>,
    ) -> Result<Option<Written>, LedgerError> {
        let mut bytes = std::mem::take(&mut self.buffer);
        bytes.clear();
        let mut places = Vec::new();
        let mut lasting = 0;
        for (index, payloads) in (first..).zip(entries) {
            for payload in payloads {
                let offset = bytes.len();
                self.seal(index, payload, &mut bytes)?;
                lasting = sealed::append_lasting(lasting, bytes.get(offset..).unwrap_or_default());
                places.push(Place {
                    index,
                    field: payload.field,
                    offset: offset as u64,
                });
            }
        }
        let result = if places.is_empty() {
            Ok(None)
        } else {
            // Before any payload under them: what cannot be decrypted is no torn write then.
            let synced = self.keys.sync();
            synced.and_then(|()| self.add(first, &mut bytes, &places, lasting).map(Some))
        };
        self.buffer = bytes;
        result
    }

    /// Waits until what was written is durable, and looks whether its file is still in its place.
    pub(crate) fn settle(&mut self, written: Written) -> Result<(), LedgerError> {
        let path = file::path(&self.folder, written.range.file);
        let synced = written.syncing.wait();
        synced.map_err(LedgerError::sync(&path))?;
        let in_place = match &self.live {
            Some(live) => live.file.is_in_place(),
            None => Ok(false),
        };
        if !in_place.map_err(LedgerError::io("look at", &path))? {
            return Err(LedgerError::Vanished { path });
        }
        Ok(())
    }

    /// Takes the last write back, whose entries will not be.
    pub(crate) fn undo(&mut self) -> Result<(), LedgerError> {
        let Some(live) = &mut self.live else {
            return Ok(());
        };
        let (offset, places) = live.before;
        live.places.truncate(places);
        live.offset = offset;
        live.allocated = offset;
        live.file
            .set_size(offset)
            .map_err(LedgerError::io("cut", &live.path))?;
        live.file.sync_data().map_err(LedgerError::sync(&live.path))
    }

    /// Forgets what the last write was, once its entries are durable.
    pub(crate) fn keep(&mut self) {
        if let Some(live) = &mut self.live {
            live.before = (live.offset, live.places.len());
        }
    }

    /// Looks a payload up and decrypts it. `fits` says whether salt and bytes fit the entry's
    /// commitment.
    pub(crate) fn read(
        &mut self,
        index: u64,
        field: u16,
        fits: &dyn Fn(&[u8; 32], &[u8]) -> bool,
    ) -> Result<Found, LedgerError> {
        let Some((path, place)) = self.find(index, field)? else {
            return Ok(Found::Missing);
        };
        let file = self
            .disk
            .open(&path, Access::Read)
            .map_err(LedgerError::io("open", &path))?;
        let mut head = [0; HEADER];
        file.read_at(place.offset, &mut head)
            .map_err(LedgerError::io("read", &path))?;
        let Some(header) = Header::decode(&head) else {
            return Ok(Found::Mismatch);
        };
        if let Some(by) = header.erased_by {
            return Ok(Found::Erased { by });
        }
        let key = match self.keys.for_reading(header.key) {
            Key::Usable(key) => key,
            Key::Destroyed { by } => return Ok(Found::Erased { by }),
            Key::Unknown => return Ok(Found::Mismatch),
        };
        let mut sealed = vec![0; header.length as usize];
        file.read_at(place.offset + HEADER as u64, &mut sealed)
            .map_err(LedgerError::io("read", &path))?;
        let aad = Aad::from(bound(&head, &self.origin));
        let Ok(plain) = key.open_in_place(nonce(header.count), aad, &mut sealed) else {
            return Ok(Found::Mismatch);
        };
        match plain.split_first_chunk() {
            Some((salt, bytes)) if fits(salt, bytes) => Ok(Found::Present {
                salt: *salt,
                bytes: bytes.to_vec(),
            }),
            Some(_) | None => Ok(Found::Mismatch),
        }
    }

    /// The file and place of a payload, if it was ever written.
    pub(super) fn find(
        &mut self,
        index: u64,
        field: u16,
    ) -> Result<Option<(PathBuf, Place)>, LedgerError> {
        let Some(first) = self.files.range(..=index).next_back().copied() else {
            return Ok(None);
        };
        let path = file::path(&self.folder, first);
        let look = |places: &[Place]| {
            let at =
                places.binary_search_by_key(&(index, field), |place| (place.index, place.field));
            at.ok().and_then(|at| places.get(at).copied())
        };
        if let Some(live) = self.live.as_ref().filter(|live| live.first == first) {
            return Ok(look(&live.places).map(|place| (path, place)));
        }
        if self.seen.as_ref().is_none_or(|(seen, _)| *seen != first) {
            let bytes = match read_whole(self.disk.as_ref(), &path) {
                Ok(bytes) => bytes,
                Err(error) if error.is_not_found() => return Ok(None),
                Err(error) => return Err(error),
            };
            self.seen = Some((first, file::scan(&bytes, u64::MAX).places));
        }
        let places = self.seen.as_ref().map(|(_, places)| places.as_slice());
        Ok(look(places.unwrap_or_default()).map(|place| (path, place)))
    }

    fn seal(
        &mut self,
        index: u64,
        payload: &Payload,
        out: &mut Vec<u8>,
    ) -> Result<(), LedgerError> {
        let plain = payload.salt.len() + payload.bytes.len();
        let too_large = |_| LedgerError::TooLarge {
            what: "a payload",
            bytes: plain,
            bytes_max: u32::MAX as usize,
        };
        let length = u32::try_from(plain + TAG).map_err(too_large)?;
        let (key, number, count) = self.keys.for_writing(payload.class, payload.scope)?;
        let header = Header {
            length,
            index,
            field: payload.field,
            class: payload.class,
            key: number,
            count,
            erased_by: None,
        };
        let start = out.len();
        header.encode(out);
        let body = out.len();
        let aad = Aad::from(bound(out.get(start..).unwrap_or_default(), &self.origin));
        out.extend_from_slice(&payload.salt);
        out.extend_from_slice(&payload.bytes);
        let text = out.get_mut(body..).unwrap_or_default();
        let tag = key
            .seal_in_place_separate_tag(nonce(count), aad, text)
            .map_err(|_| too_large_for_cipher(plain))?;
        out.extend_from_slice(tag.as_ref());
        Ok(())
    }

    fn add(
        &mut self,
        first: u64,
        bytes: &mut Vec<u8>,
        places: &[Place],
        lasting: u32,
    ) -> Result<Written, LedgerError> {
        let is_full = |live: &Live| live.offset >= FILE_BYTES;
        let mut live = match self.live.take() {
            Some(live) if !is_full(&live) => live,
            Some(_) | None => self.begin(first)?,
        };
        live.before = (live.offset, live.places.len());
        let range = PayloadRange {
            file: live.first,
            offset: live.offset,
            length: bytes.len() as u64,
            lasting,
        };
        let result = live.write(bytes, places, self.allocate_bytes);
        let result = result.map(|()| Written {
            range,
            syncing: live.file.begin_sync(),
        });
        self.live = Some(live);
        result
    }

    fn begin(&mut self, first: u64) -> Result<Live, LedgerError> {
        let path = file::path(&self.folder, first);
        write_whole(self.disk.as_ref(), &path, &file::header(&self.origin))?;
        sync_folder(self.disk.as_ref(), &self.folder)?;
        self.files.insert(first);
        let file = self
            .disk
            .open(&path, Access::Write)
            .map_err(LedgerError::io("open", &path))?;
        Ok(Live {
            file,
            path,
            first,
            offset: RECORDS,
            allocated: RECORDS,
            places: Vec::new(),
            before: (RECORDS, 0),
        })
    }

    /// Overwrites and removes the payloads of entries at and behind a size, makes those of the last
    /// commit durable afresh, and goes on with the file that is left.
    fn remove_orphans(
        &mut self,
        size: u64,
        last: Option<PayloadRange>,
    ) -> Result<Opened, LedgerError> {
        let mut opened = Opened::default();
        while let Some(first) = self.files.last().copied() {
            let path = file::path(&self.folder, first);
            let bytes = read_whole(self.disk.as_ref(), &path)?;
            if !bytes.starts_with(&file::header(&self.origin)) {
                let remedy =
                    "restore the file from a copy, or move it away: its payloads count as missing";
                return Err(LedgerError::damaged(
                    &path,
                    0,
                    "it is no payload file of this log",
                    remedy,
                ));
            }
            let contents = file::scan(&bytes, size);
            let file = self
                .disk
                .open(&path, Access::Write)
                .map_err(LedgerError::io("open", &path))?;
            opened.orphaned += overwrite_behind(file.as_ref(), &path, &contents)?;
            if first >= size {
                self.disk
                    .remove(&path)
                    .map_err(LedgerError::io("remove", &path))?;
                sync_folder(self.disk.as_ref(), &self.folder)?;
                self.files.remove(&first);
                continue;
            }
            if let Some(last) = last.filter(|last| last.file == first) {
                write_again(file.as_ref(), &path, &bytes, last)?;
            }
            opened.unreadable = contents.unreadable;
            self.live = Some(Live {
                file,
                path,
                first,
                offset: contents.end,
                allocated: bytes.len() as u64,
                before: (contents.end, contents.places.len()),
                places: contents.places,
            });
            break;
        }
        Ok(opened)
    }
}

fn too_large_for_cipher(bytes: usize) -> LedgerError {
    LedgerError::TooLarge {
        what: "a payload",
        bytes,
        bytes_max: u32::MAX as usize,
    }
}

/// What a record's sealed bytes are bound to.
pub(super) fn bound(header: &[u8], origin: &[u8; 32]) -> Vec<u8> {
    let mut out = header.get(..BOUND).unwrap_or_default().to_vec();
    out.extend_from_slice(origin);
    out
}

pub(super) fn nonce(count: u64) -> Nonce {
    let mut bytes = [0; 12];
    if let Some(end) = bytes.last_chunk_mut() {
        *end = count.to_be_bytes();
    }
    Nonce::assume_unique_for_key(bytes)
}
