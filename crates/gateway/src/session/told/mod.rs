//! What a session tells of itself in SQL: `cordon.my_access`, `cordon.last_refusal`,
//! `cordon.explain(..)`, and its cursors and prepared statements. Each is a list of rows in JSON that
//! travels as one value beside a statement that reads nothing else.

mod access;
mod explained;

use std::sync::Arc;

use serde_json::{Value, json};
use sql::{Parameter, Told, ToldText};

use super::Session;
use super::extended::Portal;
use super::values::Values;
use crate::problem::Problem;

/// A refusal that was told, and when.
pub(super) struct LastRefusal {
    problem: Problem,
    happened_ms: u64,
}

/// One relation and its rows.
type Rows = Vec<(Told, String)>;

/// PostgreSQL's type `text`, for parameters of which nobody said a type.
const TEXT: u32 = 25;

impl Session {
    /// A refusal is kept for who asks about it.
    pub(super) fn remember_refusal(&mut self, problem: &Problem) {
        if problem.refusal.is_some() {
            self.last_refusal = Some(LastRefusal {
                problem: problem.clone(),
                happened_ms: self.gate.now_ms(),
            });
        }
    }

    /// The rows of each relation among the parameters that a session tells itself.
    pub(super) async fn told(
        &mut self,
        parameters: &[Parameter],
        client: &Values,
    ) -> Result<Rows, Problem> {
        let mut all = Rows::new();
        for parameter in parameters {
            let Parameter::Told(told) = parameter else {
                continue;
            };
            let rows = match told {
                Told::Access => self.access(),
                Told::LastRefusal => self.last_refusal().await,
                Told::Explained(ToldText::Constant(text)) => self.explained(text),
                Told::Explained(ToldText::Client(number)) => match text_of(client, *number)? {
                    Some(text) => self.explained(&text),
                    None => Vec::new(),
                },
                Told::Cursors => self.cursors_told(),
                Told::PreparedStatements => self.statements_told(),
            };
            // `jsonb` has no place for it.
            let rows = Value::Array(rows).to_string().replace("\\u0000", "");
            all.push((told.clone(), rows));
        }
        Ok(all)
    }

    async fn last_refusal(&mut self) -> Vec<Value> {
        let Some(LastRefusal {
            problem,
            happened_ms,
        }) = &self.last_refusal
        else {
            return Vec::new();
        };
        let entry = match problem.number {
            Some(number) => {
                let control_size = self.world.control_size();
                self.book.entry_of_refusal(control_size, number).await
            }
            None => None,
        };
        vec![json!({
            "code": problem.refusal.map(|code| code.to_string()),
            "sqlstate": problem.sqlstate.as_str(),
            "what": problem.message,
            "remedy": problem.hint,
            "happened": moment(*happened_ms),
            "session": self.book.session(),
            "statement": problem.number,
            "entry": entry,
        })]
    }

    /// `pg_cursors`: what was declared, and portals that the driver named.
    fn cursors_told(&self) -> Vec<Value> {
        let row = |name: &str, text: &Arc<str>, since_ms, is_held, is_scroll| {
            json!({
                "name": name,
                "statement": &**text,
                "is_holdable": is_held,
                "is_binary": false,
                "is_scrollable": is_scroll,
                "creation_time": moment(since_ms),
            })
        };
        let cursors = self.cursors.values().map(|cursor| {
            let (held, scroll) = (cursor.is_held, cursor.is_scroll);
            row(&cursor.name, &cursor.text, cursor.since_ms, held, scroll)
        });
        let named = |(name, _): &(&String, &Portal)| !name.is_empty();
        let portals = self.portals.iter().filter(named).map(|(name, portal)| {
            let text = &portal.statement.text;
            row(name, text, portal.since_ms, false, false)
        });
        cursors.chain(portals).collect()
    }

    /// `pg_prepared_statements`: texts as the client sent them, never what they became.
    fn statements_told(&self) -> Vec<Value> {
        let statements = self.statements.iter();
        let named = statements.filter(|(name, _)| !name.is_empty());
        named
            .map(|(name, statement)| {
                let types = statement.types.iter();
                let types: Vec<String> = types
                    .map(|oid| if *oid == 0 { TEXT } else { *oid }.to_string())
                    .collect();
                json!({
                    "name": name,
                    "statement": &*statement.text,
                    "prepare_time": moment(statement.since_ms),
                    "parameter_types": types,
                    "from_sql": statement.is_of_sql,
                    // Every plan is made upstream for the values at hand.
                    "generic_plans": 0,
                    "custom_plans": 0,
                })
            })
            .collect()
    }
}

/// The hint of a problem; a refusal says where it can be read again.
pub(super) fn hint(problem: &Problem) -> Option<String> {
    let hint = problem.hint.as_deref()?;
    Some(match problem.refusal {
        Some(_) if !problem.is_fatal => {
            format!("{hint}; to read this again: SELECT * FROM cordon.last_refusal")
        }
        _ => hint.to_owned(),
    })
}

/// A text that came as a parameter; its two forms are one.
fn text_of(client: &Values, number: u32) -> Result<Option<String>, Problem> {
    let (value, _, _) = client.client(number)?;
    let Some(value) = value else { return Ok(None) };
    let text = std::str::from_utf8(value).map_err(|_| {
        let about = format!("${number}");
        Problem::refusal(model::Refusal::TextNotValid, &about)
    })?;
    Ok(Some(text.to_owned()))
}

/// A moment as PostgreSQL reads it.
fn moment(ms: u64) -> String {
    let seconds = i64::try_from(ms / 1000).unwrap_or(i64::MAX);
    let whole = model::Timestamp::from_seconds(seconds).to_string();
    format!("{}.{:03}Z", whole.trim_end_matches('Z'), ms % 1000)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_moment_keeps_its_milliseconds() {
        assert_eq!(super::moment(1_767_225_600_042), "2026-01-01T00:00:00.042Z");
    }
}
