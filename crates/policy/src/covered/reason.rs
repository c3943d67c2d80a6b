//! One step of a reason path.

use std::fmt;

/// A fact and the rule or source that makes it count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The fact, as a sentence without final stop.
    pub text: String,
    /// The rule or the source of the fact.
    pub source: String,
}

impl Step {
    /// A step.
    pub fn new(text: impl Into<String>, source: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            source: source.into(),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.text, self.source)
    }
}
