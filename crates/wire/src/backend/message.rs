//! What a server's message that is no row says.

use bytes::Bytes;

use super::authentication::Authentication;
use super::framing::{Frame, HEADER_BYTES, Tag};
use crate::body::Body;
use crate::{Cancel, Column, Error, Format, Formats, Report, TransactionStatus};

/// A message of a server that is no row. Texts lie in the frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A request for proof, or that it was given.
    Authentication(Authentication<'a>),
    /// How this session's statements are cancelled.
    BackendKeyData(Cancel),
    /// A Bind is done.
    BindComplete,
    /// A Close is done.
    CloseComplete,
    /// A statement is done.
    CommandComplete {
        /// Which kind of statement, and often a number of rows; see [`rows_of_tag`].
        tag: &'a str,
    },
    /// A piece of COPY data.
    CopyData(Bytes),
    /// The end of COPY data.
    CopyDone,
    /// The server waits for COPY data.
    CopyIn(CopyFormats),
    /// COPY data follows.
    CopyOut(CopyFormats),
    /// The text had no statement.
    EmptyQuery,
    /// Something failed.
    Error(Report<'a>),
    /// The server speaks only this minor version of protocol 3, and not these extensions.
    NegotiateVersion {
        /// The newest minor version that it speaks.
        minor: u16,
        /// What it does not know.
        extensions: Vec<&'a str>,
    },
    /// What was described gives no rows.
    NoData,
    /// Something worth knowing.
    Notice(Report<'a>),
    /// A NOTIFY of somebody.
    Notification {
        /// The session that sent it.
        process: u32,
        /// Where it sent it.
        channel: &'a str,
        /// What it said.
        payload: &'a str,
    },
    /// The types of a statement's parameters, by number.
    ParameterDescription(Vec<u32>),
    /// The value of a setting.
    ParameterStatus {
        /// Which setting.
        name: &'a str,
        /// Its value.
        value: &'a str,
    },
    /// A Parse is done.
    ParseComplete,
    /// A portal may have more rows.
    PortalSuspended,
    /// The server waits for the next statement.
    ReadyForQuery(TransactionStatus),
    /// The columns of the rows to come.
    RowDescription(Vec<Column<'a>>),
}

/// In which forms COPY data comes or goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyFormats {
    /// The form of the whole.
    pub whole: Format,
    /// The form of each column.
    pub columns: Formats,
}

impl Frame {
    /// Reads the message, to its last byte.
    ///
    /// # Errors
    ///
    /// When a field is not what it must be, or bytes are missing or left over.
    pub fn message(&self) -> Result<Message<'_>, Error> {
        let mut body = Body::new(self.tag.name(), &self.bytes, HEADER_BYTES);
        let message = match self.tag {
            Tag::Authentication => {
                return Authentication::read(body).map(Message::Authentication);
            }
            Tag::ErrorResponse => return Report::read(body).map(Message::Error),
            Tag::NoticeResponse => return Report::read(body).map(Message::Notice),
            Tag::BackendKeyData => {
                let process = body.u32("the process")?;
                Message::BackendKeyData(Cancel::new(process, body.rest())?)
            }
            Tag::BindComplete => Message::BindComplete,
            Tag::CloseComplete => Message::CloseComplete,
            Tag::CommandComplete => Message::CommandComplete {
                tag: body.text("the tag")?,
            },
            Tag::CopyData => {
                let data = body.rest();
                Message::CopyData(body.share(data))
            }
            Tag::CopyDone => Message::CopyDone,
            Tag::CopyInResponse => Message::CopyIn(copy(&mut body)?),
            Tag::CopyOutResponse => Message::CopyOut(copy(&mut body)?),
            Tag::EmptyQueryResponse => Message::EmptyQuery,
            Tag::NegotiateProtocolVersion => negotiate(&mut body)?,
            Tag::NoData => Message::NoData,
            Tag::NotificationResponse => Message::Notification {
                process: body.u32("the process")?,
                channel: body.text("the channel")?,
                payload: body.text("the payload")?,
            },
            Tag::ParameterDescription => Message::ParameterDescription(types(&mut body)?),
            Tag::ParameterStatus => Message::ParameterStatus {
                name: body.text("the name")?,
                value: body.text("the value")?,
            },
            Tag::ParseComplete => Message::ParseComplete,
            Tag::PortalSuspended => Message::PortalSuspended,
            Tag::ReadyForQuery => {
                let status = TransactionStatus::from_byte(body.byte("the status")?);
                Message::ReadyForQuery(status.ok_or_else(|| body.refuse("the status"))?)
            }
            Tag::RowDescription => Message::RowDescription(columns(&mut body)?),
        };
        body.end()?;
        Ok(message)
    }
}

/// The number of rows that the tag of CommandComplete ends with, if it ends with one.
#[must_use]
pub fn rows_of_tag(tag: &str) -> Option<u64> {
    tag.rsplit_once(' ')?.1.parse().ok()
}

fn types(body: &mut Body<'_>) -> Result<Vec<u32>, Error> {
    let count = body.count(4, "the types")?;
    (0..count).map(|_| body.u32("a type")).collect()
}

fn copy(body: &mut Body<'_>) -> Result<CopyFormats, Error> {
    let whole = Format::from_code(
        u16::from(body.byte("the format")?),
        body.message(),
        "the format",
    )?;
    let columns = body.formats("the columns")?;
    Ok(CopyFormats { whole, columns })
}

fn negotiate<'a>(body: &mut Body<'a>) -> Result<Message<'a>, Error> {
    // The documentation speaks of the minor version; servers send the whole of it.
    let [_, _, minor @ ..] = body.u32("the version")?.to_be_bytes();
    let count = body.u32("the extensions")?;
    let mut extensions = Vec::new();
    for _ in 0..count {
        // Each takes at least its NUL, so that a count that is too large ends the body, not us.
        extensions.push(body.text("an extension")?);
    }
    Ok(Message::NegotiateVersion {
        minor: u16::from_be_bytes(minor),
        extensions,
    })
}

/// The shortest column: an empty name and the fixed fields.
const COLUMN_BYTES_MIN: usize = 19;

fn columns<'a>(body: &mut Body<'a>) -> Result<Vec<Column<'a>>, Error> {
    let count = body.count(COLUMN_BYTES_MIN, "the columns")?;
    (0..count)
        .map(|_| {
            Ok(Column {
                name: body.text("a column's name")?,
                relation_oid: body.u32("a column's relation")?,
                attribute: body.i16("a column's number")?,
                type_oid: body.u32("a column's type")?,
                type_size: body.i16("a column's size")?,
                type_modifier: body.i32("a column's modifier")?,
                format: body.format("a column's format")?,
            })
        })
        .collect()
}
