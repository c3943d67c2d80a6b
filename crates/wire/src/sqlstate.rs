//! The five characters that name a condition.

use std::fmt;

use crate::Error;

/// A condition's code: five digits or capital letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SqlState([u8; 5]);

impl SqlState {
    /// `08P01`
    pub const PROTOCOL_VIOLATION: Self = Self(*b"08P01");
    /// `0A000`
    pub const FEATURE_NOT_SUPPORTED: Self = Self(*b"0A000");
    /// `22021`
    pub const CHARACTER_NOT_IN_REPERTOIRE: Self = Self(*b"22021");

    /// Reads a code.
    ///
    /// # Errors
    ///
    /// When it is not five digits or capital letters.
    pub fn parse(code: &str) -> Result<Self, Error> {
        let is_code = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
        match <[u8; 5]>::try_from(code.as_bytes()) {
            Ok(bytes) if bytes.iter().all(is_code) => Ok(Self(bytes)),
            _ => Err(Error::Value {
                message: "an error or notice",
                field: "the sqlstate",
            }),
        }
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // INVARIANT: only digits and capital letters are ever put in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The first two characters: what kind of condition it is.
    #[must_use]
    pub const fn class(self) -> [u8; 2] {
        let [first, second, ..] = self.0;
        [first, second]
    }
}

impl fmt::Debug for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
