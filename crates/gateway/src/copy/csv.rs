//! CSV as PostgreSQL writes it: quotes only where they are needed or forced, NULL unquoted.

use std::collections::BTreeSet;

use wire::backend::Row;

/// How CSV is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Csv {
    pub(crate) delimiter: u8,
    pub(crate) null: String,
    pub(crate) quote: u8,
    pub(crate) escape: u8,
    pub(crate) header: bool,
    pub(crate) force_quote: Force,
}

/// Which columns are quoted whatever they hold; NULL never is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Force {
    None,
    All,
    /// By name; made into places when the columns are known.
    Named(BTreeSet<String>, Vec<bool>),
}

impl Csv {
    /// Says which columns there are.
    pub(crate) fn know(&mut self, names: &[String]) {
        if let Force::Named(wanted, places) = &mut self.force_quote {
            *places = names.iter().map(|name| wanted.contains(name)).collect();
        }
    }

    fn is_forced(&self, place: usize) -> bool {
        match &self.force_quote {
            Force::None => false,
            Force::All => true,
            Force::Named(_, places) => places.get(place).copied().unwrap_or(false),
        }
    }
}

pub(super) fn names(csv: &Csv, names: &[String], line: &mut Vec<u8>) {
    for (place, name) in names.iter().enumerate() {
        if place > 0 {
            line.push(csv.delimiter);
        }
        quote(csv, name.as_bytes(), false, names.len() == 1, line);
    }
    line.push(b'\n');
}

pub(super) fn row(csv: &Csv, row: &Row<'_>, line: &mut Vec<u8>) -> Result<(), wire::Error> {
    let is_single = row.cells().count() == 1;
    for (place, cell) in row.cells().enumerate() {
        if place > 0 {
            line.push(csv.delimiter);
        }
        match cell? {
            None => line.extend_from_slice(csv.null.as_bytes()),
            Some(value) => quote(csv, value, csv.is_forced(place), is_single, line),
        }
    }
    line.push(b'\n');
    Ok(())
}

/// As `CopyAttributeOutCSV` does: quoted when forced, when it could be taken for NULL, when it holds
/// the delimiter, a quote or a line end, and when it is a lone `\.`.
fn quote(csv: &Csv, value: &[u8], is_forced: bool, is_single: bool, line: &mut Vec<u8>) {
    let special =
        |byte: &u8| *byte == csv.delimiter || *byte == csv.quote || matches!(*byte, b'\n' | b'\r');
    let needs = is_forced
        || value == csv.null.as_bytes()
        || (is_single && value == b"\\.")
        || value.iter().any(special);
    if !needs {
        line.extend_from_slice(value);
        return;
    }
    line.push(csv.quote);
    for &byte in value {
        if byte == csv.quote || byte == csv.escape {
            line.push(csv.escape);
        }
        line.push(byte);
    }
    line.push(csv.quote);
}
