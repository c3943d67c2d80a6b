//! Statements, simple and in steps.

use bytes::{BufMut, BytesMut};

use crate::frame::{bare, frame};
use crate::{Error, Formats, Subject};

/// Query: statements to run at once.
///
/// # Errors
///
/// When the text holds a NUL.
pub fn query(out: &mut BytesMut, sql: &str) -> Result<(), Error> {
    frame(out, b'Q', "Query", |writer| {
        writer.text(sql, "the statement")
    })
}

/// Parse: a statement to prepare, and the types of its first parameters (0 to let the server find
/// out).
///
/// # Errors
///
/// When a text holds a NUL or there are more than 65,535 types.
pub fn parse(out: &mut BytesMut, statement: &str, sql: &str, types: &[u32]) -> Result<(), Error> {
    frame(out, b'P', "Parse", |writer| {
        writer.text(statement, "the statement's name")?;
        writer.text(sql, "the statement")?;
        writer.count(types.len(), "the parameter types")?;
        for type_oid in types {
            writer.out.put_u32(*type_oid);
        }
        Ok(())
    })
}

/// Where the values of a Bind go, and in which forms.
#[derive(Clone, Copy, Debug)]
pub struct Bind<'a> {
    /// The portal to make; empty for the unnamed one.
    pub portal: &'a str,
    /// The statement to bind.
    pub statement: &'a str,
    /// The forms of the values.
    pub formats: &'a Formats,
    /// The forms that the results shall have.
    pub result_formats: &'a Formats,
}

/// Bind: values for a statement, `None` for NULL.
///
/// # Errors
///
/// When a name holds a NUL, there are more than 65,535 values, or the forms are not as many as the
/// values.
pub fn bind<'v>(
    out: &mut BytesMut,
    bind: &Bind<'_>,
    values: impl IntoIterator<Item = Option<&'v [u8]>>,
) -> Result<(), Error> {
    let message = "Bind";
    frame(out, b'B', message, |writer| {
        writer.text(bind.portal, "the portal's name")?;
        writer.text(bind.statement, "the statement's name")?;
        writer.formats(bind.formats, "the format codes")?;
        let count = writer.values(values, "a value")?;
        if !bind.formats.fit(count) {
            return Err(Error::Value {
                message,
                field: "the number of format codes",
            });
        }
        writer.formats(bind.result_formats, "the result format codes")
    })
}

/// Describe: what a statement or portal takes and gives.
///
/// # Errors
///
/// When the name holds a NUL.
pub fn describe(out: &mut BytesMut, subject: Subject<'_>) -> Result<(), Error> {
    about(out, b'D', "Describe", subject)
}

/// Close: a statement or portal that is not needed any more. There need not be one.
///
/// # Errors
///
/// When the name holds a NUL.
pub fn close(out: &mut BytesMut, subject: Subject<'_>) -> Result<(), Error> {
    about(out, b'C', "Close", subject)
}

fn about(
    out: &mut BytesMut,
    tag: u8,
    message: &'static str,
    subject: Subject<'_>,
) -> Result<(), Error> {
    let (kind, name) = subject.parts();
    frame(out, tag, message, |writer| {
        writer.out.put_u8(kind);
        writer.text(name, "the name")
    })
}

/// Execute: rows of a portal, at most so many; 0 for all.
///
/// # Errors
///
/// When the name holds a NUL or the number does not fit in 31 bits.
pub fn execute(out: &mut BytesMut, portal: &str, rows_max: u32) -> Result<(), Error> {
    let message = "Execute";
    frame(out, b'E', message, |writer| {
        writer.text(portal, "the portal's name")?;
        let rows_max = i32::try_from(rows_max).map_err(|_| Error::Value {
            message,
            field: "the number of rows",
        })?;
        writer.out.put_i32(rows_max);
        Ok(())
    })
}

/// CopyFail: COPY data that does not come.
///
/// # Errors
///
/// When the reason holds a NUL.
pub fn copy_fail(out: &mut BytesMut, reason: &str) -> Result<(), Error> {
    frame(out, b'f', "CopyFail", |writer| {
        writer.text(reason, "the reason")
    })
}

/// Flush: answers are wanted now.
pub fn flush(out: &mut BytesMut) {
    bare(out, b'H');
}

/// Sync: the end of a pipeline.
pub fn sync(out: &mut BytesMut) {
    bare(out, b'S');
}

/// Terminate: good bye.
pub fn terminate(out: &mut BytesMut) {
    bare(out, b'X');
}
