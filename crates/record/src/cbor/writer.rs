//! Writes deterministic CBOR; it cannot write anything else.

use super::{major, simple};

/// Bytes so far.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
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

    /// Puts items, each already written, in ascending order of their bytes.
    pub(crate) fn in_order(&mut self, mut items: Vec<Vec<u8>>) {
        items.sort_unstable();
        for item in items {
            self.0.extend_from_slice(&item);
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
