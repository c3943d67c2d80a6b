//! Writes one message: its length is set when its body is whole, and a message that cannot be
//! written leaves nothing behind.

use bytes::{BufMut, BytesMut};

use crate::limits::LIST_LENGTH_MAX;
use crate::{Error, Format, Formats};

/// Appends a message.
pub(crate) fn frame(
    out: &mut BytesMut,
    tag: u8,
    message: &'static str,
    body: impl FnOnce(&mut Writer<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    write(out, Some(tag), message, body)
}

/// Appends a message without a type byte: the first one of a connection.
pub(crate) fn untagged(
    out: &mut BytesMut,
    message: &'static str,
    body: impl FnOnce(&mut Writer<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    write(out, None, message, body)
}

/// Appends a message that is nothing but its type.
pub(crate) fn bare(out: &mut BytesMut, tag: u8) {
    out.put_slice(&[tag, 0, 0, 0, 4]);
}

fn write(
    out: &mut BytesMut,
    tag: Option<u8>,
    message: &'static str,
    body: impl FnOnce(&mut Writer<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let start = out.len();
    if let Some(tag) = tag {
        out.put_u8(tag);
    }
    let length_at = out.len();
    out.put_u32(0);
    let written = body(&mut Writer { message, out }).and_then(|()| set(out, length_at, message));
    if written.is_err() {
        out.truncate(start);
    }
    written
}

/// Sets the length field at a place to the number of bytes from there on.
pub(crate) fn set(out: &mut BytesMut, at: usize, message: &'static str) -> Result<(), Error> {
    let too_long = Error::Limit {
        message,
        field: "the body",
        limit: i32::MAX as usize,
    };
    let length = i32::try_from(out.len().saturating_sub(at)).map_err(|_| too_long)?;
    put_at(out, at, &length.to_be_bytes());
    Ok(())
}

/// Overwrites bytes that were written before.
pub(crate) fn put_at(out: &mut BytesMut, at: usize, bytes: &[u8]) {
    let end = at.saturating_add(bytes.len());
    // INVARIANT: the place was written by the caller, so it is there.
    if let Some(place) = out.get_mut(at..end) {
        place.copy_from_slice(bytes);
    }
}

/// What a body is written with.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    pub(crate) message: &'static str,
    pub(crate) out: &'a mut BytesMut,
}

impl Writer<'_> {
    /// A text with its NUL.
    pub(crate) fn text(&mut self, text: &str, field: &'static str) -> Result<(), Error> {
        if text.as_bytes().contains(&0) {
            return Err(Error::Nul {
                message: self.message,
                field,
            });
        }
        self.out.put_slice(text.as_bytes());
        self.out.put_u8(0);
        Ok(())
    }

    /// A count of elements.
    pub(crate) fn count(&mut self, count: usize, field: &'static str) -> Result<(), Error> {
        let count = u16::try_from(count).map_err(|_| Error::Limit {
            message: self.message,
            field,
            limit: LIST_LENGTH_MAX,
        })?;
        self.out.put_u16(count);
        Ok(())
    }

    /// A value with its length in front.
    pub(crate) fn value(&mut self, value: Option<&[u8]>, field: &'static str) -> Result<(), Error> {
        let Some(value) = value else {
            self.out.put_i32(-1);
            return Ok(());
        };
        let length = i32::try_from(value.len()).map_err(|_| Error::Limit {
            message: self.message,
            field,
            limit: i32::MAX as usize,
        })?;
        self.out.put_i32(length);
        self.out.put_slice(value);
        Ok(())
    }

    /// Values with their count in front. They are counted as they come.
    pub(crate) fn values<'v>(
        &mut self,
        values: impl IntoIterator<Item = Option<&'v [u8]>>,
        field: &'static str,
    ) -> Result<usize, Error> {
        let at = self.out.len();
        self.out.put_u16(0);
        let mut count = 0_usize;
        for value in values {
            self.value(value, field)?;
            count = count.saturating_add(1);
        }
        let short = u16::try_from(count).map_err(|_| Error::Limit {
            message: self.message,
            field,
            limit: LIST_LENGTH_MAX,
        })?;
        put_at(self.out, at, &short.to_be_bytes());
        Ok(count)
    }

    /// A list of format codes.
    pub(crate) fn formats(&mut self, formats: &Formats, field: &'static str) -> Result<(), Error> {
        let codes = formats.codes();
        self.count(codes.len(), field)?;
        for format in codes {
            self.format(*format);
        }
        Ok(())
    }

    /// One format code.
    pub(crate) fn format(&mut self, format: Format) {
        self.out.put_u16(format.code());
    }
}
