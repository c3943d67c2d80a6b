//! The simple protocol: texts of one or more statements, and what one statement sets in motion.

use std::sync::Arc;

use enforce::Checked;
use sql::Action;
use sql::tree::Transaction;
use wire::{Format, Formats, Subject, TransactionStatus, server};

use super::check::Fresh;
use super::execution::{After, Cursor, Execution, RowForm};
use super::leave::Leave;
use super::ready::Ready;
use super::steps::{Columns, Step, internal};
use super::values::Values;
use super::{KeptBy, Over, Session, Stop};
use crate::copy::{Encoder, Options};
use crate::limits::PORTALS_MAX;
use crate::problem::{Problem, sqlstate};

/// Where a statement stands: the text it is read from, and which of its statements it is.
pub(super) struct Source<'a> {
    pub(super) text: &'a Arc<str>,
    pub(super) place: usize,
    /// What the record says that the client sent.
    pub(super) recorded: &'a Arc<str>,
}

/// How the answer to a statement that is sent at once is told.
pub(super) enum Told {
    /// With its columns, in text.
    Simple,
    /// In the forms that were bound; its columns are told to who asks for them.
    Bound(Formats),
}

impl Session {
    /// Query.
    pub(super) async fn query(&mut self, sql: &str) -> Result<(), Over> {
        if !self.steps.is_empty() {
            self.drive().await?;
            // PostgreSQL passes over a Query too while it waits for Sync.
            if self.is_failed {
                return Ok(());
            }
        }
        self.renew_world()?;
        match self.run_all(sql).await {
            Ok(()) | Err(Stop::PassedOver) => {}
            Err(Stop::Over(over)) => return Err(over),
            Err(Stop::Problem(mut problem)) => {
                self.record_refusal(&mut problem, sql);
                self.fail(*problem).await?;
            }
        }
        self.sync().await
    }

    /// All statements of a text, or none: they are checked before the first is sent.
    async fn run_all(&mut self, sql: &str) -> Result<(), Stop> {
        let all = self.check(sql, &[])?;
        if all.is_empty() {
            return self.say(|out| {
                server::empty_query(out);
                Ok(())
            });
        }
        let text: Arc<str> = sql.into();
        for (place, checked) in all.iter().enumerate() {
            if place > 0 {
                // What a statement does to the session counts for the next.
                self.settle_queue().await?;
            }
            self.run(checked, &text, place).await?;
        }
        Ok(())
    }

    /// One statement of a simple query.
    async fn run(
        &mut self,
        checked: &Arc<Checked>,
        text: &Arc<str>,
        place: usize,
    ) -> Result<(), Stop> {
        self.check_transaction(checked.guarded.action())?;
        if self.is_local(checked.guarded.action()) {
            return self.run_local(checked, text, place, true).await;
        }
        let values = Values::none();
        let source = Source {
            text,
            place,
            recorded: text,
        };
        self.send(checked, &source, &[], &values, &Told::Simple)
            .await
    }

    /// In a transaction that failed only its end is listened to.
    pub(super) fn check_transaction(&self, action: &Action) -> Result<(), Problem> {
        let ends = matches!(
            action,
            Action::Transaction(
                Transaction::Commit(_) | Transaction::Rollback(_) | Transaction::RollbackTo(_)
            )
        );
        if self.status == TransactionStatus::Failed && !ends {
            return Err(Problem::plain(
                sqlstate("25P02"),
                "current transaction is aborted, commands ignored until end of transaction block",
            ));
        }
        Ok(())
    }

    /// Sends a statement as one unnamed portal and queues what its answers mean.
    pub(super) async fn send(
        &mut self,
        checked: &Arc<Checked>,
        source: &Source<'_>,
        types: &[u32],
        values: &Values,
        told: &Told,
    ) -> Result<(), Stop> {
        self.settle_cursors(checked.guarded.action()).await?;
        // It goes upstream as well when the unnamed one is bound anew.
        self.forget_portal("");
        let ready = self.make_ready(checked, source, types, values).await?;
        let checked = Arc::clone(&ready.checked);
        // Of the statement that is sent: another world, purpose or role may make it another one, whose
        // plan, say, is not shown as it is.
        let (form, mut result_formats) = self.form(&checked)?;
        if let (Told::Bound(wanted), RowForm::Plain) = (told, &form) {
            result_formats = wanted.clone();
        }
        let columns = match &form {
            RowForm::Copy(_) => Columns::Copy,
            RowForm::Plan(_) => Columns::Plan,
            RowForm::Plain => Columns::ToldIfAny,
        };
        let action = checked.guarded.action();
        let is_telling_columns = (gives_rows(action) || matches!(action, Action::Prepare(_, _)))
            && (matches!(told, Told::Simple) || !matches!(form, RowForm::Plain));
        self.prepare_link(&checked).await?;
        let upstream = self.upstream_values(&checked, values).await?;
        let is_governed = ready.leave.is_governed();
        // Whether a cursor may go on is known before anything is sent: an answer to what was refused
        // would be nobody's.
        let execution = self.execution(ready, source.recorded, form, None)?;
        self.enter_path(&checked)?;
        let sent = checked.guarded.text();
        let link = self.link()?;
        let mut out = link.outgoing_stateless();
        out.parse_unnamed(sent, &upstream.types)
            .map_err(|e| unsendable(&e))?;
        let bind = wire::frontend::Bind {
            portal: "",
            statement: "",
            formats: &upstream.formats,
            result_formats: &result_formats,
        };
        out.bind(&bind, upstream.slices())
            .map_err(|e| unsendable(&e))?;
        if is_telling_columns {
            out.describe(Subject::Portal(""))
                .map_err(|e| unsendable(&e))?;
        }
        out.execute("", 0).map_err(|e| unsendable(&e))?;
        self.is_sent = true;
        self.steps.push_back(Step::Prepared { is_governed });
        self.steps.push_back(Step::Bound {
            is_told: false,
            judged_in: is_governed.then_some(self.held_time),
        });
        if is_telling_columns {
            self.steps.push_back(Step::Columns(columns));
        }
        self.steps.push_back(Step::Rows(Box::new(execution)));
        self.follow_up(&checked)?;
        self.leave_path(&checked)
    }

    /// A statement about the catalogue finds names on the session's own path, as far as the person
    /// sees something there.
    pub(super) fn enter_path(&mut self, checked: &Checked) -> Result<(), Stop> {
        let Some(path) = checked.guarded.search_path() else {
            return Ok(());
        };
        let names: Vec<String> = path
            .iter()
            .map(|name| format!("\"{}\"", name.replace('"', "\"\"")))
            .collect();
        self.set_path(&names.join(", "))?;
        // The guard of so many small relations looks dear to the server's planner, which then compiles
        // expressions for seconds that run for milliseconds.
        self.send_quietly("SET LOCAL jit = off")
    }

    /// Any other statement has the link's own path.
    pub(super) fn leave_path(&mut self, checked: &Checked) -> Result<(), Stop> {
        match checked.guarded.search_path() {
            Some(_) => {
                self.set_path("pg_catalog")?;
                self.send_quietly("SET LOCAL jit = DEFAULT")
            }
            None => Ok(()),
        }
    }

    fn set_path(&mut self, path: &str) -> Result<(), Stop> {
        let link = self.link()?;
        link.allow_setting("search_path", path);
        self.send_quietly(&format!("SET LOCAL search_path = {path}"))
    }

    /// Sends a statement of our own in the pipeline; the client sees nothing of it.
    pub(super) fn send_quietly(&mut self, text: &str) -> Result<(), Stop> {
        self.send_own(text, Step::Quiet)
    }

    /// The same, with what its answer is.
    pub(super) fn send_own(&mut self, text: &str, answer: Step) -> Result<(), Stop> {
        let nothing = Formats::Unsaid;
        let bind = wire::frontend::Bind {
            // The unnamed portal may be the client's.
            portal: OWN_PORTAL,
            statement: "",
            formats: &nothing,
            result_formats: &nothing,
        };
        let link = self.link()?;
        let mut out = link.outgoing_stateless();
        out.parse_unnamed(text, &[])
            .map_err(|error| unsendable(&error))?;
        out.bind(&bind, std::iter::empty())
            .map_err(|error| unsendable(&error))?;
        out.execute(OWN_PORTAL, 0)
            .map_err(|error| unsendable(&error))?;
        out.close_portal(OWN_PORTAL)
            .map_err(|error| unsendable(&error))?;
        self.is_sent = true;
        self.steps.push_back(Step::Prepared { is_governed: false });
        self.steps.push_back(Step::Bound {
            is_told: false,
            judged_in: None,
        });
        self.steps.push_back(answer);
        self.steps.push_back(Step::Closed { is_told: false });
        Ok(())
    }

    /// How its rows are given, and in which forms the server gives them.
    pub(super) fn form(&self, checked: &Checked) -> Result<(RowForm, Formats), Problem> {
        Ok(match checked.guarded.action() {
            Action::CopyOut(options) => {
                let encoder = Encoder::new(Options::read(options)?);
                let format = encoder.row_format();
                (RowForm::Copy(Box::new(encoder)), Formats::All(format))
            }
            Action::Explain { redact: true } => {
                (RowForm::Plan(Vec::new()), Formats::All(Format::Text))
            }
            _ => (RowForm::Plain, Formats::Unsaid),
        })
    }

    pub(super) fn execution(
        &mut self,
        ready: Ready,
        text: &Arc<str>,
        form: RowForm,
        keep: Option<KeptBy>,
    ) -> Result<Execution, Stop> {
        let Ready { checked, leave } = ready;
        let mut execution = Execution {
            leave,
            text: Arc::clone(text),
            form,
            keep,
            after: After::Nothing,
            world: Arc::clone(&self.world),
            class: self.class_of(&checked),
        };
        match checked.guarded.action() {
            Action::Declare {
                name,
                is_held,
                is_scroll,
            } => {
                execution.keep = Some(KeptBy::Cursor(name.clone()));
                execution.after = After::Declared(Box::new(Cursor {
                    name: name.clone(),
                    is_held: *is_held,
                    is_scroll: *is_scroll,
                    text: Arc::clone(text),
                    since_ms: self.gate.now_ms(),
                    checked: Arc::clone(&checked),
                }));
            }
            Action::Fetch(fetch) => {
                execution.after = After::Fetched;
                self.fetch(&fetch.name, &mut execution)?;
            }
            Action::Transaction(Transaction::Begin(_)) => execution.after = After::Began,
            Action::Transaction(
                Transaction::Commit(is_chained) | Transaction::Rollback(is_chained),
            ) => {
                execution.after = After::Ended {
                    is_chained: *is_chained,
                };
            }
            Action::Transaction(Transaction::Savepoint(name)) => {
                execution.after = After::Saved(name.clone());
            }
            Action::Transaction(Transaction::RollbackTo(name)) => {
                execution.after = After::RolledBackTo(name.clone());
            }
            Action::Transaction(Transaction::Release(name)) => {
                execution.after = After::Released(name.clone());
            }
            Action::Close(name) => execution.after = After::ClosedCursor(name.clone()),
            Action::Set(setting) => execution.after = After::Set(Box::new(setting.clone())),
            _ => {}
        }
        Ok(execution)
    }

    /// What a cursor's name means follows from the answers to what came before.
    pub(super) async fn settle_cursors(&mut self, action: &Action) -> Result<(), Stop> {
        let is_about_cursors = matches!(
            action,
            Action::Declare { .. } | Action::Fetch(_) | Action::Close(_)
        );
        if is_about_cursors {
            self.settle_queue().await?;
        }
        if matches!(action, Action::Declare { .. }) && self.cursors.len() >= PORTALS_MAX {
            return Err(Problem::plain(sqlstate("53000"), "too many cursors").into());
        }
        if let Action::Fetch(fetch) = action
            && !self.cursors.contains_key(&fetch.name)
        {
            let message = format!("cursor \"{}\" does not exist", fetch.name);
            return Err(Problem::plain(sqlstate("34000"), message).into());
        }
        Ok(())
    }

    /// A FETCH goes on under the decision of its DECLARE, if what may be seen is still the same.
    fn fetch(&mut self, name: &str, execution: &mut Execution) -> Result<(), Stop> {
        let Some(cursor) = self.cursors.get(name) else {
            let message = format!("cursor \"{name}\" does not exist");
            return Err(Problem::plain(sqlstate("34000"), message).into());
        };
        let checked = Arc::clone(&cursor.checked);
        let changed = || Stop::from(Problem::refusal(model::Refusal::ViewChanged, ""));
        let key = KeptBy::Cursor(name.to_owned());
        // What it says of the catalogue is what could be seen when it was opened.
        match self.permit_to_go_on(&checked)? {
            Fresh::Same(_) => {}
            Fresh::Changed => return Err(changed()),
        }
        if checked.permit.is_none() {
            return Ok(());
        }
        let kept = self.kept.remove(&key).ok_or_else(changed)?;
        let leave = Leave::Releasing(Box::new(kept));
        if !leave.is_for(&checked) {
            return Err(changed());
        }
        execution.leave = leave;
        execution.keep = Some(key);
        Ok(())
    }
}

/// The portal of statements of our own.
const OWN_PORTAL: &str = "cordon:own";

/// Whether columns are told before its rows.
pub(super) fn gives_rows(action: &Action) -> bool {
    match action {
        Action::Query | Action::Write(_) | Action::CopyOut(_) | Action::Explain { .. } => true,
        Action::Fetch(fetch) => !fetch.is_move,
        Action::Set(setting) => setting.by_call,
        Action::Declare { .. }
        | Action::Prepare(_, _)
        | Action::Execute(_)
        | Action::Deallocate(_)
        | Action::Close(_)
        | Action::Transaction(_)
        | Action::SetVirtual(_)
        | Action::Show(_)
        | Action::Discard(_) => false,
    }
}

pub(super) fn unsendable(error: &postgres::LinkError) -> Stop {
    match error {
        postgres::LinkError::Wire(error) => internal(error),
        error => {
            tracing::warn!(%error, "a statement cannot be sent");
            Problem::refusal(model::Refusal::UpstreamUnavailable, "").into()
        }
    }
}
