//! What a result says about one of its columns.

use crate::Format;

/// One column of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column<'a> {
    /// Its name.
    pub name: &'a str,
    /// The relation it is read from, by number; 0 if it is computed.
    pub relation_oid: u32,
    /// Its number there; 0 if it is computed.
    pub attribute: i16,
    /// Its type, by number.
    pub type_oid: u32,
    /// The type's size in bytes, negative if it varies.
    pub type_size: i16,
    /// The type's modifier, -1 for none.
    pub type_modifier: i32,
    /// The form its values come in; text where it is not known yet.
    pub format: Format,
}
