//! Cuts a stream into blocks of rows and single messages, by type and length alone.

use bytes::{Bytes, BytesMut};

use super::rows::{self, Rows};
use crate::{Error, Limits};

/// The type byte and the length.
pub(super) const HEADER_BYTES: usize = 5;

/// What a message that is no row is, by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names of the protocol's documentation")]
pub enum Tag {
    Authentication,
    BackendKeyData,
    BindComplete,
    CloseComplete,
    CommandComplete,
    CopyData,
    CopyDone,
    CopyInResponse,
    CopyOutResponse,
    EmptyQueryResponse,
    ErrorResponse,
    NegotiateProtocolVersion,
    NoData,
    NoticeResponse,
    NotificationResponse,
    ParameterDescription,
    ParameterStatus,
    ParseComplete,
    PortalSuspended,
    ReadyForQuery,
    RowDescription,
}

impl Tag {
    /// FunctionCallResponse and CopyBothResponse are not among them: nothing that is sent from here
    /// is answered with them.
    const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            b'R' => Self::Authentication,
            b'K' => Self::BackendKeyData,
            b'2' => Self::BindComplete,
            b'3' => Self::CloseComplete,
            b'C' => Self::CommandComplete,
            b'd' => Self::CopyData,
            b'c' => Self::CopyDone,
            b'G' => Self::CopyInResponse,
            b'H' => Self::CopyOutResponse,
            b'I' => Self::EmptyQueryResponse,
            b'E' => Self::ErrorResponse,
            b'v' => Self::NegotiateProtocolVersion,
            b'n' => Self::NoData,
            b'N' => Self::NoticeResponse,
            b'A' => Self::NotificationResponse,
            b't' => Self::ParameterDescription,
            b'S' => Self::ParameterStatus,
            b'1' => Self::ParseComplete,
            b's' => Self::PortalSuspended,
            b'Z' => Self::ReadyForQuery,
            b'T' => Self::RowDescription,
            _ => return None,
        })
    }

    /// The name in the protocol's documentation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authentication => "an authentication request",
            Self::BackendKeyData => "BackendKeyData",
            Self::BindComplete => "BindComplete",
            Self::CloseComplete => "CloseComplete",
            Self::CommandComplete => "CommandComplete",
            Self::CopyData => "CopyData",
            Self::CopyDone => "CopyDone",
            Self::CopyInResponse => "CopyInResponse",
            Self::CopyOutResponse => "CopyOutResponse",
            Self::EmptyQueryResponse => "EmptyQueryResponse",
            Self::ErrorResponse => "ErrorResponse",
            Self::NegotiateProtocolVersion => "NegotiateProtocolVersion",
            Self::NoData => "NoData",
            Self::NoticeResponse => "NoticeResponse",
            Self::NotificationResponse => "NotificationResponse",
            Self::ParameterDescription => "ParameterDescription",
            Self::ParameterStatus => "ParameterStatus",
            Self::ParseComplete => "ParseComplete",
            Self::PortalSuspended => "PortalSuspended",
            Self::ReadyForQuery => "ReadyForQuery",
            Self::RowDescription => "RowDescription",
        }
    }

    /// How long it may be.
    const fn longest(self, limits: &Limits) -> u32 {
        match self {
            Self::BindComplete
            | Self::CloseComplete
            | Self::CopyDone
            | Self::EmptyQueryResponse
            | Self::NoData
            | Self::ParseComplete
            | Self::PortalSuspended => 4,
            Self::ReadyForQuery => 5,
            Self::CopyData => limits.row_bytes,
            Self::Authentication
            | Self::BackendKeyData
            | Self::CommandComplete
            | Self::CopyInResponse
            | Self::CopyOutResponse
            | Self::ErrorResponse
            | Self::NegotiateProtocolVersion
            | Self::NoticeResponse
            | Self::NotificationResponse
            | Self::ParameterDescription
            | Self::ParameterStatus
            | Self::RowDescription => limits.control_bytes,
        }
    }
}

/// One whole message that is no row and has not been looked into.
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

    /// Its bytes as they came, header included. Passing them on is safe only after
    /// [`Frame::message`] understood them.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

/// What a server sent.
#[derive(Clone, Debug)]
pub enum Incoming {
    /// Whole rows, one after the other.
    Rows(Rows),
    /// Anything else.
    Control(Frame),
}

/// Takes what comes next out of a buffer: all whole rows up to something else or the end, or one
/// other message; `None` while there is neither.
///
/// # Errors
///
/// When a type is unknown, a length is not one that the type may have, or the rows of a block differ
/// in their number of columns. The buffer then means nothing any more.
pub fn take(buffer: &mut BytesMut, limits: &Limits) -> Result<Option<Incoming>, Error> {
    let Some((&first, rest)) = buffer.split_first() else {
        return Ok(None);
    };
    if first == rows::TAG {
        return Ok(Rows::take(buffer, limits)?.map(Incoming::Rows));
    }
    let tag = Tag::from_byte(first).ok_or(Error::UnknownTag { tag: first })?;
    let Some(length) = rest.first_chunk().copied().map(u32::from_be_bytes) else {
        return Ok(None);
    };
    let message = tag.name();
    if length < 4 {
        return Err(Error::TooShort { message, length });
    }
    let limit = tag.longest(limits);
    if length > limit {
        return Err(Error::TooLong {
            message,
            length,
            limit,
        });
    }
    // The length does not count the type byte.
    let whole = (length as usize).saturating_add(1);
    if buffer.len() < whole {
        return Ok(None);
    }
    let bytes = buffer.split_to(whole).freeze();
    Ok(Some(Incoming::Control(Frame { tag, bytes })))
}
