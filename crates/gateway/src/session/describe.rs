//! Describe: what a statement or portal takes and gives.

use std::sync::Arc;

use bytes::BytesMut;
use enforce::Checked;
use sql::{Action, Parameter};
use wire::backend::{Frame, Message};
use wire::{Column, Formats, Subject, server};

use super::extended::{Statement, format_at, place};
use super::query::unsendable;
use super::steps::{Columns, Step, internal};
use super::{Session, Stop};
use crate::problem::{Problem, sqlstate};

impl Session {
    /// Describe.
    pub(super) async fn describe(&mut self, subject: Subject<'_>) -> Result<(), Stop> {
        self.limit_pipeline().await?;
        match subject {
            Subject::Statement(name) => {
                let Some(statement) = self.statements.get(name).cloned() else {
                    let message = format!("prepared statement \"{name}\" does not exist");
                    return Err(Problem::plain(sqlstate("26000"), message).into());
                };
                self.describe_statement(&statement).await
            }
            Subject::Portal(name) => {
                let Some(portal) = self.portals.get(name) else {
                    return self.describe_cursor(name).await;
                };
                let (checked, upstream) = (portal.checked.clone(), portal.name.clone());
                let formats = portal.result_formats.clone();
                let Some(checked) = checked else {
                    return self.say(no_data);
                };
                if let Action::Execute(execute) = checked.guarded.action() {
                    return self.describe_executed(&execute.name, formats).await;
                }
                self.describe_portal(&checked, &upstream, &formats)
            }
        }
    }

    /// What DECLARE opened is a portal too, under the name that the client gave it (psycopg asks).
    async fn describe_cursor(&mut self, name: &str) -> Result<(), Stop> {
        self.settle_queue().await?;
        if !self.cursors.contains_key(name) {
            let message = format!("portal \"{name}\" does not exist");
            return Err(Problem::plain(sqlstate("34000"), message).into());
        }
        let link = self.link()?;
        link.outgoing_stateless()
            .describe(Subject::Portal(name))
            .map_err(|error| unsendable(&error))?;
        self.is_sent = true;
        self.steps.push_back(Step::Columns(Columns::Told));
        Ok(())
    }

    async fn describe_statement(&mut self, statement: &Statement) -> Result<(), Stop> {
        let types = statement.types.clone();
        let Some(checked) = &statement.checked else {
            return self.say(|out| {
                server::parameter_description(out, &types)?;
                server::no_data(out);
                Ok(())
            });
        };
        let action = checked.guarded.action();
        if let Action::Execute(execute) = action {
            self.say(|out| server::parameter_description(out, &types))?;
            return self.describe_executed(&execute.name, Formats::Unsaid).await;
        }
        if self.is_local(action) {
            let columns = self.local_columns(action);
            return self.say(|out| {
                server::parameter_description(out, &types)?;
                columns.tell(out, &Formats::Unsaid)
            });
        }
        if matches!(action, Action::CopyOut(_)) {
            return self.say(|out| {
                server::parameter_description(out, &types)?;
                server::no_data(out);
                Ok(())
            });
        }
        if matches!(action, Action::Explain { redact: true }) {
            return self.say(|out| {
                server::parameter_description(out, &types)?;
                super::plan::describe(out)
            });
        }
        let checked = self.fresh(statement, &Arc::clone(checked))?;
        self.prepare_link(&checked).await?;
        let declared = declared(&checked, &statement.types);
        let link = self.link()?;
        let prepared = link
            .statement(checked.guarded.text(), &declared)
            .map_err(|error| unsendable(&error))?;
        link.outgoing_stateless()
            .describe(Subject::Statement(&prepared.name))
            .map_err(|error| unsendable(&error))?;
        self.is_sent = true;
        self.steps.push_back(Step::Statement { types });
        Ok(())
    }

    /// EXECUTE gives what was prepared under the name, in the forms that were bound.
    async fn describe_executed(&mut self, name: &str, formats: Formats) -> Result<(), Stop> {
        self.settle_queue().await?;
        let found = self.statements.get(name).cloned();
        let Some((statement, checked)) =
            found.and_then(|found| Some((Arc::clone(&found), found.checked.clone()?)))
        else {
            let message = format!("prepared statement \"{name}\" does not exist");
            return Err(Problem::plain(sqlstate("26000"), message).into());
        };
        let checked = self.fresh(&statement, &checked)?;
        self.prepare_link(&checked).await?;
        let declared = declared(&checked, &statement.types);
        let link = self.link()?;
        let prepared = link
            .statement(checked.guarded.text(), &declared)
            .map_err(|error| unsendable(&error))?;
        link.outgoing_stateless()
            .describe(Subject::Statement(&prepared.name))
            .map_err(|error| unsendable(&error))?;
        self.is_sent = true;
        self.steps
            .push_back(Step::Columns(Columns::OfExecuted(formats)));
        Ok(())
    }

    fn describe_portal(
        &mut self,
        checked: &Checked,
        upstream: &str,
        formats: &Formats,
    ) -> Result<(), Stop> {
        let action = checked.guarded.action();
        if self.is_local(action) {
            let columns = self.local_columns(action);
            let formats = formats.clone();
            return self.say(|out| columns.tell(out, &formats));
        }
        match action {
            // As PostgreSQL: the columns of COPY are no columns of a result.
            Action::CopyOut(_) => return self.say(no_data),
            Action::Explain { redact: true } => return self.say(super::plan::describe),
            _ => {}
        }
        let link = self.link()?;
        link.outgoing_stateless()
            .describe(Subject::Portal(upstream))
            .map_err(|error| unsendable(&error))?;
        self.is_sent = true;
        self.steps.push_back(Step::Columns(Columns::Told));
        Ok(())
    }
}

fn no_data(out: &mut BytesMut) -> Result<(), wire::Error> {
    server::no_data(out);
    Ok(())
}

/// The types of a guarded statement's parameters, as far as they are the client's.
fn declared(checked: &Checked, types: &[u32]) -> Vec<u32> {
    let of = |parameter: &Parameter| match parameter {
        Parameter::Client(number) => place(*number, types).unwrap_or(0),
        Parameter::Raw { .. }
        | Parameter::RawConstant { .. }
        | Parameter::Key(_)
        | Parameter::Texts(_)
        | Parameter::Numbers(_)
        | Parameter::Names(_)
        | Parameter::Told(_)
        | Parameter::Subjects { .. } => 0,
    };
    checked.guarded.parameters().iter().map(of).collect()
}

/// Tells the columns of a description with other forms than it says.
pub(super) fn tell_columns(
    out: &mut BytesMut,
    frame: &Frame,
    formats: &Formats,
) -> Result<(), Stop> {
    let message = frame.message().map_err(|error| internal(&error))?;
    let Message::RowDescription(columns) = message else {
        server::no_data(out);
        return Ok(());
    };
    let columns: Vec<Column<'_>> = columns
        .iter()
        .enumerate()
        .map(|(place, column)| Column {
            format: format_at(formats, place),
            ..*column
        })
        .collect();
    server::row_description(out, &columns).map_err(|error| internal(&error))
}
