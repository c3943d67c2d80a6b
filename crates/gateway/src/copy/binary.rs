//! The binary format: a signature, tuples, a trailer.

use wire::backend::Row;

/// Signature, flags, length of the extension.
pub(super) fn header(line: &mut Vec<u8>) {
    line.extend_from_slice(b"PGCOPY\n\xff\r\n\0");
    line.extend_from_slice(&[0; 8]);
}

pub(super) fn row(row: &Row<'_>, line: &mut Vec<u8>) -> Result<(), wire::Error> {
    let start = line.len();
    line.extend_from_slice(&[0; 2]);
    let mut count: u16 = 0;
    for cell in row.cells() {
        count = count.wrapping_add(1);
        match cell? {
            None => line.extend_from_slice(&(-1_i32).to_be_bytes()),
            Some(value) => {
                // A cell is part of a row, whose length has 31 bits.
                let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
                line.extend_from_slice(&length.to_be_bytes());
                line.extend_from_slice(value);
            }
        }
    }
    if let Some(head) = line.get_mut(start..start + 2) {
        head.copy_from_slice(&count.to_be_bytes());
    }
    Ok(())
}

/// A tuple of -1 fields.
pub(super) fn trailer(line: &mut Vec<u8>) {
    line.extend_from_slice(&(-1_i16).to_be_bytes());
}
