//! Writes deterministic CBOR; it cannot write anything else.

use super::{major, simple};

/// Bytes so far.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    /// Ready for an entry of the usual size.
    pub(crate) fn for_entry() -> Self {
        Self(Vec::with_capacity(512))
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn unsigned(&mut self, value: u64) {
        self.head(major::UNSIGNED, value);
    }

    pub(crate) fn truth(&mut self, value: bool) {
        self.head(
            major::SIMPLE,
            if value { simple::TRUE } else { simple::FALSE },
        );
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.head(major::BYTES, bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.head(major::TEXT, text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn array(&mut self, count: usize) {
        self.head(major::ARRAY, count as u64);
    }

    pub(crate) fn map(&mut self, count: usize) {
        self.head(major::MAP, count as u64);
    }

    /// Writes items in ascending order of their bytes, whatever order they come in.
    pub(crate) fn in_order<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        write: impl Fn(&mut Self, T),
    ) {
        let start = self.0.len();
        let mut ends = Vec::new();
        for item in items {
            write(self, item);
            ends.push(self.0.len() - start);
        }
        if ends.len() < 2 {
            return;
        }
        let written = self.0.split_off(start);
        let mut rest = written.as_slice();
        let mut pieces = Vec::with_capacity(ends.len());
        let mut begin = 0;
        for end in ends {
            let (piece, after) = rest.split_at_checked(end - begin).unwrap_or((rest, &[]));
            pieces.push(piece);
            rest = after;
            begin = end;
        }
        pieces.sort_unstable();
        for piece in pieces {
            self.0.extend_from_slice(piece);
        }
    }

    /// The shortest form of a type and its argument.
    fn head(&mut self, major: u8, argument: u64) {
        let first = major << 5;
        let [a, b, c, d, e, f, g, h] = argument.to_be_bytes();
        if argument < 24 {
            self.0.push(first | h);
        } else if argument <= 0xff {
            self.0.extend([first | 24, h]);
        } else if argument <= 0xffff {
            self.0.extend([first | 25, g, h]);
        } else if argument <= 0xffff_ffff {
            self.0.extend([first | 26, e, f, g, h]);
        } else {
            self.0.extend([first | 27, a, b, c, d, e, f, g, h]);
        }
    }
}
