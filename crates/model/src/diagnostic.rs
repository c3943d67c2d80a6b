//! What is wrong with a file an operator wrote, and what is left open.

use std::fmt;

/// One problem: where, what, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// The file as the operator knows it.
    pub file: String,
    /// Line from 1, if known.
    pub line: Option<u64>,
    /// Column from 1, if known.
    pub column: Option<u64>,
    /// Where in the document, e.g. `dataset[0].collections[2].fields[1].mask`; may be empty.
    pub path: String,
    /// What is wrong, without final stop.
    pub cause: String,
    /// What to do, without final stop.
    pub remedy: String,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing may be loaded.
    Error,
    /// It loads; somebody should look.
    Warning,
}

impl Diagnostic {
    /// An error in a file.
    pub fn error(file: &str, cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            file: file.to_owned(),
            line: None,
            column: None,
            path: String::new(),
            cause: cause.into(),
            remedy: remedy.into(),
        }
    }

    /// The same, at a line and column (from 1); 0 is "not known".
    #[must_use]
    pub fn at(mut self, line: u64, column: u64) -> Self {
        self.line = (line > 0).then_some(line);
        self.column = (line > 0 && column > 0).then_some(column);
        self
    }

    /// The same, at a place in the document.
    #[must_use]
    pub fn under(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// The same as a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }
}

/// `file:line:column: path: cause` and the remedy on a line of its own.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        if !self.path.is_empty() {
            write!(f, ": {}", self.path)?;
        }
        write!(f, ": {}\n  remedy: {}", self.cause, self.remedy)
    }
}

impl std::error::Error for Diagnostic {}

/// Something the system cannot vouch for, listed in every report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// What kind of gap.
    pub kind: GapKind,
    /// What has it: a dataset, a field, a person.
    pub subject: String,
    /// What is not known and what it is treated as.
    pub text: String,
}

crate::label::words! {
    /// Kinds of gaps (promise 4).
    GapKind, "gap" {
        /// A field without a label.
        Unlabelled = "unlabelled",
        /// A dataset that does not say whom it is about.
        SubjectsUndeclared = "subjects_undeclared",
        /// A foreign key to people that is not declared as a subject.
        SubjectUndeclared = "subject_undeclared",
        /// A mask on a type nobody has named.
        TypeUnknown = "type_unknown",
        /// A dataset in observe mode.
        Observed = "observed",
        /// A fact of the people register that has expired or is absent.
        FactUnknown = "fact_unknown",
        /// A regime shown for study only.
        Museum = "museum",
        /// Something not signed by a quorum yet.
        Unsigned = "unsigned",
    }
}
