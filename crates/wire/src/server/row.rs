//! Rows and what describes them.

use bytes::{BufMut, BytesMut};

use crate::frame::{Writer, frame, put_at, set};
use crate::limits::LIST_LENGTH_MAX;
use crate::{Column, Error};

/// RowDescription.
///
/// # Errors
///
/// When a name holds a NUL or there are more than 65,535 columns.
pub fn row_description(out: &mut BytesMut, columns: &[Column<'_>]) -> Result<(), Error> {
    frame(out, b'T', "RowDescription", |writer| {
        writer.count(columns.len(), "the columns")?;
        for column in columns {
            writer.text(column.name, "a column's name")?;
            writer.out.put_u32(column.relation_oid);
            writer.out.put_i16(column.attribute);
            writer.out.put_u32(column.type_oid);
            writer.out.put_i16(column.type_size);
            writer.out.put_i32(column.type_modifier);
            writer.format(column.format);
        }
        Ok(())
    })
}

/// ParameterDescription: the types of a statement's parameters, by number.
///
/// # Errors
///
/// When there are more than 65,535.
pub fn parameter_description(out: &mut BytesMut, types: &[u32]) -> Result<(), Error> {
    frame(out, b't', "ParameterDescription", |writer| {
        writer.count(types.len(), "the types")?;
        for type_oid in types {
            writer.out.put_u32(*type_oid);
        }
        Ok(())
    })
}

/// DataRow from cells that are there already, `None` for NULL.
///
/// # Errors
///
/// When there are more than 65,535 cells, or one is longer than two gigabytes.
pub fn data_row<'c>(
    out: &mut BytesMut,
    cells: impl IntoIterator<Item = Option<&'c [u8]>>,
) -> Result<(), Error> {
    frame(out, b'D', MESSAGE, |writer| {
        writer.values(cells, CELL).map(drop)
    })
}

const MESSAGE: &str = "DataRow";
const CELL: &str = "a cell";

/// A DataRow that is written cell by cell, where each writes itself. Dropped before [`Self::end`] it
/// leaves nothing behind.
#[derive(Debug)]
pub struct DataRow<'a> {
    out: &'a mut BytesMut,
    start: usize,
    cells: usize,
    is_whole: bool,
}

/// Whether a cell wrote a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// It is NULL, and what was written does not count.
    Null,
    /// It is what was written.
    Value,
}

impl<'a> DataRow<'a> {
    /// Begins a row.
    pub fn begin(out: &'a mut BytesMut) -> Self {
        let start = out.len();
        out.put_slice(b"D\0\0\0\0\0\0");
        Self {
            out,
            start,
            cells: 0,
            is_whole: false,
        }
    }

    /// Adds a cell that is there already.
    ///
    /// # Errors
    ///
    /// When it is longer than two gigabytes.
    pub fn cell(&mut self, value: Option<&[u8]>) -> Result<(), Error> {
        self.cells = self.cells.saturating_add(1);
        let mut writer = Writer {
            message: MESSAGE,
            out: self.out,
        };
        writer.value(value, CELL)
    }

    /// Adds a cell that is written by a closure. It gets a buffer of its own, so that it cannot
    /// touch what was written before.
    ///
    /// # Errors
    ///
    /// The closure's, or when the value is longer than two gigabytes.
    pub fn cell_with<E: From<Error>>(
        &mut self,
        write: impl FnOnce(&mut BytesMut) -> Result<Cell, E>,
    ) -> Result<(), E> {
        self.cells = self.cells.saturating_add(1);
        let at = self.out.len();
        self.out.put_i32(-1);
        // The same memory, split and joined: no copy unless the value outgrows it.
        let mut own = self.out.split_off(self.out.len());
        let cell = write(&mut own);
        let length = own.len();
        self.out.unsplit(own);
        match cell? {
            Cell::Null => {
                self.out.truncate(at.saturating_add(4));
                Ok(())
            }
            Cell::Value => {
                let length = i32::try_from(length).map_err(|_| Error::Limit {
                    message: MESSAGE,
                    field: CELL,
                    limit: i32::MAX as usize,
                })?;
                put_at(self.out, at, &length.to_be_bytes());
                Ok(())
            }
        }
    }

    /// Ends the row.
    ///
    /// # Errors
    ///
    /// When it has more than 65,535 cells or two gigabytes; nothing of it stays in the buffer.
    pub fn end(mut self) -> Result<(), Error> {
        let count = u16::try_from(self.cells).map_err(|_| Error::Limit {
            message: MESSAGE,
            field: "the cells",
            limit: LIST_LENGTH_MAX,
        })?;
        set(self.out, self.start.saturating_add(1), MESSAGE)?;
        put_at(self.out, self.start.saturating_add(5), &count.to_be_bytes());
        self.is_whole = true;
        Ok(())
    }
}

impl Drop for DataRow<'_> {
    fn drop(&mut self) {
        if !self.is_whole {
            self.out.truncate(self.start);
        }
    }
}
