//! The key that lets somebody cancel what a session runs.

use std::fmt;

use crate::Error;
use crate::limits::{CANCEL_KEY_BYTES_MAX, CANCEL_KEY_BYTES_MIN};

/// A session's number and secret, as BackendKeyData gives them and CancelRequest shows them.
///
/// `Debug` does not show the secret. Compare secrets in constant time where strangers can try many.
#[derive(Clone, PartialEq, Eq)]
pub struct Cancel {
    process: u32,
    key: Box<[u8]>,
}

impl Cancel {
    /// A pair to give to a client: four bytes of key for protocol 3.0, up to 256 for 3.2.
    ///
    /// # Errors
    ///
    /// When the key is shorter than 4 bytes or longer than 256.
    pub fn new(process: u32, key: &[u8]) -> Result<Self, Error> {
        let message = "a cancel key";
        let field = "the secret";
        if key.len() < CANCEL_KEY_BYTES_MIN {
            return Err(Error::Truncated { message, field });
        }
        if key.len() > CANCEL_KEY_BYTES_MAX {
            return Err(Error::Limit {
                message,
                field,
                limit: CANCEL_KEY_BYTES_MAX,
            });
        }
        let key = key.into();
        Ok(Self { process, key })
    }

    /// The session's number, which is no secret.
    #[must_use]
    pub const fn process(&self) -> u32 {
        self.process
    }

    /// The secret.
    #[must_use]
    pub const fn key(&self) -> &[u8] {
        &self.key
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancel")
            .field("process", &self.process)
            .finish_non_exhaustive()
    }
}
