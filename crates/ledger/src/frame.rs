//! One commit as it lies in a segment: the entries, and the tree after them. Bytes only.
//!
//! ```text
//! 0   4  "CWF1"          magic, or "CWF2"
//! 4   4  length          of the body, in bytes
//! 8   8  segment         the random number of the segment it lies in
//! 16  8  first index
//! 24  4  count           of entries
//! 28  4  crc32c          of bytes 0..28
//! 32     body            count x (u16 length, entry), where its payloads lie (28 bytes, "CWF2" only),
//!                        u64 size, 32-byte root, crc32c of all before
//! ```
//! A frame without payloads is a "CWF1". So was every frame before payloads and frames were synced at
//! the same time: a "CWF1" says nothing of payloads, and they were durable before it.
//!
//! Numbers are big-endian. The segment's number is random so that no entry's bytes can be made to
//! look like a frame.

use crate::bytes::Reader;

const MAGIC: [u8; 4] = *b"CWF1";
/// Begins a frame that says where its payloads lie.
const MAGIC_WITH_PAYLOADS: [u8; 4] = *b"CWF2";
/// Begins the mark behind a segment's last frame once the next segment is there: a header without a
/// body, whose first index is the next segment's. It shows when that segment is missing.
const CONTINUED: [u8; 4] = *b"CWC1";
/// Bytes before the body.
pub(crate) const HEADER: usize = 32;
/// Bytes of the body after the entries: size, root, checksum.
const TRAILER: usize = 8 + 32 + 4;
/// Bytes that say where the payloads lie.
const RANGE: usize = 3 * 8 + 4;
/// LIMIT: a body no commit writes; a length above it is damage, not a request for memory.
const BODY_MAX: u32 = 256 << 20;

/// Entries and the tree after them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The first entry's index.
    pub first: u64,
    /// The entries' bytes, each at most 65,535.
    pub entries: Vec<Vec<u8>>,
    /// Where the entries' payloads lie, if they have any and those were synced beside the frame.
    pub payloads: Option<PayloadRange>,
    /// The tree's size with these entries.
    pub size: u64,
    /// The tree's root with these entries.
    pub root: [u8; 32],
}

/// Where the payloads of a frame's entries lie in their store, one record behind the other: enough to
/// tell, after a crash, whether all of them reached the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadRange {
    /// The first index of the file.
    pub file: u64,
    /// Where in the file the first record begins.
    pub offset: u64,
    /// Bytes of all records.
    pub length: u64,
    /// crc32c of what in the records an erasure leaves, one after the other.
    pub lasting: u32,
}

/// What the first 32 bytes of a frame say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    has_payloads: bool,
    body: u32,
    pub(crate) first: u64,
    count: u32,
}

impl Header {
    /// Reads a header; none if it is not one of this segment.
    pub(crate) fn decode(bytes: &[u8], segment: u64) -> Option<Self> {
        let (covered, _) = bytes.split_at_checked(HEADER - 4)?;
        let mut reader = Reader::new(bytes);
        let magic: [u8; 4] = reader.array()?;
        let body = reader.u32()?;
        let its_segment = reader.u64()?;
        let first = reader.u64()?;
        let count = reader.u32()?;
        let checksum = reader.u32()?;
        let has_payloads = magic == MAGIC_WITH_PAYLOADS;
        let is_frame = magic == MAGIC || has_payloads;
        let is_ours = is_frame && its_segment == segment && body <= BODY_MAX;
        (is_ours && checksum == crc32c::crc32c(covered)).then_some(Self {
            has_payloads,
            body,
            first,
            count,
        })
    }

    /// The frame's length with its header.
    pub(crate) fn length(self) -> usize {
        HEADER + self.body as usize
    }
}

/// Appends a frame's bytes to a buffer.
pub(crate) fn encode(frame: &Frame, segment: u64, out: &mut Vec<u8>) {
    let start = out.len();
    let entries: usize = frame.entries.iter().map(|entry| 2 + entry.len()).sum();
    let (magic, range) = match frame.payloads {
        Some(_) => (MAGIC_WITH_PAYLOADS, RANGE),
        None => (MAGIC, 0),
    };
    let body = entries + range + TRAILER;
    out.reserve(HEADER + body);
    out.extend_from_slice(&magic);
    out.extend_from_slice(&as_u32(body).to_be_bytes());
    out.extend_from_slice(&segment.to_be_bytes());
    out.extend_from_slice(&frame.first.to_be_bytes());
    out.extend_from_slice(&as_u32(frame.entries.len()).to_be_bytes());
    push_checksum(out, start);
    for entry in &frame.entries {
        let length = u16::try_from(entry.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(entry);
    }
    if let Some(range) = &frame.payloads {
        range.push(out);
    }
    out.extend_from_slice(&frame.size.to_be_bytes());
    out.extend_from_slice(&frame.root);
    push_checksum(out, start);
}

/// The mark that another segment follows, beginning with an index.
pub(crate) fn encode_continued(segment: u64, next: u64) -> Vec<u8> {
    let mut out = CONTINUED.to_vec();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&segment.to_be_bytes());
    out.extend_from_slice(&next.to_be_bytes());
    out.extend_from_slice(&[0; 4]);
    push_checksum(&mut out, 0);
    out
}

/// Whether the mark for this index stands here.
pub(crate) fn is_continued(bytes: &[u8], segment: u64, next: u64) -> bool {
    bytes.starts_with(&encode_continued(segment, next))
}

/// Reads a whole frame; the error says what is wrong with it.
pub(crate) fn decode(bytes: &[u8], segment: u64) -> Result<Frame, &'static str> {
    let header = Header::decode(bytes, segment).ok_or("the frame's header is not valid")?;
    let whole = bytes.get(..header.length());
    let whole = whole.ok_or("the frame is longer than the file")?;
    let at = whole.len().checked_sub(4).ok_or("the frame is too short")?;
    let (covered, checksum) = whole.split_at_checked(at).ok_or("the frame is too short")?;
    if checksum != crc32c::crc32c(covered).to_be_bytes() {
        return Err("the frame's checksum does not fit its bytes");
    }
    let body = covered.get(HEADER..).ok_or("the frame is too short")?;
    read_body(body, header).ok_or("the frame's lengths do not add up")
}

fn read_body(body: &[u8], header: Header) -> Option<Frame> {
    let mut reader = Reader::new(body);
    let mut entries = Vec::new();
    for _ in 0..header.count {
        let length = reader.u16()?;
        entries.push(reader.take(usize::from(length))?.to_vec());
    }
    let payloads = if header.has_payloads {
        Some(PayloadRange::read(&mut reader)?)
    } else {
        None
    };
    let size = reader.u64()?;
    let root = reader.array()?;
    let adds_up = header.first.checked_add(u64::from(header.count)) == Some(size);
    (reader.is_empty() && adds_up).then_some(Frame {
        first: header.first,
        entries,
        payloads,
        size,
        root,
    })
}

impl PayloadRange {
    fn push(&self, out: &mut Vec<u8>) {
        for number in [self.file, self.offset, self.length] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        out.extend_from_slice(&self.lasting.to_be_bytes());
    }

    /// The records' bytes in those of their file, if the file is that long.
    pub(crate) fn of<'a>(&self, file: &'a [u8]) -> Option<&'a [u8]> {
        let offset = usize::try_from(self.offset).ok()?;
        let length = usize::try_from(self.length).ok()?;
        file.get(offset..offset.checked_add(length)?)
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            file: reader.u64()?,
            offset: reader.u64()?,
            length: reader.u64()?,
            lasting: reader.u32()?,
        })
    }
}

fn push_checksum(out: &mut Vec<u8>, start: usize) {
    let checksum = crc32c::crc32c(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&checksum.to_be_bytes());
}

/// Sizes are bounded by the limits of a commit, far below 4 GiB.
fn as_u32(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        Frame {
            first: 7,
            entries: vec![b"one".to_vec(), Vec::new(), b"three".to_vec()],
            payloads: None,
            size: 10,
            root: [9; 32],
        }
    }

    fn frames() -> [Frame; 2] {
        let payloads = Some(PayloadRange {
            file: 3,
            offset: 40,
            length: 900,
            lasting: 0x0102_0304,
        });
        let with = Frame {
            payloads,
            ..frame()
        };
        [frame(), with]
    }

    #[test]
    fn a_frame_is_read_as_it_was_written() {
        for frame in frames() {
            let mut bytes = Vec::new();
            encode(&frame, 5, &mut bytes);
            bytes.extend_from_slice(b"what follows");
            assert_eq!(decode(&bytes, 5), Ok(frame));
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        for frame in frames() {
            let mut bytes = Vec::new();
            encode(&frame, 5, &mut bytes);
            for bit in 0..bytes.len() * 8 {
                let mut bad = bytes.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                assert!(decode(&bad, 5).is_err(), "bit {bit}");
            }
        }
    }

    #[test]
    fn a_frame_of_another_segment_is_none() {
        let mut bytes = Vec::new();
        encode(&frame(), 5, &mut bytes);
        assert!(decode(&bytes, 6).is_err());
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end], 5).is_err(), "cut at {end}");
        }
    }
}
