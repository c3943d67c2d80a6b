//! What a client is told when something is not done: one shape for refusals, for PostgreSQL's own
//! errors about names, and for errors of the data store, which are redacted here.

use enforce::Refused;
use model::Refusal;
use wire::{Report, Severity, SqlState};

/// Why something was not done, as far as the client may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Whether the session ends.
    pub(crate) is_fatal: bool,
    pub(crate) sqlstate: SqlState,
    pub(crate) message: String,
    pub(crate) detail: Option<String>,
    pub(crate) hint: Option<String>,
    /// In characters of the statement, from 1.
    pub(crate) position: Option<u32>,
    /// The refusal, if it is one: it is recorded.
    pub(crate) refusal: Option<Refusal>,
    /// Whether it stands in the ledger already.
    pub(crate) is_recorded: bool,
    /// Its number among the session's statements, once it is recorded.
    pub(crate) number: Option<u64>,
}

impl Problem {
    /// An error that PostgreSQL itself would give.
    pub(crate) fn plain(sqlstate: SqlState, message: impl Into<String>) -> Self {
        Self {
            is_fatal: false,
            sqlstate,
            message: message.into(),
            detail: None,
            hint: None,
            position: None,
            refusal: None,
            is_recorded: false,
            number: None,
        }
    }

    /// A refusal by its code, about something that the client named.
    pub(crate) fn refusal(code: Refusal, about: &str) -> Self {
        let entry = code.entry();
        let message = match about {
            "" => entry.meaning.to_owned(),
            about => format!("{}: {about}", entry.meaning),
        };
        Self {
            hint: Some(entry.remedy.to_owned()),
            refusal: Some(code),
            detail: Some(format!("refusal code: {code}")),
            ..Self::plain(sqlstate(entry.sqlstate), message)
        }
    }

    pub(crate) fn fatal(self) -> Self {
        Self {
            is_fatal: true,
            ..self
        }
    }

    /// A refused statement; `text` is what the client sent, to count characters in.
    pub(crate) fn of(refused: &Refused, text: &str) -> Self {
        let mut problem = Self::refusal(refused.code, &refused.about);
        if let Some(hint) = &refused.hint {
            problem.hint = Some(hint.to_string());
        }
        problem.position = refused.at.and_then(|at| position(text, at));
        problem
    }

    pub(crate) fn report(&self) -> Report<'_> {
        let severity = if self.is_fatal {
            Severity::Fatal
        } else {
            Severity::Error
        };
        Report {
            detail: self.detail.as_deref(),
            hint: self.hint.as_deref(),
            position: self.position,
            ..Report::new(severity, self.sqlstate, &self.message)
        }
    }
}

/// A place in bytes as characters from 1.
fn position(text: &str, at: usize) -> Option<u32> {
    let before = text.get(..at)?.chars().count();
    u32::try_from(before).ok()?.checked_add(1)
}

/// A code that stands in our own text or in the table of refusals, whose test keeps it well formed.
pub(crate) fn sqlstate(code: &str) -> SqlState {
    SqlState::parse(code).unwrap_or(SqlState::FEATURE_NOT_SUPPORTED)
}
