//! The text format: a line a row, columns between delimiters, backslashes before what would mislead.

use wire::backend::Row;

/// How text is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) delimiter: u8,
    pub(crate) null: String,
    pub(crate) header: bool,
}

pub(super) fn names(text: &Text, names: &[String], line: &mut Vec<u8>) {
    for (place, name) in names.iter().enumerate() {
        if place > 0 {
            line.push(text.delimiter);
        }
        escape(text.delimiter, name.as_bytes(), line);
    }
    line.push(b'\n');
}

pub(super) fn row(text: &Text, row: &Row<'_>, line: &mut Vec<u8>) -> Result<(), wire::Error> {
    for (place, cell) in row.cells().enumerate() {
        if place > 0 {
            line.push(text.delimiter);
        }
        match cell? {
            None => line.extend_from_slice(text.null.as_bytes()),
            Some(value) => escape(text.delimiter, value, line),
        }
    }
    line.push(b'\n');
    Ok(())
}

/// As `CopyAttributeOutText` does: control characters by their letters, the delimiter and the
/// backslash with a backslash before them.
fn escape(delimiter: u8, value: &[u8], line: &mut Vec<u8>) {
    for &byte in value {
        let escaped = match byte {
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x0b => b'v',
            b'\\' => b'\\',
            byte if byte == delimiter => byte,
            byte => {
                line.push(byte);
                continue;
            }
        };
        line.extend_from_slice(&[b'\\', escaped]);
    }
}
