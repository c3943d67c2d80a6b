//! An answer to an authentication request. The type byte does not say which, so the caller does.

use std::fmt;

use bytes::Bytes;

use super::framing::HEADER_BYTES;
use crate::Error;
use crate::body::Body;

/// An answer that has not been looked into. `Debug` does not show it.
#[derive(Clone)]
pub struct Secret {
    bytes: Bytes,
}

/// The first answer of a SASL exchange.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SaslInitial<'a> {
    /// The mechanism that the client chose.
    pub mechanism: &'a str,
    /// What it says first, if it says something.
    pub response: Option<&'a [u8]>,
}

impl Secret {
    pub(super) const fn new(bytes: Bytes) -> Self {
        Self { bytes }
    }

    /// Reads it as a password in clear.
    ///
    /// # Errors
    ///
    /// When it is no text, or none that ends where the message does.
    pub fn password(&self) -> Result<&str, Error> {
        let mut body = Body::new("a password", &self.bytes, HEADER_BYTES);
        let password = body.text("the password")?;
        body.end()?;
        Ok(password)
    }

    /// Reads it as SASLInitialResponse.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn sasl_initial(&self) -> Result<SaslInitial<'_>, Error> {
        let mut body = Body::new("SASLInitialResponse", &self.bytes, HEADER_BYTES);
        let mechanism = body.name("the mechanism")?;
        let response = body.value("the response")?;
        body.end()?;
        Ok(SaslInitial {
            mechanism,
            response,
        })
    }

    /// Reads it as SASLResponse: all of it belongs to the mechanism.
    #[must_use]
    pub fn sasl_response(&self) -> &[u8] {
        self.bytes.get(HEADER_BYTES..).unwrap_or_default()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(not shown)")
    }
}

impl fmt::Debug for SaslInitial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SaslInitial")
            .field("mechanism", &self.mechanism)
            .finish_non_exhaustive()
    }
}
