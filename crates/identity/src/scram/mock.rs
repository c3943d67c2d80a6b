//! Verifiers of users that do not exist: the same for the same name for ever, and told from real ones
//! by nobody without the deployment's secret.

use std::fmt;
use std::path::Path;

use super::hash::{self, Key};
use super::verifier::Verifier;
use crate::error::IdentityError;
use crate::secret_file;

/// The secret of a deployment from which verifiers for unknown names are derived.
#[derive(Clone)]
pub struct Mock(Key);

impl fmt::Debug for Mock {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mock(..)")
    }
}

impl Mock {
    /// A mock from a secret that the caller keeps.
    pub const fn of(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// Reads `DIR/secrets/mock`, and makes it when it is not there: it must outlive restarts, or a
    /// salt that changes would tell that the user does not exist.
    ///
    /// # Errors
    /// When the file can be read by others, is no secret, or cannot be made.
    pub fn load_or_make(path: &Path) -> Result<Self, IdentityError> {
        if let Some(text) = secret_file::read(path)? {
            return read(path, &text);
        }
        let mut secret: Key = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| IdentityError::Randomness {
            cause: error.to_string(),
        })?;
        let mut text: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        text.push('\n');
        if secret_file::create(path, &text)? {
            return Ok(Self(secret));
        }
        // Another process of the same deployment was faster: its secret counts.
        let text = secret_file::read(path)?.unwrap_or_default();
        read(path, &text)
    }

    /// The verifier that `user` gets when there is none.
    pub(super) fn verifier(&self, user: &str, iterations: u32) -> Verifier {
        let part = |label: &[u8]| hash::keyed(&self.0, &[label, b"\0", user.as_bytes()]);
        let mut salt = [0; super::verifier::SALT_BYTES];
        for (to, from) in salt.iter_mut().zip(part(b"cordon scram mock salt")) {
            *to = from;
        }
        Verifier {
            iterations,
            salt,
            stored_key: part(b"cordon scram mock stored key"),
            server_key: part(b"cordon scram mock server key"),
        }
    }
}

fn read(path: &Path, text: &str) -> Result<Mock, IdentityError> {
    decode(text).map(Mock).ok_or_else(|| IdentityError::SecretFile {
        path: path.to_owned(),
        line: Some(1),
        cause: "it is not one line of 64 hex digits".to_owned(),
        remedy: "restore it from a copy; if it is removed, a new one is made, and who kept salts of \
                 unknown names sees them change",
    })
}

fn decode(text: &str) -> Option<Key> {
    let digits = text.strip_suffix('\n').unwrap_or(text).as_bytes();
    let bytes: Option<Vec<u8>> = digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
            _ => None,
        })
        .collect();
    bytes?.try_into().ok()
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}
