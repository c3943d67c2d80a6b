//! Answers to authentication requests.

use bytes::{BufMut, BytesMut};

use crate::Error;
use crate::frame::frame;

/// A password in clear. Only inside TLS.
///
/// # Errors
///
/// When it holds a NUL.
pub fn password(out: &mut BytesMut, password: &str) -> Result<(), Error> {
    frame(out, b'p', "a password", |writer| {
        writer.text(password, "the password")
    })
}

/// SASLInitialResponse: the mechanism that was chosen, and what it says first.
///
/// # Errors
///
/// When the mechanism's name holds a NUL or the response is longer than two gigabytes.
pub fn sasl_initial(
    out: &mut BytesMut,
    mechanism: &str,
    response: Option<&[u8]>,
) -> Result<(), Error> {
    frame(out, b'p', "SASLInitialResponse", |writer| {
        writer.text(mechanism, "the mechanism")?;
        writer.value(response, "the response")
    })
}

/// SASLResponse.
///
/// # Errors
///
/// When it is longer than two gigabytes.
pub fn sasl_response(out: &mut BytesMut, response: &[u8]) -> Result<(), Error> {
    frame(out, b'p', "SASLResponse", |writer| {
        writer.out.put_slice(response);
        Ok(())
    })
}
