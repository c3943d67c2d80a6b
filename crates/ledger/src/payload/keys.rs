//! The table of keys that encrypt payloads, each wrapped under the deployment's payload key.
//!
//! ```text
//! 0   4  "CWK1"          magic
//! 4   8  number          of this key, which is its place in the file
//! 12  1  retention class
//! 13  1  scope           0 a day, 1 a subject
//! 14  32                 the day (last four bytes) or the subject's reference
//! 46  12 nonce
//! 58  48 wrapped key     AES-256-GCM, bound to the log's origin and bytes 0..46; zeros if destroyed
//! 106 8  destroyed by    index of the erasure's entry plus one, or 0
//! 114 4  crc32c          of bytes 0..114
//! 118 10                 zeros
//! ```
//! A key is made fresh at each opening of the log and only its maker encrypts with it, so that the
//! count of its uses is a nonce that cannot repeat, not even after the directory was put back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use record::Class;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::bytes::Reader;
use crate::disk::{Access, Disk, DiskFile};
use crate::error::LedgerError;
use crate::surroundings::Randomness;

use super::{Scope, class_of, number_of};

const MAGIC: [u8; 4] = *b"CWK1";
/// Bytes of one key in the table. Sectors are a multiple of it: a key is written whole or not at all.
const RECORD: u64 = 128;
const BOUND: usize = 46;
const WRAPPED: usize = 48;
const COVERED: usize = 114;
/// LIMIT: keys in use at once; the one used least is made anew when its scope comes back.
const IN_USE_MAX: usize = 4096;
/// LIMIT: far below where AES-GCM with counted nonces weakens.
const USES_MAX: u64 = 1 << 32;

/// A key that encrypts, and how often it has.
struct InUse {
    number: u64,
    key: LessSafeKey,
    uses: u64,
}

/// What the table says of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    class: Class,
    scope: Scope,
    nonce: [u8; 12],
    wrapped: [u8; WRAPPED],
    destroyed_by: Option<u64>,
}

/// What became of a key that a payload names.
pub(crate) enum Key {
    Usable(Box<LessSafeKey>),
    Destroyed { by: u64 },
    Unknown,
}

/// The table.
pub(crate) struct Keys {
    file: Box<dyn DiskFile>,
    path: PathBuf,
    origin: [u8; 32],
    wrapping: LessSafeKey,
    randomness: Arc<dyn Randomness>,
    /// None where the record is not readable.
    rows: Vec<Option<Row>>,
    in_use: BTreeMap<(Class, Scope), InUse>,
    has_unsynced: bool,
}

impl Keys {
    /// Opens or makes the table in a folder that is there.
    pub(crate) fn open(
        disk: &dyn Disk,
        folder: &Path,
        origin: [u8; 32],
        payload_key: &[u8; 32],
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, LedgerError> {
        let path = folder.join("keys");
        let names = disk.list(folder).map_err(LedgerError::io("list", folder))?;
        let is_there = names.iter().any(|name| name == "keys");
        let access = if is_there {
            Access::Write
        } else {
            Access::Create
        };
        let file = disk
            .open(&path, access)
            .map_err(LedgerError::io("open", &path))?;
        if !is_there {
            disk.sync_dir(folder).map_err(LedgerError::sync(folder))?;
        }
        Self::load(file, path, origin, payload_key, randomness)
    }

    /// Opens the table of another process or of a copy, to read with.
    pub(crate) fn look(
        disk: &dyn Disk,
        folder: &Path,
        origin: [u8; 32],
        payload_key: &[u8; 32],
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, LedgerError> {
        let path = folder.join("keys");
        let file = disk
            .open(&path, Access::Read)
            .map_err(LedgerError::io("open", &path))?;
        Self::load(file, path, origin, payload_key, randomness)
    }

    fn load(
        file: Box<dyn DiskFile>,
        path: PathBuf,
        origin: [u8; 32],
        payload_key: &[u8; 32],
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, LedgerError> {
        let wrapping = key(payload_key).ok_or(LedgerError::NoRandomness)?;
        let mut keys = Self {
            file,
            path,
            origin,
            wrapping,
            randomness,
            rows: Vec::new(),
            in_use: BTreeMap::new(),
            has_unsynced: false,
        };
        keys.rows = keys.read_rows()?;
        keys.check_payload_key()?;
        Ok(keys)
    }

    fn read_rows(&self) -> Result<Vec<Option<Row>>, LedgerError> {
        let size = self
            .file
            .size()
            .map_err(LedgerError::io("look at", &self.path))?;
        let mut bytes = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
        let read = self.file.read_at(0, &mut bytes);
        bytes.truncate(read.map_err(LedgerError::io("read", &self.path))?);
        let records = bytes.chunks_exact(usize::try_from(RECORD).unwrap_or(1));
        let mut rows: Vec<Option<Row>> = (0..)
            .zip(records)
            .map(|(number, bytes)| Row::decode(number, bytes))
            .collect();
        // A torn end: nothing was encrypted under a key before the key was synced.
        while rows.last().is_some_and(Option::is_none) {
            rows.pop();
        }
        Ok(rows)
    }

    fn check_payload_key(&self) -> Result<(), LedgerError> {
        let live = (0..)
            .zip(&self.rows)
            .filter_map(|(number, row): (u64, _)| Some((number, row.as_ref()?)));
        match live.filter(|(_, row)| row.destroyed_by.is_none()).last() {
            Some((number, row)) if self.unwrap(number, row).is_none() => {
                Err(LedgerError::WrongKey {
                    path: self.path.clone(),
                })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The key for a class and scope with its number and a count that it was never used with.
    pub(crate) fn for_writing(
        &mut self,
        class: Class,
        scope: Scope,
    ) -> Result<(&LessSafeKey, u64, u64), LedgerError> {
        let name = (class, scope);
        let is_usable = self
            .in_use
            .get(&name)
            .is_some_and(|key| key.uses < USES_MAX);
        if !is_usable {
            let made = self.make(class, scope)?;
            if self.in_use.len() >= IN_USE_MAX {
                let least = self
                    .in_use
                    .iter()
                    .min_by_key(|(_, key)| key.uses)
                    .map(|(name, _)| *name);
                least.map(|least| self.in_use.remove(&least));
            }
            self.in_use.insert(name, made);
        }
        let used = self
            .in_use
            .get_mut(&name)
            .ok_or(LedgerError::NoRandomness)?;
        used.uses += 1;
        Ok((&used.key, used.number, used.uses))
    }

    /// Makes all keys durable that were made since the last time. Before any payload under them is.
    pub(crate) fn sync(&mut self) -> Result<(), LedgerError> {
        if self.has_unsynced {
            self.file
                .sync_data()
                .map_err(LedgerError::sync(&self.path))?;
            self.has_unsynced = false;
        }
        Ok(())
    }

    /// The key of a number, to read with.
    pub(crate) fn for_reading(&self, number: u64) -> Key {
        let row = usize::try_from(number)
            .ok()
            .and_then(|at| self.rows.get(at));
        match row {
            Some(Some(Row {
                destroyed_by: Some(by),
                ..
            })) => Key::Destroyed { by: *by },
            Some(Some(row)) => self
                .unwrap(number, row)
                .map_or(Key::Unknown, |key| Key::Usable(Box::new(key))),
            Some(None) | None => Key::Unknown,
        }
    }

    /// Destroys every key of a scope in one class, durably; says how many.
    pub(crate) fn destroy(
        &mut self,
        class: Class,
        scope: Scope,
        by: u64,
    ) -> Result<u64, LedgerError> {
        self.in_use.remove(&(class, scope));
        let mut destroyed = 0;
        for (number, row) in (0..).zip(self.rows.iter_mut()) {
            let Some(row) = row
                .as_mut()
                .filter(|row| (row.class, row.scope) == (class, scope))
            else {
                continue;
            };
            row.destroyed_by = row.destroyed_by.or(Some(by));
            row.nonce = [0; 12];
            row.wrapped = [0; WRAPPED];
            self.file
                .write_at(number * RECORD, &row.encode(number))
                .map_err(LedgerError::io("write", &self.path))?;
            destroyed += 1;
        }
        self.file
            .sync_data()
            .map_err(LedgerError::sync(&self.path))?;
        Ok(destroyed)
    }

    fn make(&mut self, class: Class, scope: Scope) -> Result<InUse, LedgerError> {
        let number = self.rows.len() as u64;
        let mut secret = [0; 32];
        let mut nonce = [0; 12];
        self.randomness.fill(&mut secret)?;
        self.randomness.fill(&mut nonce)?;
        let made = key(&secret).ok_or(LedgerError::NoRandomness)?;
        let mut row = Row {
            class,
            scope,
            nonce,
            wrapped: [0; WRAPPED],
            destroyed_by: None,
        };
        let aad = Aad::from(row.bound(number, &self.origin));
        let tag = self
            .wrapping
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, &mut secret)
            .map_err(|_| LedgerError::WrongKey {
                path: self.path.clone(),
            })?;
        let wrapped = [&secret, tag.as_ref()].concat();
        row.wrapped = wrapped.try_into().map_err(|_| LedgerError::WrongKey {
            path: self.path.clone(),
        })?;
        self.file
            .write_at(number * RECORD, &row.encode(number))
            .map_err(LedgerError::io("write", &self.path))?;
        self.has_unsynced = true;
        self.rows.push(Some(row));
        Ok(InUse {
            number,
            key: made,
            uses: 0,
        })
    }

    fn unwrap(&self, number: u64, row: &Row) -> Option<LessSafeKey> {
        let mut secret = row.wrapped;
        let aad = Aad::from(row.bound(number, &self.origin));
        let nonce = Nonce::assume_unique_for_key(row.nonce);
        let opened = self.wrapping.open_in_place(nonce, aad, &mut secret).ok()?;
        key(opened.first_chunk()?)
    }
}

impl Row {
    /// The bytes before the nonce, and the origin.
    fn bound(&self, number: u64, origin: &[u8; 32]) -> Vec<u8> {
        let mut out = self.head(number);
        out.extend_from_slice(origin);
        out
    }

    fn head(&self, number: u64) -> Vec<u8> {
        let (kind, scope) = match self.scope {
            Scope::Day(day) => {
                let mut bytes = [0; 32];
                if let Some(end) = bytes.last_chunk_mut() {
                    *end = day.to_be_bytes();
                }
                (0, bytes)
            }
            Scope::Subject(reference) => (1, reference),
        };
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&number.to_be_bytes());
        out.extend_from_slice(&[number_of(self.class), kind]);
        out.extend_from_slice(&scope);
        out
    }

    fn encode(&self, number: u64) -> Vec<u8> {
        let mut out = self.head(number);
        out.extend_from_slice(&self.nonce);
        out.extend_from_slice(&self.wrapped);
        let by = self.destroyed_by.map_or(0, |by| by.saturating_add(1));
        out.extend_from_slice(&by.to_be_bytes());
        out.extend_from_slice(&crc32c::crc32c(&out).to_be_bytes());
        out.resize(usize::try_from(RECORD).unwrap_or(0), 0);
        out
    }

    fn decode(number: u64, bytes: &[u8]) -> Option<Self> {
        let covered = bytes.get(..COVERED)?;
        let mut reader = Reader::new(bytes);
        let magic: [u8; 4] = reader.array()?;
        let its_number = reader.u64()?;
        let class = class_of(reader.u8()?)?;
        let kind = reader.u8()?;
        let scope: [u8; 32] = reader.array()?;
        let scope = match kind {
            0 => Scope::Day(u32::from_be_bytes(*scope.last_chunk()?)),
            1 => Scope::Subject(scope),
            _ => return None,
        };
        let row = Self {
            class,
            scope,
            nonce: reader.array()?,
            wrapped: reader.array()?,
            destroyed_by: reader.u64()?.checked_sub(1),
        };
        let is_whole = reader.u32()? == crc32c::crc32c(covered);
        debug_assert_eq!(covered.get(..BOUND).map(<[u8]>::len), Some(BOUND));
        (magic == MAGIC && its_number == number && is_whole).then_some(row)
    }
}

fn key(secret: &[u8; 32]) -> Option<LessSafeKey> {
    Some(LessSafeKey::new(
        UnboundKey::new(&AES_256_GCM, secret).ok()?,
    ))
}
