//! Statements that Cordon answers itself: settings that it keeps, prepared statements of SQL, DISCARD.

use std::sync::Arc;

use bytes::BytesMut;
use enforce::Checked;
use model::Refusal;
use sql::Action;
use sql::tree::{
    Constant, DiscardTarget, Execute, Expression, SetScope, SetValue, Setting, TypeName,
};
use wire::{Column, Formats, Report, Severity, TransactionStatus, server};

use super::extended::{Statement, format_at};
use super::query::{Source, Told};
use super::reports::shown_as;
use super::values::Values;
use super::{Session, Stop};
use crate::problem::{Problem, sqlstate};

/// The columns of an answer of our own, all of them text.
pub(super) struct LocalColumns(Vec<String>);

/// PostgreSQL's type `text`.
const TEXT: u32 = 25;

impl LocalColumns {
    pub(super) fn tell(&self, out: &mut BytesMut, formats: &Formats) -> Result<(), wire::Error> {
        if self.0.is_empty() {
            server::no_data(out);
            return Ok(());
        }
        let columns: Vec<Column<'_>> = self
            .0
            .iter()
            .enumerate()
            .map(|(place, name)| Column {
                name,
                relation_oid: 0,
                attribute: 0,
                type_oid: TEXT,
                type_size: -1,
                type_modifier: -1,
                // Text has one form for both.
                format: format_at(formats, place),
            })
            .collect();
        server::row_description(out, &columns)
    }
}

impl Session {
    /// Whether a statement is answered here.
    pub(super) fn is_local(&self, action: &Action) -> bool {
        match action {
            Action::Show(_)
            | Action::SetVirtual(_)
            | Action::Prepare(_, _)
            | Action::Execute(_)
            | Action::Deallocate(_)
            | Action::Discard(_) => true,
            Action::Query
            | Action::Write(_)
            | Action::CopyOut(_)
            | Action::Explain { .. }
            | Action::Declare { .. }
            | Action::Fetch(_)
            | Action::Close(_)
            | Action::Transaction(_) => false,
            // Its modes become settings of the session, one by one.
            Action::Set(setting) => setting.name == "SESSION CHARACTERISTICS",
        }
    }

    pub(super) fn local_columns(&self, action: &Action) -> LocalColumns {
        LocalColumns(match action {
            Action::Show(name) if name == "all" => ["name", "setting", "description"]
                .map(str::to_owned)
                .to_vec(),
            Action::Show(name) => vec![shown_as(name)],
            _ => Vec::new(),
        })
    }

    /// As [`Session::run_local`], in the extended protocol.
    pub(super) async fn run_local_bound(
        &mut self,
        checked: &Arc<Checked>,
        text: &Arc<str>,
        values: &Values,
    ) -> Result<(), Stop> {
        if !values.values.is_empty() {
            return Err(Problem::refusal(Refusal::SyntaxNotSupported, "parameters here").into());
        }
        self.run_local(checked, text, 0, false).await
    }

    /// Answers a statement here, the one at this place of the text. In the simple protocol its columns
    /// are told with it.
    pub(super) async fn run_local(
        &mut self,
        checked: &Arc<Checked>,
        text: &Arc<str>,
        place: usize,
        is_simple: bool,
    ) -> Result<(), Stop> {
        // Where the session stands follows from the answers to what came before.
        self.settle_queue().await?;
        self.check_transaction(checked.guarded.action())?;
        match checked.guarded.action() {
            Action::Execute(execute) => {
                let told = match is_simple {
                    true => Told::Simple,
                    false => Told::Bound(self.local_formats.clone()),
                };
                return self.execute_prepared(execute, text, &told).await;
            }
            Action::Show(name) => self.show(name, is_simple).await?,
            Action::SetVirtual(setting) if setting.name == "all" => self.reset_all().await?,
            Action::Set(setting) => self.set_characteristics(setting).await?,
            Action::SetVirtual(setting) => {
                if setting.name == "role" {
                    self.check_role(setting)?;
                    self.noticed.clear();
                }
                self.settings.set(setting)?;
                if setting.scope == SetScope::Local && self.status == TransactionStatus::Idle {
                    self.warn_of_no_transaction()?;
                }
                self.remembered.forget();
                self.complete_local(tag_of(setting))?;
            }
            Action::Prepare(name, types) => {
                self.prepare_named(name, types, checked, text, place)?;
            }
            Action::Deallocate(name) => {
                match name {
                    None => self.forget_statements(),
                    Some(name) => {
                        if !self.forget_statement(name) {
                            let message = format!("prepared statement \"{name}\" does not exist");
                            return Err(Problem::plain(sqlstate("26000"), message).into());
                        }
                    }
                }
                let tag = match name {
                    None => "DEALLOCATE ALL",
                    Some(_) => "DEALLOCATE",
                };
                self.complete_local(tag)?;
            }
            Action::Discard(target) => self.discard(*target)?,
            _ => return Err(Problem::refusal(Refusal::StatementNotAllowed, "").into()),
        }
        self.pass(text);
        Ok(())
    }

    /// `SET LOCAL` where there is nothing to be local to: in PostgreSQL's words.
    fn warn_of_no_transaction(&mut self) -> Result<(), Stop> {
        let message = "SET LOCAL can only be used in transaction blocks";
        let report = Report::new(Severity::Warning, sqlstate("25P01"), message);
        self.say(|out| {
            server::notice(out, &report);
            Ok(())
        })
    }

    pub(super) fn complete_local(&mut self, tag: &str) -> Result<(), Stop> {
        self.say(|out| server::command_complete(out, tag))
    }

    async fn show(&mut self, name: &str, is_simple: bool) -> Result<(), Stop> {
        let columns = self.local_columns(&Action::Show(name.to_owned()));
        let rows: Vec<Vec<String>> = if name == "all" {
            let row = |(name, value): (&str, &str)| {
                vec![name.to_owned(), value.to_owned(), String::new()]
            };
            self.settings.all().map(row).collect()
        } else {
            let value = match name.to_ascii_lowercase().as_str() {
                "session_authorization" => Some(self.who.name().to_owned()),
                name => self.value_shown(name).await?,
            };
            let unknown = || {
                let message = format!("unrecognized configuration parameter \"{name}\"");
                Problem::plain(sqlstate("42704"), message)
            };
            vec![vec![value.ok_or_else(unknown)?]]
        };
        let formats = self.local_formats.clone();
        self.say(|out| {
            if is_simple {
                columns.tell(out, &formats)?;
            }
            for row in &rows {
                server::data_row(out, row.iter().map(|cell| Some(cell.as_bytes())))?;
            }
            server::command_complete(out, "SHOW")
        })
    }

    /// PREPARE: the statement is guarded already, as that of a Parse.
    fn prepare_named(
        &mut self,
        name: &str,
        types: &[TypeName],
        checked: &Arc<Checked>,
        text: &Arc<str>,
        place: usize,
    ) -> Result<(), Stop> {
        if self.statements.contains_key(name) {
            let message = format!("prepared statement \"{name}\" already exists");
            return Err(Problem::plain(sqlstate("42P05"), message).into());
        }
        let statement = Statement {
            text: Arc::clone(text),
            place,
            types: types.iter().map(oid_of).collect(),
            checked: Some(Arc::clone(checked)),
            is_of_sql: true,
            since_ms: self.gate.now_ms(),
        };
        self.keep_statement(name, statement)?;
        self.complete_local("PREPARE")
    }

    /// EXECUTE: its arguments are constants, and the decision is made now.
    async fn execute_prepared(
        &mut self,
        execute: &Execute,
        text: &Arc<str>,
        told: &Told,
    ) -> Result<(), Stop> {
        let Some(statement) = self.statements.get(&execute.name).cloned() else {
            let message = format!("prepared statement \"{}\" does not exist", execute.name);
            return Err(Problem::plain(sqlstate("26000"), message).into());
        };
        let Some(mut checked) = statement.checked.clone() else {
            return Err(Problem::refusal(Refusal::SyntaxNotSupported, "EXECUTE of nothing").into());
        };
        let wanted = usize::try_from(checked.resolution.parameters).unwrap_or(usize::MAX);
        if execute.arguments.len() != wanted {
            let message = format!(
                "wrong number of parameters for prepared statement \"{}\"",
                execute.name
            );
            return Err(Problem::plain(sqlstate("42601"), message).into());
        }
        let mut types = statement.types.clone();
        if types.len() < wanted || types.contains(&0) {
            // As after a Parse: guarded again as typed, and the types stay.
            types = self.learn_types(&checked, types, wanted).await?;
            checked = self.check_again(&checked, &statement.text, statement.place, &types)?;
            let typed = Statement {
                text: Arc::clone(&statement.text),
                place: statement.place,
                types: types.clone(),
                checked: Some(Arc::clone(&checked)),
                is_of_sql: statement.is_of_sql,
                since_ms: statement.since_ms,
            };
            self.forget_statement(&execute.name);
            self.keep_statement(&execute.name, typed)?;
        }
        let mut values = Vec::with_capacity(wanted);
        for argument in &execute.arguments {
            values.push(constant_text(argument).ok_or_else(|| {
                Problem::refusal(
                    Refusal::SyntaxNotSupported,
                    "EXECUTE with an argument that is no plain constant",
                )
            })?);
        }
        let mut values = Values::texts(values);
        values.types = types.clone();
        // What is decided is what was prepared; the EXECUTE is kept beside it, in a comment that it
        // cannot end.
        let executed = text.replace(['\n', '\r'], " ");
        let both: Arc<str> = format!("{}\n-- {executed}", statement.text).into();
        let source = Source {
            text: &statement.text,
            place: statement.place,
            recorded: &both,
        };
        self.send(&checked, &source, &types, &values, told).await
    }

    fn discard(&mut self, target: DiscardTarget) -> Result<(), Stop> {
        let tag = match target {
            DiscardTarget::All => {
                if self.status != TransactionStatus::Idle || self.is_sent {
                    let message = "DISCARD ALL cannot run inside a transaction block";
                    return Err(Problem::plain(sqlstate("25001"), message).into());
                }
                self.forget_statements();
                self.forget_portals();
                self.cursors.clear();
                self.end_kept(|_| true, record::End::Complete);
                self.settings.discard();
                self.remembered.forget();
                // Given back, it is reset.
                self.link = None;
                self.live.forget_link();
                "DISCARD ALL"
            }
            DiscardTarget::Plans => "DISCARD PLANS",
            DiscardTarget::Sequences => "DISCARD SEQUENCES",
            DiscardTarget::Temp => "DISCARD TEMP",
        };
        self.complete_local(tag)
    }
}

/// What the server says to SET and RESET.
fn tag_of(setting: &Setting) -> &'static str {
    match setting.value {
        SetValue::Default => "RESET",
        SetValue::Values(_) | SetValue::Current | SetValue::Modes(_) => "SET",
    }
}

/// The number of a declared type; 0 lets the server find out.
fn oid_of(name: &TypeName) -> u32 {
    if !name.dimensions.is_empty() {
        return 0;
    }
    pgschema::builtin::type_named(&name.name.name).map_or(0, |known| known.oid.0)
}

/// A constant as the server reads it: `None` if it is none; `Some(None)` is NULL.
fn constant_text(expression: &Expression) -> Option<Option<String>> {
    match expression {
        Expression::Constant(constant) => Some(match constant {
            Constant::Null => None,
            Constant::Boolean(value) => Some(value.to_string()),
            Constant::Integer(number) => Some(number.to_string()),
            Constant::Number(text) | Constant::Text(text) => Some(text.clone()),
            Constant::Bits(bits) => Some(bits.get(1..)?.to_owned()),
        }),
        // The parameter's own type reads the text as the cast would.
        Expression::Cast(inner, _) => constant_text(inner),
        Expression::Operator {
            name,
            left: None,
            right,
        } if name.name == "-" => {
            let text = constant_text(right)??;
            Some(Some(match text.strip_prefix('-') {
                Some(positive) => positive.to_owned(),
                None => format!("-{text}"),
            }))
        }
        _ => None,
    }
}
