//! Why a statement is not understood.

use std::fmt;

use model::Refusal;

/// A statement that cannot be judged or may not be sent: a code of the refusal table, and what in
/// the statement it is about. Says nothing that the asker did not write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The code.
    pub code: Refusal,
    /// What it is about, as the asker wrote it, e.g. `function `pg_sleep``.
    pub about: String,
    /// The place in the text, counted in bytes, where one is known.
    pub at: Option<usize>,
}

impl Refused {
    /// A refusal without a place.
    pub fn new(code: Refusal, about: impl Into<String>) -> Self {
        Self {
            code,
            about: about.into(),
            at: None,
        }
    }

    /// With a place of libpg_query's, which is negative where none is known.
    #[must_use]
    pub fn at(mut self, location: i32) -> Self {
        self.at = usize::try_from(location).ok();
        self
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.entry().meaning, self.about)
    }
}

impl std::error::Error for Refused {}
