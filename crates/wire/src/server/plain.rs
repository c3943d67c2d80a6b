//! Everything but authentication and rows.

use bytes::{BufMut, BytesMut};

use crate::frame::{bare, frame};
use crate::{Cancel, Error, Format, Minor, Report, TransactionStatus};

/// ParseComplete.
pub fn parse_complete(out: &mut BytesMut) {
    bare(out, b'1');
}

/// BindComplete.
pub fn bind_complete(out: &mut BytesMut) {
    bare(out, b'2');
}

/// CloseComplete.
pub fn close_complete(out: &mut BytesMut) {
    bare(out, b'3');
}

/// NoData: what was described gives no rows.
pub fn no_data(out: &mut BytesMut) {
    bare(out, b'n');
}

/// PortalSuspended: there may be more rows than were asked for.
pub fn portal_suspended(out: &mut BytesMut) {
    bare(out, b's');
}

/// EmptyQueryResponse: the text had no statement.
pub fn empty_query(out: &mut BytesMut) {
    bare(out, b'I');
}

/// CopyDone: the data is complete. CommandComplete follows.
pub fn copy_done(out: &mut BytesMut) {
    bare(out, b'c');
}

/// ReadyForQuery.
pub fn ready_for_query(out: &mut BytesMut, status: TransactionStatus) {
    out.put_slice(&[b'Z', 0, 0, 0, 5, status.byte()]);
}

/// BackendKeyData: how this session's statements are cancelled. A key of other than four bytes is
/// only for clients of protocol 3.2.
pub fn backend_key_data(out: &mut BytesMut, cancel: &Cancel) {
    // INVARIANT: a key has at most 256 bytes, so this fits.
    let length = cancel.key().len().saturating_add(8);
    out.put_u8(b'K');
    out.put_u32(u32::try_from(length).unwrap_or_default());
    out.put_u32(cancel.process());
    out.put_slice(cancel.key());
}

/// NegotiateProtocolVersion: the newest version that both know, and the extensions that are not
/// spoken here. It comes before any authentication request.
///
/// # Errors
///
/// When a name holds a NUL.
pub fn negotiate_version<'e>(
    out: &mut BytesMut,
    agreed: Minor,
    extensions: impl IntoIterator<Item = &'e str>,
) -> Result<(), Error> {
    frame(out, b'v', "NegotiateProtocolVersion", |writer| {
        writer.out.put_u32(agreed.code());
        let at = writer.out.len();
        writer.out.put_u32(0);
        let mut count = 0_u32;
        for extension in extensions {
            writer.text(extension, "an extension")?;
            count = count.saturating_add(1);
        }
        crate::frame::put_at(writer.out, at, &count.to_be_bytes());
        Ok(())
    })
}

/// ParameterStatus: the value of a setting.
///
/// # Errors
///
/// When a text holds a NUL.
pub fn parameter_status(out: &mut BytesMut, name: &str, value: &str) -> Result<(), Error> {
    frame(out, b'S', "ParameterStatus", |writer| {
        writer.text(name, "the name")?;
        writer.text(value, "the value")
    })
}

/// CommandComplete with its tag, `SELECT 3` for example.
///
/// # Errors
///
/// When the tag holds a NUL.
pub fn command_complete(out: &mut BytesMut, tag: &str) -> Result<(), Error> {
    frame(out, b'C', "CommandComplete", |writer| {
        writer.text(tag, "the tag")
    })
}

/// CopyOutResponse: COPY data follows, in columns of these forms. `whole` is the form of all of it.
///
/// # Errors
///
/// When there are more than 65,535 columns, or one is binary in a text.
pub fn copy_out_response(
    out: &mut BytesMut,
    whole: Format,
    columns: &[Format],
) -> Result<(), Error> {
    let message = "CopyOutResponse";
    frame(out, b'H', message, |writer| {
        // LIMIT: a byte on the wire; the protocol knows 0 and 1 as everywhere.
        writer.out.put_u8(u8::from(whole == Format::Binary));
        writer.count(columns.len(), "the columns")?;
        for column in columns {
            if whole == Format::Text && *column == Format::Binary {
                return Err(Error::Value {
                    message,
                    field: "a column's format",
                });
            }
            writer.format(*column);
        }
        Ok(())
    })
}

/// CopyData: a piece of COPY data, usually one row.
///
/// # Errors
///
/// When it is longer than two gigabytes.
pub fn copy_data(out: &mut BytesMut, data: &[u8]) -> Result<(), Error> {
    frame(out, b'd', "CopyData", |writer| {
        writer.out.put_slice(data);
        Ok(())
    })
}

/// ErrorResponse. NULs in texts are left out and texts above 64 KiB are cut, so that an error can
/// always be said.
pub fn error(out: &mut BytesMut, report: &Report<'_>) {
    say(out, b'E', report);
}

/// NoticeResponse, under the same rule.
pub fn notice(out: &mut BytesMut, report: &Report<'_>) {
    say(out, b'N', report);
}

fn say(out: &mut BytesMut, tag: u8, report: &Report<'_>) {
    let written = frame(out, tag, "a report", |writer| {
        report.write(writer);
        Ok(())
    });
    // INVARIANT: its texts are cut, so that it never is too long for its length.
    written.unwrap_or_default();
}
