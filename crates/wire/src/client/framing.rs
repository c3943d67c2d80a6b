//! Cuts a stream into messages, by type and length alone.

use bytes::{Bytes, BytesMut};

use super::authentication::Secret;
use crate::limits::AUTHENTICATION_BYTES_MAX;
use crate::{Error, Limits};

/// The type byte and the length.
pub(super) const HEADER_BYTES: usize = 5;

/// What a message is, by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names of the protocol's documentation")]
pub enum Tag {
    Bind,
    Close,
    CopyData,
    CopyDone,
    CopyFail,
    Describe,
    Execute,
    Flush,
    FunctionCall,
    Parse,
    Password,
    Query,
    Sync,
    Terminate,
}

impl Tag {
    const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            b'B' => Self::Bind,
            b'C' => Self::Close,
            b'd' => Self::CopyData,
            b'c' => Self::CopyDone,
            b'f' => Self::CopyFail,
            b'D' => Self::Describe,
            b'E' => Self::Execute,
            b'H' => Self::Flush,
            b'F' => Self::FunctionCall,
            b'P' => Self::Parse,
            b'p' => Self::Password,
            b'Q' => Self::Query,
            b'S' => Self::Sync,
            b'X' => Self::Terminate,
            _ => return None,
        })
    }

    /// The name in the protocol's documentation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bind => "Bind",
            Self::Close => "Close",
            Self::CopyData => "CopyData",
            Self::CopyDone => "CopyDone",
            Self::CopyFail => "CopyFail",
            Self::Describe => "Describe",
            Self::Execute => "Execute",
            Self::Flush => "Flush",
            Self::FunctionCall => "FunctionCall",
            Self::Parse => "Parse",
            Self::Password => "an answer to authentication",
            Self::Query => "Query",
            Self::Sync => "Sync",
            Self::Terminate => "Terminate",
        }
    }

    /// What its length may be, from and to. PostgreSQL too takes no long messages of these kinds.
    const fn lengths(self, longest: u32) -> (u32, u32) {
        match self {
            Self::Sync | Self::Flush | Self::Terminate | Self::CopyDone => (4, 4),
            Self::Describe | Self::Close => (6, 4 + 1 + NAME_BYTES),
            Self::Execute => (9, 4 + NAME_BYTES + 4),
            Self::Password => (4, AUTHENTICATION_BYTES_MAX),
            Self::Query | Self::CopyFail => (5, longest),
            Self::Parse => (8, longest),
            Self::Bind => (12, longest),
            Self::CopyData | Self::FunctionCall => (4, longest),
        }
    }
}

/// A name that may be too long for us still gets an error that says so.
const NAME_BYTES: u32 = 10_000;

/// One whole message that has not been looked into.
///
/// It lies in the memory of the buffer it was read into. Copy what you keep, or it holds all of it.
#[derive(Clone, Debug)]
pub struct Frame {
    pub(super) tag: Tag,
    pub(super) bytes: Bytes,
}

impl Frame {
    /// What it is.
    #[must_use]
    pub const fn tag(&self) -> Tag {
        self.tag
    }

    /// How many bytes it had on the wire, its type byte included.
    #[must_use]
    pub const fn bytes_count(&self) -> usize {
        self.bytes.len()
    }
}

/// Takes the next message out of a buffer, or `None` while it is not whole.
///
/// # Errors
///
/// When the type is unknown or the length is not one that the type may have. The buffer then means
/// nothing any more.
pub fn take_frame(buffer: &mut BytesMut, limits: &Limits) -> Result<Option<Frame>, Error> {
    let Some((&first, rest)) = buffer.split_first() else {
        return Ok(None);
    };
    let tag = Tag::from_byte(first).ok_or(Error::UnknownTag { tag: first })?;
    let Some(length) = rest.first_chunk().copied().map(u32::from_be_bytes) else {
        return Ok(None);
    };
    let message = tag.name();
    let (shortest, longest) = tag.lengths(limits.client_message_bytes);
    let longest = longest.min(limits.client_message_bytes.max(shortest));
    if length < shortest {
        return Err(Error::TooShort { message, length });
    }
    if length > longest {
        return Err(Error::TooLong {
            message,
            length,
            limit: longest,
        });
    }
    // The length does not count the type byte.
    let whole = (length as usize).saturating_add(1);
    if buffer.len() < whole {
        return Ok(None);
    }
    let bytes = buffer.split_to(whole).freeze();
    Ok(Some(Frame { tag, bytes }))
}

/// Takes the client's next answer to an authentication request out of a buffer, or `None` while it
/// is not whole.
///
/// # Errors
///
/// When it is anything else, a pipelined Query before AuthenticationOk for example, or longer than
/// PostgreSQL would take.
pub fn take_authentication(buffer: &mut BytesMut) -> Result<Option<Secret>, Error> {
    match buffer.first() {
        None => Ok(None),
        Some(b'p') => {
            let frame = take_frame(buffer, &Limits::default())?;
            Ok(frame.map(|frame| Secret::new(frame.bytes)))
        }
        Some(&tag) => Err(Error::UnknownTag { tag }),
    }
}
