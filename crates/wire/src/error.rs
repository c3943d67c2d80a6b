//! What can be wrong with a message.

use crate::SqlState;

/// Why bytes are no message, or why a message cannot be written.
///
/// After an error while reading, the rest of the stream means nothing: close the connection.
/// Nothing here holds text that the other side sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No message has this type byte, or none that may come from this side.
    #[error(
        "a message of type `{}` is not known here: speak protocol 3",
        .tag.escape_ascii()
    )]
    UnknownTag {
        /// The byte.
        tag: u8,
    },
    /// The length field holds less than the message needs.
    #[error("{message} says that it has {length} bytes, fewer than any has: the stream is damaged")]
    TooShort {
        /// Which message.
        message: &'static str,
        /// What the length field says.
        length: u32,
    },
    /// The length field holds more than is allowed.
    #[error(
        "{message} says that it has {length} bytes, more than the {limit} that are allowed: send less at once"
    )]
    TooLong {
        /// Which message.
        message: &'static str,
        /// What the length field says.
        length: u32,
        /// How much is allowed.
        limit: u32,
    },
    /// The body ended before the message did.
    #[error("{message} ends in the middle of {field}: the stream is damaged")]
    Truncated {
        /// Which message.
        message: &'static str,
        /// What should have been there.
        field: &'static str,
    },
    /// The message ended before its body did. A NUL inside a text looks like this too.
    #[error("{message} has {bytes} bytes behind its end: a text may hold no NUL")]
    Trailing {
        /// Which message.
        message: &'static str,
        /// How many bytes are left.
        bytes: usize,
    },
    /// A text is not UTF-8.
    #[error("{field} of {message} is not UTF-8: set client_encoding to UTF8")]
    Encoding {
        /// Which message.
        message: &'static str,
        /// Which text.
        field: &'static str,
    },
    /// A value is not one that the field may have.
    #[error(
        "{field} of {message} has a value that is not allowed there: the protocol lists which are"
    )]
    Value {
        /// Which message.
        message: &'static str,
        /// Which field.
        field: &'static str,
    },
    /// A name or a list is longer than allowed.
    #[error("{field} of {message} is longer than {limit}: make it shorter")]
    Limit {
        /// Which message.
        message: &'static str,
        /// Which field.
        field: &'static str,
        /// How many bytes or elements are allowed.
        limit: usize,
    },
    /// Something that may stand once stands twice.
    #[error("{field} stands twice in {message}: say it once")]
    Twice {
        /// Which message.
        message: &'static str,
        /// Which field.
        field: &'static str,
    },
    /// The other side speaks another protocol.
    #[error("protocol {major}.{minor} is not spoken here: use 3.0 or 3.2")]
    Version {
        /// The major version.
        major: u16,
        /// The minor version.
        minor: u16,
    },
    /// A text to be sent holds a NUL, which would end it early.
    #[error("{field} of {message} holds a NUL, which no text on the wire may: remove it")]
    Nul {
        /// Which message.
        message: &'static str,
        /// Which text.
        field: &'static str,
    },
}

impl Error {
    /// The state to answer with, as PostgreSQL does: a text in a wrong encoding has its own.
    #[must_use]
    pub const fn sqlstate(&self) -> SqlState {
        match self {
            Self::Encoding { .. } | Self::Nul { .. } => SqlState::CHARACTER_NOT_IN_REPERTOIRE,
            Self::UnknownTag { .. }
            | Self::TooShort { .. }
            | Self::TooLong { .. }
            | Self::Truncated { .. }
            | Self::Trailing { .. }
            | Self::Value { .. }
            | Self::Limit { .. }
            | Self::Twice { .. } => SqlState::PROTOCOL_VIOLATION,
            Self::Version { .. } => SqlState::FEATURE_NOT_SUPPORTED,
        }
    }
}
