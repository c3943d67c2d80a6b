//! Reads deterministic CBOR and refuses every other way to write the same thing.

use super::{major, simple};
use crate::malformed::{Cause, Malformed};

/// Where in the bytes the next item begins.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// What was read since an earlier place.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    /// A failure at an earlier place.
    pub(crate) const fn failed(at: usize, cause: Cause) -> Malformed {
        Malformed { at, cause }
    }

    /// Nothing may follow.
    pub(crate) fn finish(self) -> Result<(), Malformed> {
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(Self::failed(self.at, Cause::Trailing))
        }
    }

    pub(crate) fn unsigned(&mut self) -> Result<u64, Malformed> {
        self.head_of(major::UNSIGNED, "an unsigned integer")
    }

    pub(crate) fn truth(&mut self) -> Result<bool, Malformed> {
        let start = self.at;
        match self.head_of(major::SIMPLE, "true or false")? {
            simple::FALSE => Ok(false),
            simple::TRUE => Ok(true),
            _ => Err(Self::failed(start, Cause::Wanted("true or false"))),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.head_of(major::BYTES, "a byte string")?;
        self.take(length)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Malformed> {
        let start = self.at;
        let length = self.head_of(major::TEXT, "a text string")?;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|_| Self::failed(start, Cause::NotText))
    }

    /// The count of an array, at most `most`.
    pub(crate) fn array(&mut self, most: usize) -> Result<usize, Malformed> {
        let start = self.at;
        let count = self.head_of(major::ARRAY, "an array")?;
        Self::within(start, count, most)
    }

    /// The count of a map, at most `most`.
    pub(crate) fn map(&mut self, most: usize) -> Result<usize, Malformed> {
        let start = self.at;
        let count = self.head_of(major::MAP, "a map")?;
        Self::within(start, count, most)
    }

    /// A map whose keys are known unsigned integers.
    pub(crate) fn keys(&mut self) -> Result<Keys<'_, 'a>, Malformed> {
        // No map of the format has more keys than one byte can count.
        let left = self.map(usize::from(u8::MAX))?;
        Ok(Keys {
            reader: self,
            left,
            next: None,
            last: None,
        })
    }

    fn within(start: usize, count: u64, most: usize) -> Result<usize, Malformed> {
        usize::try_from(count)
            .ok()
            .filter(|count| *count <= most)
            .ok_or_else(|| Self::failed(start, Cause::TooMany { most }))
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let end = usize::try_from(length)
            .ok()
            .and_then(|length| self.at.checked_add(length));
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let Some(taken) = taken else {
            return Err(Self::failed(self.at, Cause::EndsEarly));
        };
        self.at += taken.len();
        Ok(taken)
    }

    fn head_of(&mut self, wanted: u8, name: &'static str) -> Result<u64, Malformed> {
        let start = self.at;
        let (major, argument) = self.head()?;
        if major == wanted {
            Ok(argument)
        } else {
            Err(Self::failed(start, Cause::Wanted(name)))
        }
    }

    fn head(&mut self) -> Result<(u8, u64), Malformed> {
        let start = self.at;
        let first = self.take(1)?.first().copied().unwrap_or_default();
        let (major, short) = (first >> 5, first & 0x1f);
        // What the next shorter form could have said.
        let (width, shorter) = match short {
            0..24 => return Ok((major, u64::from(short))),
            24 => (1, 23),
            25 => (2, 0xff),
            26 => (4, 0xffff),
            27 => (8, 0xffff_ffff),
            28..31 => return Err(Self::failed(start, Cause::Reserved)),
            _ => return Err(Self::failed(start, Cause::Indefinite)),
        };
        let argument = self
            .take(width)?
            .iter()
            .fold(0, |sum: u64, byte| (sum << 8) | u64::from(*byte));
        if argument <= shorter {
            return Err(Self::failed(start, Cause::NotShortest));
        }
        Ok((major, argument))
    }
}

/// A map that is being read, key by key in ascending order.
pub(crate) struct Keys<'r, 'a> {
    reader: &'r mut Reader<'a>,
    left: usize,
    next: Option<(usize, u64)>,
    last: Option<u64>,
}

impl<'a> Keys<'_, 'a> {
    /// Whether the map has this key; its value is then to be read. Known keys are asked for in
    /// ascending order.
    pub(crate) fn has(&mut self, key: u64) -> Result<bool, Malformed> {
        match self.peek()? {
            Some((_, next)) if next == key => {
                self.next = None;
                Ok(true)
            }
            Some((at, next)) if next < key => Err(Reader::failed(at, Cause::UnknownKey(next))),
            _ => Ok(false),
        }
    }

    /// The reader, to read the value of the key that was found.
    pub(crate) const fn reader(&mut self) -> &mut Reader<'a> {
        self.reader
    }

    /// A key that must be there is not.
    pub(crate) const fn missing(&self, key: u64, name: &'static str) -> Malformed {
        Reader::failed(self.reader.at(), Cause::MissingKey { key, name })
    }

    /// No key may be left.
    pub(crate) fn finish(&mut self) -> Result<(), Malformed> {
        match self.peek()? {
            Some((at, key)) => Err(Reader::failed(at, Cause::UnknownKey(key))),
            None => Ok(()),
        }
    }

    fn peek(&mut self) -> Result<Option<(usize, u64)>, Malformed> {
        if self.next.is_none() && self.left > 0 {
            let at = self.reader.at();
            let key = self.reader.unsigned()?;
            if self.last.is_some_and(|last| key <= last) {
                return Err(Reader::failed(at, Cause::Order));
            }
            self.left -= 1;
            self.last = Some(key);
            self.next = Some((at, key));
        }
        Ok(self.next)
    }
}
