//! The first packets of a connection.

use bytes::{BufMut, BytesMut};

use crate::frame::untagged;
use crate::{Cancel, Error, Minor};

/// SSLRequest: whether the server speaks TLS. It answers with one byte, `S` or `N`.
pub fn tls_request(out: &mut BytesMut) {
    out.put_slice(b"\0\0\0\x08\x04\xd2\x16\x2f");
}

/// CancelRequest, alone on a connection of its own. The server does not answer.
///
/// # Errors
///
/// Never, as a [`Cancel`] always fits.
pub fn cancel_request(out: &mut BytesMut, cancel: &Cancel) -> Result<(), Error> {
    untagged(out, "CancelRequest", |writer| {
        writer.out.put_u32(80_877_102);
        writer.out.put_u32(cancel.process());
        writer.out.put_slice(cancel.key());
        Ok(())
    })
}

/// StartupMessage with its parameters.
///
/// # Errors
///
/// When a text holds a NUL or a name is empty.
pub fn startup<'p>(
    out: &mut BytesMut,
    minor: Minor,
    parameters: impl IntoIterator<Item = (&'p str, &'p str)>,
) -> Result<(), Error> {
    let message = "StartupMessage";
    untagged(out, message, |writer| {
        writer.out.put_u32(minor.code());
        for (name, value) in parameters {
            if name.is_empty() {
                return Err(Error::Value {
                    message,
                    field: "a parameter's name",
                });
            }
            writer.text(name, "a parameter's name")?;
            writer.text(value, "a parameter's value")?;
        }
        writer.out.put_u8(0);
        Ok(())
    })
}
