//! Tells after a crash whether the payloads of the journal's last frame reached the disk.
//!
//! Payloads and frame are synced at the same time, so that a crash may keep either without the other.
//! Only what a crash can do counts as torn: bytes of the range that are not what was written. A file
//! or a key that is gone, or a file that ends before the range begins, was durable before the frame was
//! written: no crash takes it, so the entries stand and whoever verifies finds their payloads missing.

use std::ops::Range;
use std::path::Path;

use ring::aead::Aad;

use crate::bytes::Reader;
use crate::disk::read_whole;
use crate::error::LedgerError;
use crate::frame::PayloadRange;
use crate::surroundings::Surroundings;

use super::erase::Erasure;
use super::file;
use super::keys::Key;
use super::sealed::{self, HEADER, Header};
use super::vault::{Vault, bound, nonce};

impl Vault {
    /// Whether the payloads of a frame's entries lie where it says, whole or erased. Nothing is
    /// mended here. `frame` is the indexes of its entries and its word on their payloads.
    pub(crate) fn were_written(
        surroundings: &Surroundings,
        folder: &Path,
        origin: [u8; 32],
        payload_key: &[u8; 32],
        frame: (Range<u64>, PayloadRange),
    ) -> Result<bool, LedgerError> {
        match Self::look(surroundings, folder, origin, payload_key) {
            Ok(vault) => vault.has_whole(frame.0, &frame.1),
            // The keys are gone, or the folder: no crash takes them.
            Err(error) if error.is_not_found() => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn has_whole(&self, indexes: Range<u64>, range: &PayloadRange) -> Result<bool, LedgerError> {
        let path = file::path(&self.folder, range.file);
        let bytes = match read_whole(self.disk.as_ref(), &path) {
            Ok(bytes) => bytes,
            Err(error) if error.is_not_found() => return Ok(true),
            Err(error) => return Err(error),
        };
        if (bytes.len() as u64) < range.offset {
            return Ok(true);
        }
        let Some(records) = range.of(&bytes) else {
            return Ok(false);
        };
        let erasing = self.intended()?.unwrap_or_default();
        Ok(self.are_whole(records, indexes, &erasing) == Some(range.lasting))
    }

    /// The checksum of the records' lasting parts; none if one of them is not whole.
    fn are_whole(&self, records: &[u8], indexes: Range<u64>, erasing: &Erasure) -> Option<u32> {
        let mut reader = Reader::new(records);
        let mut lasting = 0;
        while !reader.is_empty() {
            let head = reader.take(HEADER)?;
            let header = Header::decode(head).filter(|header| indexes.contains(&header.index))?;
            let sealed = reader.take(usize::try_from(header.length).ok()?)?;
            let is_erased = header.erased_by.is_some()
                // An erasure that was interrupted may have left anything; it is finished later.
                || erasing.payloads.contains(&(header.index, header.field));
            if !is_erased && !self.opens(&header, head, sealed) {
                return None;
            }
            lasting = sealed::append_lasting(lasting, head);
        }
        Some(lasting)
    }

    /// Whether sealed bytes are what was written. Without their key nobody can tell, and a key is
    /// durable before anything is encrypted under it.
    fn opens(&self, header: &Header, head: &[u8], sealed: &[u8]) -> bool {
        let Key::Usable(key) = self.keys.for_reading(header.key) else {
            return true;
        };
        let aad = Aad::from(bound(head, &self.origin));
        let mut sealed = sealed.to_vec();
        key.open_in_place(nonce(header.count), aad, &mut sealed)
            .is_ok()
    }
}
