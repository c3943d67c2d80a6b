//! Destroys payloads and keys where they lie, so that it is finished even after a crash.
//!
//! The intent is written first, whole, without any payload's bytes; then every payload named in it is
//! overwritten; then the intent is removed. Opening the store carries out an intent it finds.

use std::path::PathBuf;

use record::Class;

use crate::bytes::Reader;
use crate::disk::{Access, read_whole, sync_folder, write_whole};
use crate::error::LedgerError;

use super::sealed::{self, HEADER, Header, MARK};
use super::vault::Vault;
use super::{Scope, class_of, number_of};

const MAGIC: [u8; 4] = *b"CWE1";
const NAME: &str = "erasing";

/// What is to be erased, and by which entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erasure {
    /// The index of the erasure's entry in the control log.
    pub by: u64,
    /// Payloads, by entry and field.
    pub payloads: Vec<(u64, u16)>,
    /// Whole keys, by retention class and scope.
    pub keys: Vec<(Class, Scope)>,
}

/// What was erased.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Payloads that were overwritten now.
    pub payloads: usize,
    /// Payloads of the erasure that were never written, or erased before.
    pub not_there: usize,
    /// Keys that were destroyed.
    pub keys: u64,
}

impl Vault {
    /// Erases, durably. Refuses, and erases nothing, if any payload's class is locked.
    pub(crate) fn erase(&mut self, erasure: &Erasure) -> Result<Erased, LedgerError> {
        self.refuse_locked(erasure)?;
        write_whole(self.disk.as_ref(), &self.intent(), &encode(erasure))?;
        sync_folder(self.disk.as_ref(), &self.folder)?;
        self.carry_out(erasure)
    }

    /// Carries out an erasure that was interrupted; says whether there was one.
    pub(crate) fn finish_erasure(&mut self) -> Result<bool, LedgerError> {
        let Some(erasure) = self.intended()? else {
            return Ok(false);
        };
        self.carry_out(&erasure)?;
        Ok(true)
    }

    /// The erasure that was interrupted, if one was.
    pub(super) fn intended(&self) -> Result<Option<Erasure>, LedgerError> {
        let path = self.intent();
        let bytes = match read_whole(self.disk.as_ref(), &path) {
            Ok(bytes) => bytes,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let remedy = "erase again, then remove the file";
        let erasure = decode(&bytes).ok_or_else(|| {
            LedgerError::damaged(&path, 0, "the intent to erase is not readable", remedy)
        })?;
        Ok(Some(erasure))
    }

    fn carry_out(&mut self, erasure: &Erasure) -> Result<Erased, LedgerError> {
        let mut erased = Erased::default();
        for (index, field) in &erasure.payloads {
            if self.overwrite(*index, *field, erasure.by)? {
                erased.payloads += 1;
            } else {
                erased.not_there += 1;
            }
        }
        for (class, scope) in &erasure.keys {
            erased.keys += self.keys.destroy(*class, *scope, erasure.by)?;
        }
        let path = self.intent();
        self.disk
            .remove(&path)
            .map_err(LedgerError::io("remove", &path))?;
        sync_folder(self.disk.as_ref(), &self.folder)?;
        Ok(erased)
    }

    fn refuse_locked(&mut self, erasure: &Erasure) -> Result<(), LedgerError> {
        for (index, field) in &erasure.payloads {
            let header = self.header(*index, *field)?.map(|(_, _, header)| header);
            if let Some(header) = header.filter(|header| !header.class.may_erase()) {
                return Err(LedgerError::LockedClass {
                    index: *index,
                    field: *field,
                    class: header.class,
                });
            }
        }
        match erasure.keys.iter().find(|(class, _)| !class.may_erase()) {
            Some((class, _)) => Err(LedgerError::LockedKey { class: *class }),
            None => Ok(()),
        }
    }

    /// Overwrites one payload; says whether it was there. Only mark and sealed bytes change, so that
    /// the file's other records are still found.
    fn overwrite(&mut self, index: u64, field: u16, by: u64) -> Result<bool, LedgerError> {
        let Some((path, offset, header)) = self.header(index, field)? else {
            return Ok(false);
        };
        // The first erasure keeps its name, but its zeros are written again: they may not have been.
        let was_there = header.erased_by.is_none();
        let mark = sealed::erased(header.erased_by.unwrap_or(by), header.length);
        let file = self
            .disk
            .open(&path, Access::Write)
            .map_err(LedgerError::io("open", &path))?;
        file.write_at(offset + MARK, &mark)
            .map_err(LedgerError::io("write", &path))?;
        file.sync_data().map_err(LedgerError::sync(&path))?;
        Ok(was_there)
    }

    fn header(
        &mut self,
        index: u64,
        field: u16,
    ) -> Result<Option<(PathBuf, u64, Header)>, LedgerError> {
        let Some((path, place)) = self.find(index, field)? else {
            return Ok(None);
        };
        let file = self
            .disk
            .open(&path, Access::Read)
            .map_err(LedgerError::io("open", &path))?;
        let mut head = [0; HEADER];
        file.read_at(place.offset, &mut head)
            .map_err(LedgerError::io("read", &path))?;
        let remedy = "restore the file from a copy, then erase again";
        let header = Header::decode(&head).ok_or_else(|| {
            LedgerError::damaged(
                &path,
                place.offset,
                "the payload's header is not valid",
                remedy,
            )
        })?;
        Ok(Some((path, place.offset, header)))
    }

    fn intent(&self) -> PathBuf {
        self.folder.join(NAME)
    }
}

fn encode(erasure: &Erasure) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&erasure.by.to_be_bytes());
    out.extend_from_slice(&(erasure.payloads.len() as u64).to_be_bytes());
    for (index, field) in &erasure.payloads {
        out.extend_from_slice(&index.to_be_bytes());
        out.extend_from_slice(&field.to_be_bytes());
    }
    out.extend_from_slice(&(erasure.keys.len() as u64).to_be_bytes());
    for (class, scope) in &erasure.keys {
        out.push(number_of(*class));
        match scope {
            Scope::Day(day) => {
                out.push(0);
                out.extend_from_slice(&day.to_be_bytes());
            }
            Scope::Subject(reference) => {
                out.push(1);
                out.extend_from_slice(reference);
            }
        }
    }
    out.extend_from_slice(&crc32c::crc32c(&out).to_be_bytes());
    out
}

fn decode(bytes: &[u8]) -> Option<Erasure> {
    let (covered, checksum) = bytes.split_last_chunk()?;
    if crc32c::crc32c(covered) != u32::from_be_bytes(*checksum) {
        return None;
    }
    let mut reader = Reader::new(covered);
    let magic: [u8; 4] = reader.array()?;
    let mut erasure = Erasure {
        by: reader.u64()?,
        ..Erasure::default()
    };
    for _ in 0..reader.u64()? {
        erasure.payloads.push((reader.u64()?, reader.u16()?));
    }
    for _ in 0..reader.u64()? {
        let class = class_of(reader.u8()?)?;
        let scope = match reader.u8()? {
            0 => Scope::Day(reader.u32()?),
            1 => Scope::Subject(reader.array()?),
            _ => return None,
        };
        erasure.keys.push((class, scope));
    }
    (magic == MAGIC && reader.is_empty()).then_some(erasure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intent_is_read_as_it_was_written() {
        let erasure = Erasure {
            by: 4,
            payloads: vec![(1, 2), (u64::MAX, 3)],
            keys: vec![
                (Class::Literal, Scope::Day(9)),
                (Class::Subject, Scope::Subject([8; 32])),
            ],
        };
        let bytes = encode(&erasure);
        assert_eq!(decode(&bytes), Some(erasure));
        for end in 0..bytes.len() {
            assert_eq!(decode(&bytes[..end]), None);
        }
    }
}
