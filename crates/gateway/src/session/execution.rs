//! A statement that runs: its rows on the way to the client, its end, and what changes in the session then.

use std::sync::Arc;
use std::time::Instant;

use record::End;
use wire::backend::{Incoming, Message, Rows};
use wire::server;

use super::leave::Leave;
use super::steps::{internal, out_of_step, problem};
use super::writes::{Fate, Written};
use super::{KeptBy, Over, Session, Stop};
use crate::copy::Encoder;
use crate::world::World;

/// A running portal.
pub(super) struct Execution {
    pub(super) leave: Leave,
    /// What the client sent, for the record of what touches nothing governed.
    pub(super) text: Arc<str>,
    pub(super) form: RowForm,
    /// What may go on after this: a cursor that was opened, a portal that was suspended.
    pub(super) keep: Option<KeptBy>,
    pub(super) after: After,
    /// The world that it was judged in last.
    pub(super) world: Arc<World>,
    /// Whose pseudonyms it shows, if any.
    pub(super) class: Option<String>,
}

/// How rows are given to the client.
pub(super) enum RowForm {
    Plain,
    Copy(Box<Encoder>),
    Plan(Vec<u8>),
}

/// What changes in the session once it is done.
pub(super) enum After {
    Nothing,
    /// A setting has its value.
    Set(Box<sql::tree::Setting>),
    /// A cursor is open; its decision goes on.
    Declared(Box<Cursor>),
    /// A cursor was read from; its decision goes on.
    Fetched,
    /// A transaction has begun.
    Began,
    /// A transaction has ended, one way or the other.
    Ended {
        /// Another transaction begins with it.
        is_chained: bool,
    },
    /// A cursor is closed, or all.
    ClosedCursor(Option<String>),
    /// Settings are remembered with a savepoint, go back to it, or forget it.
    Saved(String),
    RolledBackTo(String),
    Released(String),
}

impl After {
    /// Whether the statement speaks of the session alone, so that notices about it hold no values.
    const fn is_about_the_session(&self) -> bool {
        matches!(self, Self::Set(_) | Self::Began | Self::Ended { .. })
    }
}

/// A cursor that the client declared.
pub(super) struct Cursor {
    pub(super) name: String,
    pub(super) checked: Arc<enforce::Checked>,
    pub(super) is_held: bool,
    pub(super) is_scroll: bool,
    /// The statement that opened it, and when.
    pub(super) text: Arc<str>,
    pub(super) since_ms: u64,
}

impl Session {
    pub(super) async fn take_rows(&mut self, mut execution: Execution) -> Result<(), Stop> {
        let is_governed = execution.leave.is_governed();
        loop {
            let incoming = match self.receive().await {
                Ok(incoming) => incoming,
                Err(stop) => {
                    self.end_early(execution, &stop);
                    return Err(stop);
                }
            };
            match incoming {
                Incoming::Rows(rows) => {
                    let passed = self.pass_rows(&mut execution, rows).await;
                    if let Err(stop) = passed {
                        self.end_early(execution, &stop);
                        return Err(stop);
                    }
                }
                Incoming::Control(frame) => match frame.message().map_err(|e| internal(&e))? {
                    Message::Notice(report) if execution.after.is_about_the_session() => {
                        self.pass_notice(&report);
                    }
                    Message::Notice(_) => {}
                    Message::Error(report) => {
                        // What failed is told only once it is recorded that it ran.
                        let told = problem(&report, is_governed);
                        let sqlstate = Some(report.sqlstate.as_str().to_owned());
                        let leave = self.settle(execution.leave).await?;
                        let end = match report.sqlstate.as_str() {
                            "57014" => End::Cancelled,
                            _ => End::Failed,
                        };
                        leave.end(end, sqlstate, None);
                        return Err(told.into());
                    }
                    message => return self.complete(execution, &message).await,
                },
            }
        }
    }

    async fn pass_rows(&mut self, execution: &mut Execution, rows: Rows) -> Result<(), Stop> {
        self.may_go_on(execution)?;
        let rows = self.forward(&mut execution.leave, rows).await?;
        match &mut execution.form {
            RowForm::Plain => Ok(self.client.pass(rows.into_bytes()).await?),
            RowForm::Copy(encoder) => {
                for row in rows.iter() {
                    encoder
                        .row(&mut self.client.out, &row)
                        .map_err(|error| internal(&error))?;
                    self.client.relieve().await?;
                }
                Ok(())
            }
            RowForm::Plan(text) => {
                for row in rows.iter() {
                    for cell in row.cells() {
                        text.extend_from_slice(cell.map_err(|e| internal(&e))?.unwrap_or_default());
                    }
                }
                Ok(())
            }
        }
    }

    /// CommandComplete, PortalSuspended or EmptyQueryResponse.
    async fn complete(&mut self, execution: Execution, message: &Message<'_>) -> Result<(), Stop> {
        let Execution {
            leave,
            text,
            form,
            keep,
            after,
            world: _,
            class: _,
        } = execution;
        let leave = self.settle(leave).await?;
        let mut is_suspended = false;
        let mut changed = None;
        let mut ended_with = None;
        match message {
            Message::CommandComplete { tag } => {
                changed = rows_changed(tag);
                ended_with = matches!(after, After::Ended { .. }).then(|| (*tag).to_owned());
                self.tell_end(form, tag)?;
            }
            Message::PortalSuspended => {
                is_suspended = true;
                server::portal_suspended(&mut self.client.out);
            }
            Message::EmptyQuery => server::empty_query(&mut self.client.out),
            _ => return Err(out_of_step()),
        }
        let goes_on = is_suspended || matches!(after, After::Declared(_) | After::Fetched);
        match (leave, keep) {
            (Leave::Releasing(kept), Some(key)) if goes_on && self.is_open(&key) => {
                if let Some(earlier) = self.kept.insert(key, *kept) {
                    earlier.opened.end(End::Complete, None, None);
                }
            }
            (Leave::Ungoverned, _) => self.pass(&text),
            (Leave::Releasing(kept), _) if changed.is_some() => self.writes.push(Written {
                opened: kept.opened,
                rows: changed,
            }),
            (leave @ (Leave::Releasing(_) | Leave::Waiting(_)), _) => {
                leave.end(End::Complete, None, None);
            }
        }
        match after {
            After::Nothing | After::Fetched => {}
            After::Set(setting) => self.settings.set(&setting)?,
            After::Declared(cursor) => {
                self.cursors.insert(cursor.name.clone(), *cursor);
            }
            After::Began => self.settings.begin(),
            After::Ended { is_chained } => {
                // COMMIT of a transaction that failed is answered with ROLLBACK.
                let is_committed = ended_with.as_deref() == Some("COMMIT");
                self.settings.end(is_committed);
                if is_chained {
                    self.settings.begin();
                    self.transaction_since = Some(Instant::now());
                }
                self.settle_writes(if is_committed {
                    &Fate::Committed
                } else {
                    &Fate::Undone
                });
            }
            After::ClosedCursor(name) => self.close_cursors(name.as_deref()),
            After::Saved(name) => self.settings.savepoint(&name, self.writes.len()),
            After::RolledBackTo(name) => {
                if let Some(before) = self.settings.roll_back_to(&name) {
                    self.undo_writes(before);
                }
            }
            After::Released(name) => self.settings.release(&name),
        }
        Ok(())
    }

    fn tell_end(&mut self, form: RowForm, tag: &str) -> Result<(), Stop> {
        let out = &mut self.client.out;
        let told = match form {
            RowForm::Plain => server::command_complete(out, tag),
            RowForm::Copy(mut encoder) => encoder.end(out).and_then(|()| {
                let count = tag.rsplit(' ').next().unwrap_or("0");
                server::command_complete(out, &format!("COPY {count}"))
            }),
            RowForm::Plan(json) => super::plan::tell(out, &json)
                .and_then(|()| server::command_complete(out, "EXPLAIN")),
        };
        told.map_err(|error| internal(&error))
    }

    /// A statement that did not come to its end because of us or the client.
    fn end_early(&mut self, execution: Execution, stop: &Stop) {
        let (end, sqlstate) = match stop {
            Stop::Problem(problem) | Stop::Over(Over::Told(problem, _)) => {
                (End::Cut, Some(problem.sqlstate.as_str().to_owned()))
            }
            Stop::Over(_) | Stop::PassedOver => (End::Aborted, None),
        };
        execution.leave.end(end, sqlstate, None);
        // What the server still says to it is nobody's.
        if let Stop::Problem(_) = stop {
            self.give_link_up();
        }
    }

    /// Whether what a decision would be kept for is still there.
    fn is_open(&self, key: &KeptBy) -> bool {
        match key {
            KeptBy::Cursor(_) => true,
            KeptBy::Portal(serial) => self.portals.values().any(|portal| portal.serial == *serial),
        }
    }

    /// Forgets a cursor, or all.
    fn close_cursors(&mut self, name: Option<&str>) {
        let is_over = |cursor: &str| name.is_none_or(|name| name == cursor);
        self.cursors.retain(|cursor, _| !is_over(cursor));
        let is_kept_over = |key: &KeptBy| matches!(key, KeptBy::Cursor(cursor) if is_over(cursor));
        self.end_kept(is_kept_over, End::Complete);
    }
}

/// The number at the end of the tag of a change.
fn rows_changed(tag: &str) -> Option<u64> {
    let is_change = ["INSERT", "UPDATE", "DELETE"]
        .iter()
        .any(|verb| tag.starts_with(verb));
    is_change.then(|| wire::backend::rows_of_tag(tag)).flatten()
}
