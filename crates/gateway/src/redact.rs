//! Errors of the data store, as far as they may pass: SQLSTATE and condition name.
//!
//! Message, DETAIL, HINT, WHERE and the rest may hold values of rows that the person does not see.

use std::collections::HashMap;
use std::sync::LazyLock;

use wire::{Report, SqlState};

use crate::problem::Problem;

static CONDITIONS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("../data/conditions.txt").lines();
    lines.filter_map(|line| line.split_once(' ')).collect()
});

/// An error of a statement that reads governed data.
pub(crate) fn governed(report: &Report<'_>) -> Problem {
    Problem::plain(report.sqlstate, condition(report.sqlstate))
}

/// An error of a statement that reads nothing governed: its message speaks of the statement alone.
pub(crate) fn ungoverned(report: &Report<'_>) -> Problem {
    // Positions count in the text that was sent, not in the client's.
    Problem::plain(report.sqlstate, report.message)
}

/// `division_by_zero` in words.
fn condition(sqlstate: SqlState) -> String {
    let name = CONDITIONS.get(sqlstate.as_str()).copied();
    name.unwrap_or("the statement failed").replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_condition_passes() {
        let sqlstate = SqlState::parse("22P02").unwrap_or(SqlState::PROTOCOL_VIOLATION);
        let report = Report {
            detail: Some("secret"),
            hint: Some("secret"),
            context: Some("secret"),
            table: Some("secret"),
            column: Some("secret"),
            constraint: Some("secret"),
            ..Report::new(wire::Severity::Error, sqlstate, "invalid input: \"secret\"")
        };
        let problem = governed(&report);
        assert_eq!(problem.message, "invalid text representation");
        assert_eq!(problem.sqlstate.as_str(), "22P02");
        assert!(!format!("{problem:?}").contains("secret"));
    }
}
