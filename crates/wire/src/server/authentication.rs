//! Requests for proof, and that it was given.

use bytes::{BufMut, BytesMut};

use crate::Error;
use crate::frame::frame;

/// AuthenticationOk: the client is let in.
pub fn authentication_ok(out: &mut BytesMut) {
    out.put_slice(b"R\0\0\0\x08\0\0\0\0");
}

/// AuthenticationCleartextPassword. Only inside TLS.
pub fn authentication_cleartext(out: &mut BytesMut) {
    out.put_slice(b"R\0\0\0\x08\0\0\0\x03");
}

/// AuthenticationSASL with the mechanisms that are offered, the best first.
///
/// # Errors
///
/// When a name is empty or holds a NUL.
pub fn authentication_sasl(out: &mut BytesMut, mechanisms: &[&str]) -> Result<(), Error> {
    let message = "AuthenticationSASL";
    frame(out, b'R', message, |writer| {
        writer.out.put_u32(10);
        for mechanism in mechanisms {
            if mechanism.is_empty() {
                return Err(Error::Value {
                    message,
                    field: "a mechanism",
                });
            }
            writer.text(mechanism, "a mechanism")?;
        }
        writer.out.put_u8(0);
        Ok(())
    })
}

/// AuthenticationSASLContinue with what the mechanism says.
///
/// # Errors
///
/// When it is longer than two gigabytes.
pub fn authentication_sasl_continue(out: &mut BytesMut, data: &[u8]) -> Result<(), Error> {
    sasl(out, 11, data)
}

/// AuthenticationSASLFinal with what the mechanism says last.
///
/// # Errors
///
/// When it is longer than two gigabytes.
pub fn authentication_sasl_final(out: &mut BytesMut, data: &[u8]) -> Result<(), Error> {
    sasl(out, 12, data)
}

fn sasl(out: &mut BytesMut, code: u32, data: &[u8]) -> Result<(), Error> {
    frame(out, b'R', "an answer of SASL", |writer| {
        writer.out.put_u32(code);
        writer.out.put_slice(data);
        Ok(())
    })
}
