//! Reads the body of one message and cannot leave it.

use std::ffi::CStr;

use bytes::Bytes;

use crate::limits::NAME_BYTES_MAX;
use crate::{Error, Format, Formats};

/// What is left of a body. Every reading moves its front; [`Body::end`] sees that nothing is left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body<'a> {
    /// Which message it is, for errors.
    message: &'static str,
    /// What everything lies in, so that values need no copy.
    frame: &'a Bytes,
    rest: &'a [u8],
}

impl<'a> Body<'a> {
    /// Begins behind the first bytes of a frame.
    pub(crate) fn new(message: &'static str, frame: &'a Bytes, header_bytes: usize) -> Self {
        Self {
            message,
            frame,
            rest: frame.get(header_bytes..).unwrap_or_default(),
        }
    }

    /// The message's name.
    pub(crate) const fn message(&self) -> &'static str {
        self.message
    }

    /// An error about a field whose value is not allowed.
    pub(crate) const fn refuse(&self, field: &'static str) -> Error {
        Error::Value {
            message: self.message,
            field,
        }
    }

    pub(crate) fn bytes(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Error::Truncated {
            message: self.message,
            field,
        })?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Error> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Error::Truncated {
            message: self.message,
            field,
        })?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(crate) fn byte(&mut self, field: &'static str) -> Result<u8, Error> {
        self.array(field).map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, Error> {
        self.array(field).map(u16::from_be_bytes)
    }

    pub(crate) fn i16(&mut self, field: &'static str) -> Result<i16, Error> {
        self.array(field).map(i16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, Error> {
        self.array(field).map(u32::from_be_bytes)
    }

    pub(crate) fn i32(&mut self, field: &'static str) -> Result<i32, Error> {
        self.array(field).map(i32::from_be_bytes)
    }

    /// A count of elements that have at least so many bytes each: more than the body can hold are
    /// refused before anything is set aside for them.
    pub(crate) fn count(&mut self, bytes_each: usize, field: &'static str) -> Result<usize, Error> {
        let count = usize::from(self.u16(field)?);
        if count.saturating_mul(bytes_each) > self.rest.len() {
            return Err(Error::Truncated {
                message: self.message,
                field,
            });
        }
        Ok(count)
    }

    /// A text up to its NUL.
    pub(crate) fn text(&mut self, field: &'static str) -> Result<&'a str, Error> {
        let text = CStr::from_bytes_until_nul(self.rest).map_err(|_| Error::Truncated {
            message: self.message,
            field,
        })?;
        self.rest = self
            .rest
            .get(text.count_bytes().saturating_add(1)..)
            .unwrap_or_default();
        text.to_str().map_err(|_| Error::Encoding {
            message: self.message,
            field,
        })
    }

    /// The name of a statement or portal.
    pub(crate) fn name(&mut self, field: &'static str) -> Result<&'a str, Error> {
        let name = self.text(field)?;
        if name.len() > NAME_BYTES_MAX {
            return Err(Error::Limit {
                message: self.message,
                field,
                limit: NAME_BYTES_MAX,
            });
        }
        Ok(name)
    }

    /// A value with its length in front; -1 is NULL.
    pub(crate) fn value(&mut self, field: &'static str) -> Result<Option<&'a [u8]>, Error> {
        match self.i32(field)? {
            -1 => Ok(None),
            length => {
                let length = usize::try_from(length).map_err(|_| self.refuse(field))?;
                self.bytes(length, field).map(Some)
            }
        }
    }

    /// A piece of this body that outlives the borrow, without a copy.
    pub(crate) fn share(&self, piece: &[u8]) -> Bytes {
        // INVARIANT: pieces come from `bytes` and `value`, so they lie in the frame.
        self.frame.slice_ref(piece)
    }

    /// A list of format codes.
    pub(crate) fn formats(&mut self, field: &'static str) -> Result<Formats, Error> {
        let count = self.count(2, field)?;
        match count {
            0 => Ok(Formats::Unsaid),
            1 => self.format(field).map(Formats::All),
            _ => (0..count)
                .map(|_| self.format(field))
                .collect::<Result<_, _>>()
                .map(Formats::Each),
        }
    }

    /// One format code.
    pub(crate) fn format(&mut self, field: &'static str) -> Result<Format, Error> {
        Format::from_code(self.u16(field)?, self.message, field)
    }

    /// Everything that is left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    /// Sees that nothing is left.
    pub(crate) const fn end(self) -> Result<(), Error> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Error::Trailing {
                message: self.message,
                bytes: self.rest.len(),
            })
        }
    }
}
