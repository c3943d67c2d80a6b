//! Why bytes are not an entry.

use crate::entry::SIZE_MAX;

/// Bytes that are not an entry, with the place that says so.
///
/// Whoever reads a log stops here: an entry that cannot be read says nothing about the next one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at} of the entry: {cause}")]
pub struct Malformed {
    /// Which byte, from 0.
    pub at: usize,
    /// What is wrong there.
    pub cause: Cause,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The bytes end inside an item.
    #[error("it ends too early; read the whole entry from its bundle")]
    EndsEarly,
    /// Bytes follow the entry.
    #[error("bytes follow the entry; cut it at the length its bundle gives")]
    Trailing,
    /// A number or length in more bytes than it needs.
    #[error("a number is not in its shortest form, so these are not canonical bytes")]
    NotShortest,
    /// A length that is not said at the beginning.
    #[error("an item has no definite length, so these are not canonical bytes")]
    Indefinite,
    /// A form that CBOR keeps for later.
    #[error("a form that cbor reserves; these bytes are no entry")]
    Reserved,
    /// Another type of item.
    #[error("{0} must stand here")]
    Wanted(&'static str),
    /// Bytes that are not UTF-8.
    #[error("a text is not UTF-8")]
    NotText,
    /// A text that its type does not allow.
    #[error("a text is not {0}")]
    BadText(&'static str),
    /// A number that its type does not allow.
    #[error("a number is not {0}")]
    BadNumber(&'static str),
    /// Keys of a map or members of a set that do not ascend.
    #[error("keys or members are not in ascending order, each once")]
    Order,
    /// A key that this version does not have.
    #[error("key {0} is not known; a newer Cordon wrote this, read it with that one")]
    UnknownKey(u64),
    /// A key that must be there.
    #[error("key {key} (`{name}`) is missing")]
    MissingKey {
        /// The key.
        key: u64,
        /// What it is called.
        name: &'static str,
    },
    /// A word that this version does not have.
    #[error("the word is not a known {0}; a newer Cordon wrote this, read it with that one")]
    UnknownWord(&'static str),
    /// A version of the format that this one is not.
    #[error("version {0} is not known; a newer Cordon wrote this, read it with that one")]
    Version(u64),
    /// A kind that this version does not have.
    #[error("kind {0} is not known; a newer Cordon wrote this, read it with that one")]
    Kind(u64),
    /// A mark that this version does not have.
    #[error("the marks hold an unknown bit; a newer Cordon wrote this, read it with that one")]
    Mark,
    /// A commitment to a field that the kind does not have.
    #[error("the kind has no field {0}; a newer Cordon wrote this, read it with that one")]
    UnknownField(u64),
    /// A commitment that the kind must have.
    #[error("the commitment to field {field} (`{name}`) is missing")]
    MissingField {
        /// The field.
        field: u16,
        /// What it is called.
        name: &'static str,
    },
    /// More items than the limit.
    #[error("more than {most} items, which is the limit here")]
    TooMany {
        /// The limit.
        most: usize,
    },
    /// An entry that does not fit into a bundle.
    #[error("{size} bytes are more than an entry may have, {SIZE_MAX}; say less in one entry")]
    TooLarge {
        /// How large it is.
        size: usize,
    },
    /// What was read writes other bytes.
    #[error("these are not the canonical bytes of what they say")]
    NotCanonical,
}
