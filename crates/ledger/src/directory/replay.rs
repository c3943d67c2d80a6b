//! Reads one segment from its beginning to its end, and tells the torn end of a crash from damage.
//!
//! A frame is written only after the one before it was synced, and its payloads with it. So in the last
//! segment one bad frame with nothing valid behind it is a commit that nobody was told of, and so may be
//! a good one with nothing behind it, if its payloads did not reach the disk; anything else is damage.

use std::path::Path;

use crate::error::{LedgerError, RESTORE};
use crate::frame::{self, Frame};

use super::segment::{FRAMES, Header};

/// Where a segment's frames end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// Behind the last whole frame.
    pub(crate) offset: u64,
    /// Where the last whole frame begins, if there is one.
    pub(crate) last_frame: Option<u64>,
    /// How many bytes behind the end are not zero up to their last: the torn end of a crash.
    pub(crate) torn: u64,
    /// Whether the mark says that another segment follows.
    pub(crate) is_continued: bool,
}

/// Says whether the last frame stands: whether its payloads are there.
pub(crate) type Stands<'a> = dyn FnMut(&Frame) -> Result<bool, LedgerError> + 'a;

/// Shows each frame of a segment's bytes to a visitor. The end may be torn in the last segment, and
/// where the next one, which begins with `ends_at`, shows that no frame is missing: the mark was torn.
pub(crate) fn frames(
    path: &Path,
    bytes: &[u8],
    header: Header,
    ends_at: Option<u64>,
    stands: &mut Stands<'_>,
    visit: &mut dyn FnMut(Frame) -> Result<(), LedgerError>,
) -> Result<End, LedgerError> {
    let mut next = header.first;
    let mut offset = usize::try_from(FRAMES).unwrap_or(usize::MAX);
    let mut last_frame = None;
    let written = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |at| at + 1);
    loop {
        let end = |offset: usize, torn: usize, is_continued| End {
            offset: offset as u64,
            last_frame,
            torn: torn as u64,
            is_continued,
        };
        let rest = bytes.get(offset..).unwrap_or_default();
        // A frame may end in a zero byte, so its end may lie behind the last other byte.
        let used = written.saturating_sub(offset);
        if used == 0 {
            return Ok(end(offset, 0, false));
        }
        if frame::is_continued(rest, header.number, next) {
            return Ok(end(offset, 0, true));
        }
        let cause = match frame::decode(rest, header.number) {
            Ok(frame) if frame.first == next => {
                let length =
                    frame::Header::decode(rest, header.number).map_or(0, frame::Header::length);
                // Where anything follows, this commit was acknowledged before that was written.
                let is_last = ends_at.is_none() && length >= used;
                if is_last && !stands(&frame)? {
                    return Ok(end(offset, length, false));
                }
                next = frame.size;
                last_frame = Some(offset as u64);
                offset += length;
                visit(frame)?;
                continue;
            }
            Ok(_) => "the frame does not follow the one before it",
            Err(cause) => cause,
        };
        let may_be_torn = ends_at.is_none_or(|ends_at| ends_at == next);
        let is_torn = may_be_torn
            && cause_is_torn(cause)
            && !has_frame_behind(rest, used, header.number, next);
        if !is_torn {
            return Err(LedgerError::damaged(path, offset as u64, cause, RESTORE));
        }
        return Ok(end(offset, used, false));
    }
}

/// A frame with a fitting checksum that says something impossible was written so.
fn cause_is_torn(cause: &str) -> bool {
    cause != "the frame does not follow the one before it"
        && cause != "the frame's lengths do not add up"
}

/// Whether any whole frame begins behind the first byte.
fn has_frame_behind(bytes: &[u8], used: usize, segment: u64, next: u64) -> bool {
    (1..used).any(|at| {
        let rest = bytes.get(at..).unwrap_or_default();
        frame::Header::decode(rest, segment).is_some_and(|header| header.first >= next)
            && frame::decode(rest, segment).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(count: u64) -> (Header, Vec<u8>, Vec<usize>) {
        let header = Header {
            number: 77,
            first: 10,
            origin: [0; 32],
        };
        let mut bytes = header.encode();
        let mut starts = Vec::new();
        for first in 10..10 + count {
            starts.push(bytes.len());
            let frame = Frame {
                first,
                entries: vec![vec![1; 9]],
                payloads: None,
                size: first + 1,
                root: [3; 32],
            };
            frame::encode(&frame, header.number, &mut bytes);
        }
        starts.push(bytes.len());
        bytes.resize(bytes.len() + 500, 0);
        (header, bytes, starts)
    }

    fn read(header: Header, bytes: &[u8], ends_at: Option<u64>) -> Result<(u64, End), LedgerError> {
        let (seen, asked, end) = read_asking(header, bytes, ends_at, true)?;
        assert!(asked.len() <= 1);
        Ok((seen, end))
    }

    /// Says too which frames it was asked about whether they stand.
    fn read_asking(
        header: Header,
        bytes: &[u8],
        ends_at: Option<u64>,
        stands: bool,
    ) -> Result<(u64, Vec<u64>, End), LedgerError> {
        let (mut seen, mut asked) = (0, Vec::new());
        let mut ask = |frame: &Frame| {
            asked.push(frame.first);
            Ok(stands)
        };
        let end = frames(
            Path::new("s"),
            bytes,
            header,
            ends_at,
            &mut ask,
            &mut |_| {
                seen += 1;
                Ok(())
            },
        )?;
        Ok((seen, asked, end))
    }

    #[test]
    fn only_a_last_frame_with_nothing_behind_it_may_not_stand() {
        let (header, bytes, starts) = segment(3);
        let (seen, asked, end) = read_asking(header, &bytes, None, false).unwrap();
        assert_eq!((seen, asked), (2, vec![12]));
        assert_eq!(end.offset, starts[2] as u64);
        assert_eq!(end.last_frame, Some(starts[1] as u64));
        assert_eq!(end.torn, (starts[3] - starts[2]) as u64);
        // Another segment follows, or something torn does: it was acknowledged.
        let (seen, asked, _) = read_asking(header, &bytes, Some(13), false).unwrap();
        assert_eq!((seen, asked), (3, vec![]));
        let mut torn = bytes.clone();
        torn[starts[3] + 400] = 1;
        let (seen, asked, _) = read_asking(header, &torn, None, false).unwrap();
        assert_eq!((seen, asked), (3, vec![]));
        let mark = frame::encode_continued(header.number, 13);
        torn.splice(starts[3]..starts[3] + mark.len(), mark);
        let (seen, asked, _) = read_asking(header, &torn, None, false).unwrap();
        assert_eq!((seen, asked), (3, vec![]));
    }

    #[test]
    fn a_whole_segment_ends_at_its_zeros() {
        let (header, bytes, starts) = segment(3);
        for ends_at in [Some(13), None] {
            let (seen, end) = read(header, &bytes, ends_at).unwrap();
            assert_eq!((seen, end.offset, end.torn), (3, starts[3] as u64, 0));
            assert_eq!(end.last_frame, Some(starts[2] as u64));
        }
    }

    #[test]
    fn a_mark_says_that_another_segment_follows() {
        let (header, mut bytes, starts) = segment(3);
        let mark = frame::encode_continued(header.number, 13);
        bytes.splice(starts[3]..starts[3] + mark.len(), mark.clone());
        for ends_at in [Some(13), None] {
            let (seen, end) = read(header, &bytes, ends_at).unwrap();
            assert_eq!((seen, end.is_continued), (3, true));
        }
        // A torn mark harms nothing while the next segment is there.
        bytes[starts[3] + 9] ^= 1;
        let (seen, end) = read(header, &bytes, Some(13)).unwrap();
        assert_eq!((seen, end.is_continued), (3, false));
        assert!(read(header, &bytes, Some(14)).is_err());
    }

    #[test]
    fn only_the_last_frame_of_the_last_segment_may_be_torn() {
        let (header, bytes, starts) = segment(3);
        for at in starts[2]..starts[3] {
            let mut bad = bytes.clone();
            bad[at] ^= 0x55;
            let (seen, end) = read(header, &bad, None).unwrap();
            assert_eq!((seen, end.offset), (2, starts[2] as u64), "byte {at}");
            assert!(end.torn > 0);
            assert!(read(header, &bad, Some(13)).is_err(), "byte {at}");
        }
        for at in starts[0]..starts[2] {
            let mut bad = bytes.clone();
            bad[at] ^= 0x55;
            assert!(read(header, &bad, None).is_err(), "byte {at}");
        }
    }
}
