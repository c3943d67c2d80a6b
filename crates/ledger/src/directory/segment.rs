//! A segment of the journal: its name, its header, and how it is made.
//!
//! ```text
//! 0   4  "CWS1"          magic
//! 4   8  segment         a random number that every frame repeats
//! 12  8  first index
//! 20  32 SHA-256         of the log's origin
//! 52  4  crc32c          of bytes 0..52
//! 56     frames, then zeros
//! ```
//! A segment is written under another name, synced and then renamed, so that one with its final name
//! and a bad header is damage and never a crash.

use std::path::{Path, PathBuf};

use crate::bytes::Reader;
use crate::disk::{Access, Disk, DiskFile, sync_folder, write_whole};
use crate::error::{LedgerError, RESTORE};

const MAGIC: [u8; 4] = *b"CWS1";
/// Where the first frame begins.
pub(crate) const FRAMES: u64 = 56;
const COVERED: usize = 52;
const SUFFIX: &str = ".seg";

/// What a segment's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) number: u64,
    pub(crate) first: u64,
    pub(crate) origin: [u8; 32],
}

impl Header {
    pub(crate) fn encode(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(COVERED + 4);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&self.number.to_be_bytes());
        out.extend_from_slice(&self.first.to_be_bytes());
        out.extend_from_slice(&self.origin);
        out.extend_from_slice(&crc32c::crc32c(&out).to_be_bytes());
        out
    }

    /// Reads the header of a file and compares it with what its name and its log say.
    pub(crate) fn read(
        path: &Path,
        bytes: &[u8],
        first: u64,
        origin: &[u8; 32],
    ) -> Result<Self, LedgerError> {
        let bad = |cause| LedgerError::damaged(path, 0, cause, RESTORE);
        let header = Self::decode(bytes).ok_or_else(|| bad("the segment's header is not valid"))?;
        if header.first != first {
            return Err(bad(
                "the segment's name and header disagree about its first index",
            ));
        }
        if &header.origin != origin {
            return Err(bad("the segment belongs to another log"));
        }
        Ok(header)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let covered = bytes.get(..COVERED)?;
        let mut reader = Reader::new(bytes);
        let magic: [u8; 4] = reader.array()?;
        let header = Self {
            number: reader.u64()?,
            first: reader.u64()?,
            origin: reader.array()?,
        };
        let is_whole = magic == MAGIC && reader.u32()? == crc32c::crc32c(covered);
        is_whole.then_some(header)
    }
}

/// The file of the segment that begins with an index. Twenty digits, so that names sort.
pub(crate) fn path(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:020}{SUFFIX}"))
}

/// The first index of a file with this name, if it is a segment's.
pub(crate) fn first_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(SUFFIX)?;
    (digits.len() == 20).then(|| digits.parse().ok())?
}

/// Makes a segment with room for frames, durable with its name.
pub(crate) fn make(
    disk: &dyn Disk,
    folder: &Path,
    header: Header,
    allocated: u64,
) -> Result<Box<dyn DiskFile>, LedgerError> {
    let path = path(folder, header.first);
    let mut bytes = header.encode();
    bytes.resize(bytes.len().max(usize::try_from(allocated).unwrap_or(0)), 0);
    write_whole(disk, &path, &bytes)?;
    sync_folder(disk, folder)?;
    // Opened by its final name, which is the one that must stay in place.
    disk.open(&path, Access::Write)
        .map_err(LedgerError::io("open", &path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_their_indexes_do() {
        let folder = Path::new("f");
        let [low, high] = [9, 1_000_000].map(|first| path(folder, first));
        assert!(low < high);
        let name = high.file_name().unwrap().to_str().unwrap();
        assert_eq!(first_of(name), Some(1_000_000));
        assert_eq!(first_of("12.seg"), None);
        assert_eq!(first_of(&format!("{name}.new")), None);
    }

    #[test]
    fn a_header_is_read_for_its_own_name_and_log_only() {
        let header = Header {
            number: 5,
            first: 7,
            origin: [1; 32],
        };
        let bytes = header.encode();
        let path = Path::new("x");
        assert_eq!(Header::read(path, &bytes, 7, &[1; 32]).unwrap(), header);
        assert!(Header::read(path, &bytes, 8, &[1; 32]).is_err());
        assert!(Header::read(path, &bytes, 7, &[2; 32]).is_err());
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(Header::read(path, &bad, 7, &[1; 32]).is_err(), "bit {bit}");
        }
    }
}
