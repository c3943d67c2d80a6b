//! A value that remembers where it was written.

use model::Diagnostic;
use serde::{Deserialize, Deserializer};
use serde_saphyr::Spanned;

/// A value with its line and column (from 1; 0 where it was not written, as for defaults).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its line.
    pub line: u64,
    /// Its column.
    pub column: u64,
}

impl<T> Located<T> {
    /// A value that nobody wrote.
    pub const fn nowhere(value: T) -> Self {
        Self {
            value,
            line: 0,
            column: 0,
        }
    }

    /// Another value at the same place.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Located<U> {
        Located {
            value: change(self.value),
            line: self.line,
            column: self.column,
        }
    }

    /// An error about this value.
    pub fn error(
        &self,
        file: &str,
        path: impl Into<String>,
        cause: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::error(file, cause, remedy)
            .at(self.line, self.column)
            .under(path)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<T>::deserialize(deserializer)?;
        let place = spanned.referenced;
        Ok(Self {
            value: spanned.value,
            line: place.line(),
            column: place.column(),
        })
    }
}
