//! Parse: a statement is checked, and the types of its parameters are learned.

use std::sync::Arc;

use enforce::Checked;
use model::Refusal;
use sql::Parameter;
use wire::backend::{Incoming, Message};
use wire::{Subject, server};

use super::extended::{Statement, place};
use super::query::unsendable;
use super::steps::internal;
use super::{Session, Stop};
use crate::limits::{HELD_BYTES_MAX, STATEMENTS_MAX};
use crate::problem::{Problem, sqlstate};
use crate::redact;

/// PostgreSQL's type `text`.
const TEXT: u32 = 25;

impl Session {
    /// Parse.
    pub(super) async fn parse(
        &mut self,
        name: &str,
        sql: &str,
        types: Vec<u32>,
    ) -> Result<(), Stop> {
        self.limit_pipeline().await?;
        self.renew_world()?;
        if !name.is_empty() && self.statements.contains_key(name) {
            let message = format!("prepared statement \"{name}\" already exists");
            return Err(Problem::plain(sqlstate("42P05"), message).into());
        }
        let statement = match self.prepare(sql, types).await {
            Ok(statement) => statement,
            Err(Stop::Problem(mut problem)) => {
                self.record_refusal(&mut problem, sql);
                return Err(Stop::Problem(problem));
            }
            Err(over) => return Err(over),
        };
        self.keep_statement(name, statement)?;
        self.say(|out| {
            server::parse_complete(out);
            Ok(())
        })
    }

    /// Keeps a prepared statement, within the session's limits.
    pub(super) fn keep_statement(
        &mut self,
        name: &str,
        statement: Statement,
    ) -> Result<(), Problem> {
        if self.statements.len() >= STATEMENTS_MAX {
            return Err(Problem::plain(
                sqlstate("53000"),
                "too many prepared statements",
            ));
        }
        self.hold(statement.bytes())?;
        if let Some(earlier) = self.statements.insert(name.to_owned(), Arc::new(statement)) {
            self.held_bytes = self.held_bytes.saturating_sub(earlier.bytes());
        }
        Ok(())
    }

    pub(super) fn forget_statement(&mut self, name: &str) -> bool {
        let found = self.statements.remove(name);
        let bytes = found.as_ref().map_or(0, |statement| statement.bytes());
        self.held_bytes = self.held_bytes.saturating_sub(bytes);
        found.is_some()
    }

    pub(super) fn forget_statements(&mut self) {
        let bytes: usize = self
            .statements
            .values()
            .map(|statement| statement.bytes())
            .sum();
        self.held_bytes = self.held_bytes.saturating_sub(bytes);
        self.statements.clear();
    }

    pub(super) fn hold(&mut self, bytes: usize) -> Result<(), Problem> {
        if self.held_bytes.saturating_add(bytes) > HELD_BYTES_MAX {
            let message = "prepared statements and portals of this session hold too much memory";
            return Err(Problem::plain(sqlstate("53200"), message));
        }
        self.held_bytes += bytes;
        Ok(())
    }

    /// Checks a text that is to hold one statement, and learns the types of its parameters.
    pub(super) async fn prepare(&mut self, sql: &str, types: Vec<u32>) -> Result<Statement, Stop> {
        let text: Arc<str> = sql.into();
        let all = self.check(sql, &types)?;
        let checked = match all.as_ref() {
            [] => None,
            [one] => Some(Arc::clone(one)),
            _ => return Err(Problem::refusal(Refusal::SeveralStatements, "").into()),
        };
        let Some(checked) = checked else {
            return Ok(Statement {
                text,
                place: 0,
                types,
                checked: None,
                is_of_sql: false,
                since_ms: self.gate.now_ms(),
            });
        };
        self.check_transaction(checked.guarded.action())?;
        let count = usize::try_from(checked.resolution.parameters).unwrap_or(usize::MAX);
        let is_known = types.len() >= count && types.iter().take(count).all(|oid| *oid != 0);
        if is_known || self.is_local(checked.guarded.action()) {
            return Ok(Statement {
                text,
                place: 0,
                types,
                checked: Some(checked),
                is_of_sql: false,
                since_ms: self.gate.now_ms(),
            });
        }
        let types = self.learn_types(&checked, types, count).await?;
        // Guarded again as typed: what is total, and what is inverted, depends on it.
        let all = self.check(sql, &types)?;
        Ok(Statement {
            text,
            place: 0,
            types,
            checked: all.first().cloned(),
            is_of_sql: false,
            since_ms: self.gate.now_ms(),
        })
    }

    /// Asks the data store for the types that nobody declared, with the guarded statement as a draft.
    pub(super) async fn learn_types(
        &mut self,
        checked: &Checked,
        mut types: Vec<u32>,
        count: usize,
    ) -> Result<Vec<u32>, Stop> {
        types.resize(types.len().max(count), 0);
        let parameters = checked.guarded.parameters();
        let declared: Vec<u32> = parameters
            .iter()
            .map(|parameter| match parameter {
                Parameter::Client(number) => place(*number, &types).unwrap_or(0),
                _ => 0,
            })
            .collect();
        self.settle_queue().await?;
        // The server takes a snapshot for it, after which a transaction cannot begin to write.
        if matches!(checked.guarded.action(), sql::Action::Write(_)) && self.wants_to_write() {
            self.prepare_link(checked).await?;
            self.settle_queue().await?;
        }
        self.ensure_link().await?;
        let link = self.link()?;
        let prepared = link
            .statement(checked.guarded.text(), &declared)
            .map_err(|error| unsendable(&error))?;
        link.outgoing_stateless()
            .describe(Subject::Statement(&prepared.name))
            .map_err(|error| unsendable(&error))?
            .flush();
        self.is_sent = true;
        self.busy_since = Some(std::time::Instant::now());
        let mut learned = Vec::new();
        loop {
            let Incoming::Control(frame) = self.receive().await? else {
                continue;
            };
            match frame.message().map_err(|error| internal(&error))? {
                Message::ParameterDescription(found) => learned = found,
                Message::RowDescription(_) | Message::NoData => break,
                Message::Error(report) => return Err(redact::governed(&report).into()),
                _ => {}
            }
        }
        self.busy_since = None;
        for (parameter, oid) in parameters.iter().zip(learned) {
            let number = match parameter {
                Parameter::Client(number) => *number,
                Parameter::Raw { number, .. } => *number,
                Parameter::RawConstant { .. }
                | Parameter::Key(_)
                | Parameter::Texts(_)
                | Parameter::Numbers(_)
                | Parameter::Names(_)
                | Parameter::Told(_)
                | Parameter::Subjects { .. } => continue,
            };
            let slot = usize::try_from(number)
                .ok()
                .and_then(|number| types.get_mut(number.checked_sub(1)?));
            if let Some(slot) = slot.filter(|slot| **slot == 0) {
                *slot = oid;
            }
        }
        for slot in types.iter_mut().filter(|slot| **slot == 0) {
            *slot = TEXT;
        }
        Ok(types)
    }
}
