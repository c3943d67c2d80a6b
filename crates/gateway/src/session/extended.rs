//! The extended protocol: Parse, Bind, Describe, Execute, Close.

use std::sync::Arc;

use bytes::BytesMut;
use enforce::Checked;
use model::Refusal;
use sql::{Action, Parameter};
use wire::backend::{Incoming, Message};
use wire::{Format, Formats, Subject, server};

use super::check::Fresh;
use super::leave::Leave;
use super::query::{Ready, unsendable};
use super::steps::{Columns, RowForm, Step, internal};
use super::values::Values;
use super::{KeptBy, Session, Stop};
use crate::limits::{HELD_BYTES_MAX, PIPELINE_MAX, PORTALS_MAX, STATEMENTS_MAX, UNSENT_BYTES};
use crate::problem::{Problem, sqlstate};
use crate::redact;

/// A prepared statement of a client.
pub(super) struct Statement {
    pub(super) text: Arc<str>,
    /// The types of its parameters: declared, learned from the data store, or text.
    pub(super) types: Vec<u32>,
    /// None for a text without a statement.
    pub(super) checked: Option<Arc<Checked>>,
}

impl Statement {
    fn bytes(&self) -> usize {
        // The text, and the tree and guarded text that were made of it.
        let made = self
            .checked
            .as_ref()
            .map_or(0, |checked| checked.guarded.text().len());
        self.text.len() + made
    }
}

/// A portal of a client.
pub(super) struct Portal {
    pub(super) statement: Arc<Statement>,
    /// What was bound: the statement as it was guarded then.
    pub(super) checked: Option<Arc<Checked>>,
    pub(super) values: Values,
    pub(super) result_formats: Formats,
    /// Its name upstream.
    name: String,
    /// No other portal of the session ever has it.
    pub(super) serial: u64,
    /// What its values were made for: pseudonyms and subjects are of one purpose and its rights.
    bound_for: BoundFor,
}

/// What bound values depend on beside the statement.
#[derive(Clone, Debug, PartialEq, Eq)]
struct BoundFor {
    purpose: String,
    rights: policy::Hash,
}

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

    fn hold(&mut self, bytes: usize) -> Result<(), Problem> {
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
                types,
                checked: None,
            });
        };
        self.check_transaction(checked.guarded.action())?;
        let count = usize::try_from(checked.resolution.parameters).unwrap_or(usize::MAX);
        let is_known = types.len() >= count && types.iter().take(count).all(|oid| *oid != 0);
        if is_known || self.is_local(checked.guarded.action()) {
            return Ok(Statement {
                text,
                types,
                checked: Some(checked),
            });
        }
        let types = self.learn_types(&checked, types, count).await?;
        // Guarded again as typed: what is total, and what is inverted, depends on it.
        let all = self.check(sql, &types)?;
        Ok(Statement {
            text,
            types,
            checked: all.first().cloned(),
        })
    }

    /// Asks the data store for the types that nobody declared, with the guarded statement as a draft.
    async fn learn_types(
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

    /// Bind.
    pub(super) async fn bind(&mut self, bind: &wire::client::Bind<'_>) -> Result<(), Stop> {
        self.limit_pipeline().await?;
        self.renew_world()?;
        let Some(statement) = self.statements.get(bind.statement).cloned() else {
            let message = format!("prepared statement \"{}\" does not exist", bind.statement);
            return Err(Problem::plain(sqlstate("26000"), message).into());
        };
        if !bind.portal.is_empty() && self.portals.contains_key(bind.portal) {
            let message = format!("cursor \"{}\" already exists", bind.portal);
            return Err(Problem::plain(sqlstate("42P03"), message).into());
        }
        if self.portals.len() >= PORTALS_MAX {
            return Err(Problem::plain(sqlstate("53000"), "too many portals").into());
        }
        if let Some(checked) = &statement.checked {
            let wanted = usize::try_from(checked.resolution.parameters).unwrap_or(usize::MAX);
            let wanted = wanted.max(statement.types.len());
            if bind.values.len() != wanted {
                let message = format!(
                    "bind message supplies {} parameters, but prepared statement \"{}\" requires {wanted}",
                    bind.values.len(),
                    bind.statement,
                );
                return Err(Problem::plain(sqlstate("08P01"), message).into());
            }
        }
        let values = Values {
            values: bind.values.iter().map(copied).collect(),
            formats: bind.formats.clone(),
            types: statement.types.clone(),
        };
        self.bind_portal(bind.portal, statement, values, bind.result_formats.clone())
            .await
    }

    async fn bind_portal(
        &mut self,
        name: &str,
        statement: Arc<Statement>,
        values: Values,
        result_formats: Formats,
    ) -> Result<(), Stop> {
        self.next_portal += 1;
        let serial = self.next_portal;
        let upstream_name = if name.is_empty() {
            String::new()
        } else {
            format!("cordon:{serial}")
        };
        // The unnamed portal goes when another is bound.
        self.forget_portal(name);
        self.hold(values.bytes())?;
        self.unsent_bytes += values.bytes();
        let mut portal = Portal {
            checked: statement.checked.clone(),
            values,
            result_formats,
            name: upstream_name,
            serial,
            statement,
            bound_for: self.bound_for(),
        };
        if let Some(checked) = portal.checked.clone() {
            self.check_transaction(checked.guarded.action())?;
            if !self.is_local(checked.guarded.action()) {
                let checked = self.fresh(&portal.statement, &checked)?;
                self.send_bind(&mut portal, &checked).await?;
                self.steps.push_back(Step::Bound {
                    is_told: true,
                    is_governed: checked.permit.is_some(),
                });
                self.leave_path(&checked)?;
                portal.checked = Some(checked);
                self.portals.insert(name.to_owned(), portal);
                return Ok(());
            }
        }
        self.portals.insert(name.to_owned(), portal);
        self.say(|out| {
            server::bind_complete(out);
            Ok(())
        })
    }

    /// The statement as it is guarded now; a refusal is recorded.
    fn fresh(
        &mut self,
        statement: &Statement,
        checked: &Arc<Checked>,
    ) -> Result<Arc<Checked>, Problem> {
        let mut found = match self.permit(checked, &statement.types) {
            Ok(Fresh::Same(_)) => Ok(Arc::clone(checked)),
            Ok(Fresh::Changed) => {
                self.remembered.forget();
                let all = self.check(&statement.text, &statement.types);
                all.and_then(|all| {
                    all.first()
                        .cloned()
                        .ok_or_else(|| Problem::refusal(Refusal::ViewChanged, ""))
                })
            }
            Err(problem) => Err(problem),
        };
        if let Err(problem) = &mut found {
            self.record_refusal(problem, &statement.text);
        }
        found
    }

    async fn send_bind(&mut self, portal: &mut Portal, checked: &Arc<Checked>) -> Result<(), Stop> {
        self.prepare_link(checked).await?;
        let upstream = self.upstream_values(checked, &portal.values)?;
        self.enter_path(checked)?;
        let (form, forced) = self.form(checked)?;
        let formats = match form {
            RowForm::Plain => &portal.result_formats,
            RowForm::Copy(_) | RowForm::Plan(_) => &forced,
        };
        let link = self.link()?;
        let prepared = link
            .statement(checked.guarded.text(), &upstream.types)
            .map_err(|error| unsendable(&error))?;
        let bind = wire::frontend::Bind {
            portal: &portal.name,
            statement: &prepared.name,
            formats: &upstream.formats,
            result_formats: formats,
        };
        link.outgoing_stateless()
            .bind(&bind, upstream.slices())
            .map_err(|error| unsendable(&error))?;
        self.is_sent = true;
        Ok(())
    }

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

    /// Execute.
    pub(super) async fn execute(&mut self, name: &str, rows_max: u32) -> Result<(), Stop> {
        self.limit_pipeline().await?;
        self.renew_world()?;
        let Some(portal) = self.portals.get(name) else {
            let message = format!("portal \"{name}\" does not exist");
            return Err(Problem::plain(sqlstate("34000"), message).into());
        };
        let text = Arc::clone(&portal.statement.text);
        let types = portal.statement.types.clone();
        let (upstream, values) = (portal.name.clone(), portal.values.clone());
        let serial = portal.serial;
        let is_bound_anew = portal.bound_for != self.bound_for();
        let formats = portal.result_formats.clone();
        let Some(checked) = portal.checked.clone() else {
            return self.say(|out| {
                server::empty_query(out);
                Ok(())
            });
        };
        self.check_transaction(checked.guarded.action())?;
        if is_bound_anew && checked.permit.is_some() {
            let mut problem = Problem::refusal(Refusal::ViewChanged, "");
            self.record_refusal(&mut problem, &text);
            return Err(problem.into());
        }
        if self.is_local(checked.guarded.action()) {
            self.local_formats = formats;
            let done = self.run_local_bound(&checked, &text, &values).await;
            self.local_formats = Formats::Unsaid;
            return done;
        }
        let key = KeptBy::Portal(serial);
        self.settle_cursors(checked.guarded.action()).await?;
        let ready = if self.kept.contains_key(&key) || self.is_running(&key) {
            self.resume(&key, &checked).await?
        } else {
            self.begin_portal(&checked, &text, &types, &values).await?
        };
        let (form, _) = self.form(&checked)?;
        self.enter_path(&checked)?;
        let is_copy = matches!(form, RowForm::Copy(_));
        let is_plan = matches!(form, RowForm::Plan(_));
        let link = self.link()?;
        let mut out = link.outgoing_stateless();
        if is_copy {
            out.describe(Subject::Portal(&upstream))
                .map_err(|error| unsendable(&error))?;
        }
        // A FETCH that is suspended would keep its rows when its cursor is closed.
        let is_fetch = matches!(checked.guarded.action(), Action::Fetch(_));
        let rows_max = if is_copy || is_plan || is_fetch {
            0
        } else {
            rows_max
        };
        out.execute(&upstream, rows_max)
            .map_err(|error| unsendable(&error))?;
        self.is_sent = true;
        if is_copy {
            self.steps.push_back(Step::Columns(Columns::Copy));
        }
        let keep = (rows_max > 0).then_some(key);
        let execution = self.execution(ready, &text, form, keep)?;
        self.steps.push_back(Step::Rows(Box::new(execution)));
        self.leave_path(&checked)
    }

    /// The first Execute of a portal is its statement's one decision.
    async fn begin_portal(
        &mut self,
        checked: &Arc<Checked>,
        text: &Arc<str>,
        types: &[u32],
        values: &Values,
    ) -> Result<Ready, Stop> {
        match self.permit(checked, types) {
            Ok(Fresh::Same(_)) => {
                let ready = self.make_ready(checked, text, types, values).await?;
                // What runs is what was bound: a decision about anything else is not its own.
                if !Arc::ptr_eq(&ready.checked, checked) {
                    return Err(Problem::refusal(Refusal::ViewChanged, "").into());
                }
                Ok(ready)
            }
            // What is bound upstream is not what may be seen now.
            Ok(Fresh::Changed) => {
                let mut problem = Problem::refusal(Refusal::ViewChanged, "");
                self.record_refusal(&mut problem, text);
                Err(problem.into())
            }
            Err(mut problem) => {
                self.record_refusal(&mut problem, text);
                Err(problem.into())
            }
        }
    }

    fn bound_for(&self) -> BoundFor {
        BoundFor {
            purpose: self
                .settings
                .value("cordon.purpose")
                .unwrap_or_default()
                .to_owned(),
            rights: self.world.rights().hash(),
        }
    }

    /// A suspended portal goes on under its decision, if what may be seen is still the same.
    async fn resume(&mut self, key: &KeptBy, checked: &Arc<Checked>) -> Result<Ready, Stop> {
        self.settle_queue().await?;
        let changed = || Stop::from(Problem::refusal(Refusal::ViewChanged, ""));
        match self.permit(checked, &[])? {
            Fresh::Same(_) => {}
            Fresh::Changed => return Err(changed()),
        }
        let leave = match self.kept.remove(key) {
            Some(kept) => Leave::Releasing(Box::new(kept)),
            None if checked.permit.is_none() => Leave::Ungoverned,
            None => return Err(changed()),
        };
        if !leave.is_for(checked) {
            return Err(changed());
        }
        Ok(Ready {
            checked: Arc::clone(checked),
            leave,
        })
    }

    /// Whether a portal's rows are asked for already in what is queued.
    fn is_running(&self, key: &KeptBy) -> bool {
        self.steps.iter().any(
            |step| matches!(step, Step::Rows(execution) if execution.keep.as_ref() == Some(key)),
        )
    }

    /// Close.
    pub(super) fn close(&mut self, subject: Subject<'_>) -> Result<(), Stop> {
        match subject {
            Subject::Statement(name) => {
                self.forget_statement(name);
            }
            Subject::Portal(name) => {
                let upstream = self.portals.get(name).map(|portal| portal.name.clone());
                let is_local = self
                    .portals
                    .get(name)
                    .and_then(|portal| portal.checked.as_ref())
                    .is_none_or(|checked| self.is_local(checked.guarded.action()));
                if let Some(upstream) = upstream.filter(|_| !is_local)
                    && self.link.is_some()
                {
                    let link = self.link()?;
                    link.outgoing_stateless()
                        .close_portal(&upstream)
                        .map_err(|error| unsendable(&error))?;
                    self.is_sent = true;
                    self.steps.push_back(Step::Closed { is_told: true });
                    self.forget_portal(name);
                    return Ok(());
                }
                self.forget_portal(name);
            }
        }
        self.say(|out| {
            server::close_complete(out);
            Ok(())
        })
    }

    pub(super) fn forget_portals(&mut self) {
        let bytes: usize = self
            .portals
            .values()
            .map(|portal| portal.values.bytes())
            .sum();
        self.held_bytes = self.held_bytes.saturating_sub(bytes);
        self.portals.clear();
    }

    pub(super) fn forget_portal(&mut self, name: &str) {
        if let Some(portal) = self.portals.remove(name) {
            self.held_bytes = self.held_bytes.saturating_sub(portal.values.bytes());
            let closed = KeptBy::Portal(portal.serial);
            self.end_kept(|key| *key == closed, record::End::Complete);
        }
    }

    /// Queues an answer of our own behind what is queued already.
    pub(super) fn say(
        &mut self,
        write: impl FnOnce(&mut BytesMut) -> Result<(), wire::Error>,
    ) -> Result<(), Stop> {
        if self.steps.is_empty() {
            return write(&mut self.client.out).map_err(|error| internal(&error));
        }
        let mut bytes = BytesMut::new();
        write(&mut bytes).map_err(|error| internal(&error))?;
        self.steps.push_back(Step::Say(bytes));
        Ok(())
    }

    /// LIMIT: a client that never asks for answers must not fill the memory.
    async fn limit_pipeline(&mut self) -> Result<(), Stop> {
        if self.steps.len() >= PIPELINE_MAX || self.unsent_bytes >= UNSENT_BYTES {
            self.unsent_bytes = 0;
            self.settle_queue().await?;
            self.client.flush().await?;
        }
        Ok(())
    }

    /// Flush: the answers so far.
    pub(super) async fn drive_and_flush(&mut self) -> Result<(), Stop> {
        self.drive().await?;
        Ok(self.client.flush().await?)
    }
}

fn no_data(out: &mut BytesMut) -> Result<(), wire::Error> {
    server::no_data(out);
    Ok(())
}

fn place(number: u32, types: &[u32]) -> Option<u32> {
    let place = usize::try_from(number).ok()?.checked_sub(1)?;
    types.get(place).copied()
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
        | Parameter::Subjects { .. } => 0,
    };
    checked.guarded.parameters().iter().map(of).collect()
}

/// A value in memory of its own: a portal must not hold the whole buffer it was read into.
fn copied(value: &Option<bytes::Bytes>) -> Option<bytes::Bytes> {
    value
        .as_ref()
        .map(|value| bytes::Bytes::copy_from_slice(value))
}

/// The form of a local answer's column.
pub(super) fn format_at(formats: &Formats, place: usize) -> Format {
    formats.at(place).unwrap_or(Format::Text)
}
