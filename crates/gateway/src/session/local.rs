//! Statements that Cordon answers itself: settings that it keeps, prepared statements of SQL, DISCARD.

use std::sync::Arc;

use bytes::BytesMut;
use enforce::Checked;
use model::Refusal;
use sql::Action;
use sql::tree::{Constant, DiscardTarget, Execute, Expression, TypeName};
use wire::{Column, Formats, TransactionStatus, server};

use super::extended::{Statement, format_at};
use super::values::Values;
use super::{Session, Stop};
use crate::problem::{Problem, sqlstate};

/// The columns of an answer of our own, all of them text.
pub(super) struct LocalColumns(Vec<&'static str>);

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
            | Action::Write
            | Action::CopyOut(_)
            | Action::Explain { .. }
            | Action::Declare { .. }
            | Action::Fetch(_)
            | Action::Close(_)
            | Action::Transaction(_)
            | Action::Set(_) => false,
        }
    }

    pub(super) fn local_columns(&self, action: &Action) -> LocalColumns {
        LocalColumns(match action {
            Action::Show(name) if name == "all" => vec!["name", "setting", "description"],
            Action::Show(_) => vec!["setting"],
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
        self.run_local(checked, text, false).await
    }

    /// Answers a statement here. In the simple protocol its columns are told with it.
    pub(super) async fn run_local(
        &mut self,
        checked: &Arc<Checked>,
        text: &Arc<str>,
        is_simple: bool,
    ) -> Result<(), Stop> {
        // Where the session stands follows from the answers to what came before.
        self.settle_queue().await?;
        self.check_transaction(checked.guarded.action())?;
        match checked.guarded.action() {
            Action::Execute(execute) => return self.execute_prepared(execute, text).await,
            Action::Show(name) => self.show(name, is_simple)?,
            Action::SetVirtual(setting) => {
                if setting.name == "role" {
                    self.check_role(setting)?;
                    self.noticed.clear();
                }
                self.settings.set(setting)?;
                self.report_setting(&setting.name)?;
                self.remembered.forget();
                self.complete_local("SET")?;
            }
            Action::Prepare(name, types) => self.prepare_named(name, types, checked, text)?,
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

    fn complete_local(&mut self, tag: &str) -> Result<(), Stop> {
        self.say(|out| server::command_complete(out, tag))
    }

    fn show(&mut self, name: &str, is_simple: bool) -> Result<(), Stop> {
        let columns = self.local_columns(&Action::Show(name.to_owned()));
        let rows: Vec<Vec<String>> = if name == "all" {
            let row = |(name, value): (&str, &str)| {
                vec![name.to_owned(), value.to_owned(), String::new()]
            };
            self.settings.all().map(row).collect()
        } else {
            let value = match name.to_ascii_lowercase().as_str() {
                "session_authorization" => Some(self.who.name().to_owned()),
                name => self.settings.value(name).map(str::to_owned),
            };
            let unknown = || {
                let message = format!("unrecognized configuration parameter \"{name}\"");
                Problem::plain(sqlstate("42704"), message)
            };
            vec![vec![value.ok_or_else(unknown)?]]
        };
        let name = match name {
            "all" => None,
            name => Some(name.to_owned()),
        };
        let formats = self.local_formats.clone();
        self.say(|out| {
            if is_simple {
                match &name {
                    None => columns.tell(out, &formats)?,
                    Some(name) => tell_one(out, name)?,
                }
            }
            for row in &rows {
                server::data_row(out, row.iter().map(|cell| Some(cell.as_bytes())))?;
            }
            server::command_complete(out, "SHOW")
        })
    }

    /// Drivers are told of settings that they watch.
    fn report_setting(&mut self, name: &str) -> Result<(), Stop> {
        let watched = super::REPORTED
            .iter()
            .find(|watched| watched.eq_ignore_ascii_case(name));
        let Some(watched) = watched else {
            return Ok(());
        };
        let value = self.settings.value(name).unwrap_or_default().to_owned();
        self.say(|out| server::parameter_status(out, watched, &value))
    }

    /// PREPARE: the statement is guarded already, as that of a Parse.
    fn prepare_named(
        &mut self,
        name: &str,
        types: &[TypeName],
        checked: &Arc<Checked>,
        text: &Arc<str>,
    ) -> Result<(), Stop> {
        if self.statements.contains_key(name) {
            let message = format!("prepared statement \"{name}\" already exists");
            return Err(Problem::plain(sqlstate("42P05"), message).into());
        }
        let statement = Statement {
            text: Arc::clone(text),
            types: types.iter().map(oid_of).collect(),
            checked: Some(Arc::clone(checked)),
            is_of_sql: true,
            since_ms: self.gate.now_ms(),
        };
        self.keep_statement(name, statement)?;
        self.complete_local("PREPARE")
    }

    /// EXECUTE: its arguments are constants, and the decision is made now.
    async fn execute_prepared(&mut self, execute: &Execute, text: &Arc<str>) -> Result<(), Stop> {
        let Some(statement) = self.statements.get(&execute.name).cloned() else {
            let message = format!("prepared statement \"{}\" does not exist", execute.name);
            return Err(Problem::plain(sqlstate("26000"), message).into());
        };
        let Some(checked) = statement.checked.clone() else {
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
        values.types = statement.types.clone();
        // What is decided is what was prepared; the EXECUTE is kept beside it.
        let both: Arc<str> = format!("{}\n-- {text}", statement.text).into();
        self.send(&checked, &both, &statement.types, &values).await
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

fn tell_one(out: &mut BytesMut, name: &str) -> Result<(), wire::Error> {
    server::row_description(
        out,
        &[Column {
            name,
            relation_oid: 0,
            attribute: 0,
            type_oid: TEXT,
            type_size: -1,
            type_modifier: -1,
            format: wire::Format::Text,
        }],
    )
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
