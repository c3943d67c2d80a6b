//! One payload as it lies in a file of the store. Bytes only.
//!
//! ```text
//! 0   4  "CWP1"          magic
//! 4   4  length          of the sealed bytes, with their 16-byte tag
//! 8   8  entry index
//! 16  2  field
//! 18  1  retention class, 1 to 7 in the order of `record::Class`
//! 19  1  0
//! 20  8  key             number in the table of keys
//! 28  8  count           of this record under its key, which is its nonce
//! 36  4  crc32c          of bytes 0..36
//! 40  8  erased by       index of the erasure's entry plus one; 0 while it is there
//! 48  4  crc32c          of bytes 40..48; 0 while it is there
//! 52     sealed          AES-256-GCM of salt and bytes; zeros once erased
//! ```
//! Numbers are big-endian. The sealed bytes are bound to the log's origin and to bytes 0..36.

use crate::bytes::Reader;

use record::Class;

use super::{class_of, number_of};

const MAGIC: [u8; 4] = *b"CWP1";
/// What the sealed bytes are bound to, beside the origin.
pub(crate) const BOUND: usize = 36;
/// Where the mark of an erasure lies.
pub(crate) const MARK: u64 = 40;
/// Bytes before the sealed ones.
pub(crate) const HEADER: usize = 52;
/// What encryption adds.
pub(crate) const TAG: usize = 16;

/// What a record's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) length: u32,
    pub(crate) index: u64,
    pub(crate) field: u16,
    pub(crate) class: Class,
    pub(crate) key: u64,
    pub(crate) count: u64,
    pub(crate) erased_by: Option<u64>,
}

impl Header {
    /// The header of a payload that is there.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&self.length.to_be_bytes());
        out.extend_from_slice(&self.index.to_be_bytes());
        out.extend_from_slice(&self.field.to_be_bytes());
        out.extend_from_slice(&[number_of(self.class), 0]);
        out.extend_from_slice(&self.key.to_be_bytes());
        out.extend_from_slice(&self.count.to_be_bytes());
        let checksum = crc32c::crc32c(out.get(start..).unwrap_or_default());
        out.extend_from_slice(&checksum.to_be_bytes());
        out.extend_from_slice(&[0; 12]);
    }

    /// Reads a header; none if there is none here.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let covered = bytes.get(..BOUND)?;
        let mut reader = Reader::new(bytes);
        let magic: [u8; 4] = reader.array()?;
        let mut header = Self {
            length: reader.u32()?,
            index: reader.u64()?,
            field: reader.u16()?,
            class: class_of(reader.u8()?)?,
            key: reader
                .array()
                .map(|[_, key @ ..]: [u8; 9]| u64::from_be_bytes(key))?,
            count: reader.u64()?,
            erased_by: None,
        };
        let checksum = reader.u32()?;
        if magic != MAGIC || checksum != crc32c::crc32c(covered) {
            return None;
        }
        let mark: [u8; 8] = reader.array()?;
        let is_marked = reader.u32()? == crc32c::crc32c(&mark);
        let by = u64::from_be_bytes(mark).checked_sub(1);
        header.erased_by = by.filter(|_| is_marked);
        Some(header)
    }

    /// The record's length with its header.
    pub(crate) fn whole(&self) -> u64 {
        HEADER as u64 + u64::from(self.length)
    }
}

/// The checksum of several records' lasting parts, going on from that of the records before.
pub(crate) fn append_lasting(before: u32, record: &[u8]) -> u32 {
    crc32c::crc32c_append(before, record.get(..BOUND).unwrap_or_default())
}

/// What is written over a record from [`MARK`] on, to erase it.
pub(crate) fn erased(by: u64, length: u32) -> Vec<u8> {
    let mark = by.saturating_add(1).to_be_bytes();
    let mut out = mark.to_vec();
    out.extend_from_slice(&crc32c::crc32c(&mark).to_be_bytes());
    out.resize(out.len() + length as usize, 0);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_as_it_was_written_and_marked() {
        let header = Header {
            length: 48,
            index: 9,
            field: 3,
            class: Class::Purpose,
            key: 4,
            count: 5,
            erased_by: None,
        };
        let mut bytes = Vec::new();
        header.encode(&mut bytes);
        assert_eq!(bytes.len(), HEADER);
        bytes.resize(HEADER + 48, 7);
        assert_eq!(Header::decode(&bytes), Some(header));
        let mark = erased(0, 48);
        bytes.splice(MARK as usize.., mark);
        assert_eq!(bytes.len() as u64, header.whole());
        let erased = Header {
            erased_by: Some(0),
            ..header
        };
        assert_eq!(Header::decode(&bytes), Some(erased));
        assert!(bytes[HEADER..].iter().all(|byte| *byte == 0));
    }
}
