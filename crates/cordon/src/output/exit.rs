//! How a verb ends.

use std::fmt;
use std::process::ExitCode;

use model::Diagnostic;

/// The exit codes of all verbs. 2 is the command line's, as everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; the answer is yes.
    Done,
    /// Done; the answer is no: refused, loosened, a check of the demo that failed.
    No,
    /// Files have errors.
    Faulty,
    /// Neither yes nor no: something that was asked could not be told.
    CannotTell,
    /// Something broke.
    Broken,
}

impl Exit {
    /// The number.
    pub fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Faulty | Self::CannotTell => 3,
            Self::Broken => 4,
        })
    }

    /// The end that an error means.
    pub fn of(error: &anyhow::Error) -> Self {
        if error.is::<Faults>() || error.is::<NotUsable>() {
            Self::Faulty
        } else {
            Self::Broken
        }
    }
}

/// Everything that is wrong with an operator's files.
#[derive(Debug)]
pub struct Faults(pub Vec<Diagnostic>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", super::count(self.0.len(), "error"))
    }
}

impl std::error::Error for Faults {}

/// An argument that names nothing there is.
#[derive(Debug)]
pub struct NotUsable(pub String);

impl fmt::Display for NotUsable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotUsable {}
