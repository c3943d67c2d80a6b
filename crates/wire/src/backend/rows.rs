//! Blocks of rows that are passed on without being read, and a way to read them where it is needed.

use bytes::{Bytes, BytesMut};

use super::framing::HEADER_BYTES;
use crate::{Error, Limits};

/// The type byte of DataRow.
pub(super) const TAG: u8 = b'D';
const MESSAGE: &str = "DataRow";
/// The length field and the number of columns.
const LENGTH_MIN: u32 = 6;

/// Whole DataRow frames, one after the other, all with the same number of columns.
///
/// Cells are not looked into: what a cell says about its length is checked only by [`Row::cells`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    bytes: Bytes,
    count: u32,
    columns: u16,
}

impl Rows {
    /// The frames as they came. At least one.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The frames, to be passed on.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// How many rows they are.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// How many columns each row says that it has.
    #[must_use]
    pub const fn columns(&self) -> u16 {
        self.columns
    }

    /// Walks the rows.
    #[must_use]
    pub fn iter(&self) -> RowFrames<'_> {
        RowFrames { rest: &self.bytes }
    }

    /// Cuts the block behind a number of rows: the first part, and the rest if there is one.
    #[must_use]
    pub fn split(mut self, rows: u32) -> (Option<Self>, Option<Self>) {
        if rows == 0 {
            return (None, Some(self));
        }
        if rows >= self.count {
            return (Some(self), None);
        }
        let mut frames = self.iter();
        for _ in 0..rows {
            frames.next();
        }
        let end = self.bytes.len().saturating_sub(frames.rest.len());
        let first = Self {
            bytes: self.bytes.split_to(end),
            count: rows,
            columns: self.columns,
        };
        self.count = self.count.saturating_sub(rows);
        (Some(first), Some(self))
    }

    /// Takes the whole rows at the front of a buffer. No work is done for a row beyond its header.
    pub(super) fn take(buffer: &mut BytesMut, limits: &Limits) -> Result<Option<Self>, Error> {
        let mut end = 0_usize;
        let mut count = 0_u32;
        let mut columns = None;
        while let Some(header) = buffer
            .get(end..)
            .and_then(|rest| rest.first_chunk::<{ HEADER_BYTES + 2 }>())
        {
            let [tag, a, b, c, d, e, f] = *header;
            if tag != TAG {
                break;
            }
            let length = check(u32::from_be_bytes([a, b, c, d]), limits)?;
            let row_columns = u16::from_be_bytes([e, f]);
            let next = end.saturating_add(length).saturating_add(1);
            if next > buffer.len() {
                break;
            }
            if *columns.get_or_insert(row_columns) != row_columns {
                return Err(Error::Value {
                    message: MESSAGE,
                    field: "the number of columns",
                });
            }
            end = next;
            count = count.saturating_add(1);
        }
        match columns {
            // Not one row is whole. Its length may be there already and be refused.
            None => {
                if let Some(length) = buffer.get(1..).and_then(|rest| rest.first_chunk().copied()) {
                    check(u32::from_be_bytes(length), limits)?;
                }
                Ok(None)
            }
            Some(columns) => Ok(Some(Self {
                bytes: buffer.split_to(end).freeze(),
                count,
                columns,
            })),
        }
    }
}

fn check(length: u32, limits: &Limits) -> Result<usize, Error> {
    let message = MESSAGE;
    if length < LENGTH_MIN {
        return Err(Error::TooShort { message, length });
    }
    if length > limits.row_bytes {
        return Err(Error::TooLong {
            message,
            length,
            limit: limits.row_bytes,
        });
    }
    Ok(length as usize)
}

impl<'a> IntoIterator for &'a Rows {
    type Item = Row<'a>;
    type IntoIter = RowFrames<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Walks the rows of a block.
#[derive(Clone, Debug)]
pub struct RowFrames<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for RowFrames<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        let length: [u8; 4] = *self.rest.get(1..)?.first_chunk()?;
        let end = (u32::from_be_bytes(length) as usize).saturating_add(1);
        let (frame, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        Some(Row { frame })
    }
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    frame: &'a [u8],
}

impl<'a> Row<'a> {
    /// The frame as it came.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.frame
    }

    /// Walks its cells.
    #[must_use]
    pub fn cells(&self) -> Cells<'a> {
        let body = self.frame.get(HEADER_BYTES..).unwrap_or_default();
        let (left, rest) = match body.split_first_chunk() {
            Some((count, rest)) => (u16::from_be_bytes(*count), rest),
            None => (0, body),
        };
        Cells { rest, left }
    }
}

/// Walks the cells of a row, `None` for NULL. What does not fit in the row is an error, and so are
/// bytes behind the last cell; after an error there is nothing more.
#[derive(Clone, Debug)]
pub struct Cells<'a> {
    rest: &'a [u8],
    left: u16,
}

impl<'a> Cells<'a> {
    fn cut(&mut self) -> Option<Option<&'a [u8]>> {
        let (length, rest) = self.rest.split_first_chunk()?;
        let length = i32::from_be_bytes(*length);
        if length == -1 {
            self.rest = rest;
            return Some(None);
        }
        let (cell, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        self.rest = rest;
        Some(Some(cell))
    }
}

impl<'a> Iterator for Cells<'a> {
    type Item = Result<Option<&'a [u8]>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let left = self.left.checked_sub(1);
        let Some(left) = left else {
            let trailing = std::mem::take(&mut self.rest).len();
            return (trailing > 0).then_some(Err(Error::Trailing {
                message: MESSAGE,
                bytes: trailing,
            }));
        };
        self.left = left;
        let cell = self.cut();
        if cell.is_none() {
            self.left = 0;
            self.rest = &[];
        }
        Some(cell.ok_or(Error::Truncated {
            message: MESSAGE,
            field: "a cell",
        }))
    }
}
