//! The rules of the house, one file a rule; each takes a [`House`] and lists what is wrong.

mod arrows;
mod bans;
mod decisions;
mod file_shape;
mod forbidden_text;
mod generated_documents;
mod licences;
mod links;
mod list;
mod purity;
mod receipts;
mod refusal_tests;
mod source;
mod spdx;

use crate::house::House;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Fails the build.
    Problem(String),
    /// Is said, and does not fail the build.
    Warning(String),
}

impl Finding {
    fn problem(text: impl Into<String>) -> Self {
        Self::Problem(text.into())
    }
}

/// A named check.
pub type Check = (&'static str, fn(&House) -> Vec<Finding>);

/// All of them, cheapest to understand first.
pub const CHECKS: &[Check] = &[
    ("arrows", arrows::check),
    ("purity", purity::check),
    ("bans", bans::check),
    ("receipts", receipts::check),
    ("licences", licences::check),
    ("decisions", decisions::check),
    ("files", file_shape::check),
    ("refusal tests", refusal_tests::check),
    ("generated", generated_documents::check),
    ("links", links::check),
    ("forbidden text", forbidden_text::check),
];
