//! Why a statement is not sent.

use std::fmt;

use model::Refusal;
use policy::Hint;

/// A refusal of a statement: of its form, or of what it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The code.
    pub code: Refusal,
    /// What it is about, as the asker wrote it.
    pub about: String,
    /// The place in the statement's text, counted in bytes.
    pub at: Option<usize>,
    /// How to ask, where the ladder would open it.
    pub hint: Option<Box<Hint>>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = self.code.entry();
        write!(f, "{}", entry.meaning)?;
        if !self.about.is_empty() {
            write!(f, ": {}", self.about)?;
        }
        Ok(())
    }
}

impl std::error::Error for Refused {}

impl From<sql::Refused> for Refused {
    fn from(refused: sql::Refused) -> Self {
        Self {
            code: refused.code,
            about: refused.about,
            at: refused.at,
            hint: None,
        }
    }
}

impl From<policy::Refused> for Refused {
    fn from(refused: policy::Refused) -> Self {
        let about = match (&refused.field, &refused.dataset) {
            (Some(field), _) => format!("`{field}`"),
            (None, Some(dataset)) => {
                let name = dataset.as_str();
                format!("`{}`", name.split_once('/').map_or(name, |(_, name)| name))
            }
            (None, None) => String::new(),
        };
        Self {
            code: refused.code,
            about,
            at: None,
            hint: refused.hint,
        }
    }
}
