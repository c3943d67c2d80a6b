//! The extended protocol: statements and portals that a client names, Bind and Close.

use std::sync::Arc;

use bytes::BytesMut;
use enforce::Checked;
use sql::Action;
use wire::{Format, Formats, Subject, server};

use super::check::Fresh;
use super::execution::RowForm;
use super::query::unsendable;
use super::steps::{Step, internal};
use super::values::Values;
use super::{KeptBy, Session, Stop};
use crate::limits::{PIPELINE_MAX, PORTALS_MAX, UNSENT_BYTES};
use crate::problem::{Problem, sqlstate};

/// A prepared statement of a client.
pub(super) struct Statement {
    pub(super) text: Arc<str>,
    /// Which statement of the text it is: PREPARE may stand among others.
    pub(super) place: usize,
    /// The types of its parameters: declared, learned from the data store, or text.
    pub(super) types: Vec<u32>,
    /// None for a text without a statement.
    pub(super) checked: Option<Arc<Checked>>,
    /// Whether it was prepared in SQL, and when.
    pub(super) is_of_sql: bool,
    pub(super) since_ms: u64,
}

impl Statement {
    pub(super) fn bytes(&self) -> usize {
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
    pub(super) name: String,
    /// No other portal of the session ever has it.
    pub(super) serial: u64,
    pub(super) since_ms: u64,
    /// It is answered here, and was.
    pub(super) is_run: bool,
    /// What its values were made for: pseudonyms and subjects are of one purpose and its rights.
    pub(super) bound_for: Arc<BoundFor>,
    /// Whose pseudonyms they are, if any.
    pub(super) class: Option<String>,
}

/// What bound values depend on beside the statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BoundFor {
    pub(super) purpose: String,
    pub(super) role: String,
    pub(super) rights: policy::Hash,
    /// Of which class of recipients somebody is follows from the register.
    pub(super) people: record::Digest,
}

impl Session {
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
            // Those of PREPARE are parameters of what it prepares, and EXECUTE brings them.
            let wanted = match checked.guarded.action() {
                Action::Prepare(_, _) => 0,
                _ => usize::try_from(checked.resolution.parameters).unwrap_or(usize::MAX),
            };
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
        let class = statement.checked.as_ref();
        let class = class.and_then(|checked| self.class_of(checked));
        let mut portal = Portal {
            checked: statement.checked.clone(),
            values,
            result_formats,
            name: upstream_name,
            serial,
            since_ms: self.gate.now_ms(),
            is_run: false,
            statement,
            bound_for: Arc::clone(&self.asked().bound_for),
            class,
        };
        if let Some(checked) = portal.checked.clone() {
            self.check_transaction(checked.guarded.action())?;
            if !self.is_local(checked.guarded.action()) {
                if checked.permit.is_some() {
                    self.wait_for_schema().await?;
                }
                let judged_in = self.held_time;
                let checked = self.fresh(&portal.statement, &checked)?;
                self.send_bind(&mut portal, &checked).await?;
                self.steps.push_back(Step::Bound {
                    is_told: true,
                    judged_in: checked.permit.is_some().then_some(judged_in),
                });
                self.leave_path(&checked)?;
                portal.class = self.class_of(&checked);
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
    pub(super) fn fresh(
        &mut self,
        statement: &Statement,
        checked: &Arc<Checked>,
    ) -> Result<Arc<Checked>, Problem> {
        if self.was_just_judged(checked) {
            return Ok(Arc::clone(checked));
        }
        let mut found = match self.permit(checked) {
            Ok(Fresh::Same(_)) => Ok(Arc::clone(checked)),
            Ok(Fresh::Changed) => {
                self.check_again(checked, &statement.text, statement.place, &statement.types)
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
        let upstream = self.upstream_values(checked, &portal.values).await?;
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
    pub(super) async fn limit_pipeline(&mut self) -> Result<(), Stop> {
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

pub(super) fn place(number: u32, types: &[u32]) -> Option<u32> {
    let place = usize::try_from(number).ok()?.checked_sub(1)?;
    types.get(place).copied()
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
