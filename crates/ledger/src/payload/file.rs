//! One file of the payload store: its name, its header, and where its records lie.
//!
//! ```text
//! 0   4  "CWQ1"          magic
//! 4   32 SHA-256         of the log's origin
//! 36  4  crc32c          of bytes 0..36
//! 40     records, then zeros
//! ```
//! The name is the index of the first entry in it. Records ascend by entry and field; all payloads
//! of one entry are in one file.

use std::path::{Path, PathBuf};

use super::sealed::Header;

const MAGIC: [u8; 4] = *b"CWQ1";
/// Where the first record begins.
pub(crate) const RECORDS: u64 = 40;
const SUFFIX: &str = ".pay";

/// Where a payload lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) index: u64,
    pub(crate) field: u16,
    pub(crate) offset: u64,
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) places: Vec<Place>,
    /// Behind the last record.
    pub(crate) end: u64,
    /// Bytes between records that are none.
    pub(crate) unreadable: u64,
    /// Behind the last byte that is not zero.
    pub(crate) written: u64,
}

pub(crate) fn header(origin: &[u8; 32]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(origin);
    out.extend_from_slice(&crc32c::crc32c(&out).to_be_bytes());
    out
}

pub(crate) fn path(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:020}{SUFFIX}"))
}

pub(crate) fn first_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(SUFFIX)?;
    (digits.len() == 20).then(|| digits.parse().ok())?
}

/// Finds the records of entries below a size. What lies between them and is no record is passed
/// over: one damaged payload must not hide the others.
pub(crate) fn scan(bytes: &[u8], size: u64) -> Contents {
    let written = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |at| at + 1);
    let start = usize::try_from(RECORDS).unwrap_or(0);
    let mut contents = Contents {
        end: RECORDS,
        written: written as u64,
        ..Contents::default()
    };
    let mut offset = start;
    let mut passed = 0;
    while offset < written {
        let rest = bytes.get(offset..).unwrap_or_default();
        let header = Header::decode(rest).filter(|header| {
            let fits = rest.len() as u64 >= header.whole();
            let after = contents
                .places
                .last()
                .is_none_or(|last| (last.index, last.field) < (header.index, header.field));
            fits && after && header.index < size
        });
        let Some(header) = header else {
            offset += 1;
            passed += 1;
            continue;
        };
        contents.places.push(Place {
            index: header.index,
            field: header.field,
            offset: offset as u64,
        });
        offset = offset.saturating_add(usize::try_from(header.whole()).unwrap_or(usize::MAX));
        contents.end = offset as u64;
        contents.unreadable += passed;
        passed = 0;
    }
    contents
}
