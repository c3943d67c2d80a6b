//! What was sent and is not answered yet, and what each answer means for the client.

use std::time::Instant;

use bytes::BytesMut;
use model::Refusal;
use wire::backend::{Frame, Incoming, Message, Tag};
use wire::{Report, TransactionStatus, server};

use super::execution::{Execution, RowForm};
use super::writes::Fate;
use super::{Over, Session, Stop};
use crate::database::HeldTime;
use crate::problem::Problem;
use crate::redact;

/// One answer to come.
pub(super) enum Step {
    /// An answer of our own, in its place.
    Say(BytesMut),
    /// ParseComplete of the unnamed statement, which the client does not see.
    Prepared { is_governed: bool },
    /// BindComplete.
    Bound {
        is_told: bool,
        /// When it was judged, if it reads something governed.
        judged_in: Option<HeldTime>,
    },
    /// Columns of a portal, or none.
    Columns(Columns),
    /// Parameters of a statement, then its columns. The client is told of its own parameters.
    Statement { types: Vec<u32> },
    /// CommandComplete of a statement of our own.
    Quiet,
    /// The one value that a statement of our own asks for.
    Shown,
    /// CloseComplete of a portal.
    Closed { is_told: bool },
    /// Rows, and how it ended.
    Rows(Box<Execution>),
}

/// What becomes of a description of columns.
pub(super) enum Columns {
    /// The client sees it.
    Told,
    /// The client sees it if there are columns, as the simple protocol has it.
    ToldIfAny,
    /// The client sees those of a prepared statement, in the forms that it bound.
    OfExecuted(wire::Formats),
    /// The rows become COPY data.
    Copy,
    /// The rows become a plan of node types.
    Plan,
}

impl Session {
    /// Writes what is queued upstream, and answers every step.
    pub(super) async fn drive(&mut self) -> Result<(), Over> {
        if self.steps.is_empty() {
            return Ok(());
        }
        let waits = self.steps.iter().any(|step| !matches!(step, Step::Say(_)));
        if let Some(link) = self.link.as_mut().filter(|_| waits) {
            link.outgoing_stateless().flush();
        }
        self.drive_sent().await
    }

    /// As [`Session::drive`], before something that makes no sense after an error.
    pub(super) async fn settle_queue(&mut self) -> Result<(), Stop> {
        self.drive().await?;
        if self.is_failed {
            return Err(Stop::PassedOver);
        }
        Ok(())
    }

    /// Answers every step; the messages that make the server answer are written already.
    pub(super) async fn drive_sent(&mut self) -> Result<(), Over> {
        self.busy_since.get_or_insert_with(Instant::now);
        let driven = self.drive_steps().await;
        self.busy_since = None;
        driven
    }

    async fn drive_steps(&mut self) -> Result<(), Over> {
        while let Some(step) = self.steps.pop_front() {
            let done = self.take_step(step).await;
            match done {
                Ok(()) => {}
                Err(Stop::Over(over)) => return Err(over),
                Err(Stop::Problem(mut problem)) => {
                    self.abandon_steps();
                    self.record_refusal(&mut problem, "");
                    self.tell(&problem);
                    self.is_failed = true;
                    self.is_to_undo = true;
                }
                // Nothing that is queued drives what is queued.
                Err(Stop::PassedOver) => {}
            }
            self.client.relieve().await?;
        }
        Ok(())
    }

    async fn take_step(&mut self, step: Step) -> Result<(), Stop> {
        match step {
            Step::Say(bytes) => {
                self.client.out.extend_from_slice(&bytes);
                Ok(())
            }
            Step::Quiet => self.expect(false).await.map(drop),
            Step::Shown => self.take_shown().await,
            Step::Prepared { is_governed } => self.expect(is_governed).await.map(drop),
            Step::Bound { is_told, judged_in } => {
                self.expect(judged_in.is_some()).await?;
                // The server holds locks on what it reads from here on. If ours were given up before,
                // somebody may have come between.
                if judged_in.is_some_and(|time| time != self.database.held_time()) {
                    self.abandon_link();
                    return Err(Problem::refusal(Refusal::SchemaChanging, "").into());
                }
                if is_told {
                    server::bind_complete(&mut self.client.out);
                }
                Ok(())
            }
            Step::Closed { is_told } => {
                self.expect(false).await?;
                if is_told {
                    server::close_complete(&mut self.client.out);
                }
                Ok(())
            }
            Step::Columns(columns) => self.take_columns(&columns).await,
            Step::Statement { types } => {
                self.expect(true).await?;
                server::parameter_description(&mut self.client.out, &types)
                    .map_err(|error| internal(&error))?;
                let frame = self.expect(true).await?;
                self.client.out.extend_from_slice(frame.bytes());
                Ok(())
            }
            Step::Rows(execution) => self.take_rows(*execution).await,
        }
    }

    /// The next message, which is no row and no error.
    async fn expect(&mut self, is_governed: bool) -> Result<Frame, Stop> {
        loop {
            match self.receive().await? {
                Incoming::Rows(_) => return Err(out_of_step()),
                Incoming::Control(frame) => match frame.message().map_err(|e| internal(&e))? {
                    Message::Error(report) => return Err(problem(&report, is_governed).into()),
                    // Notices of the server may hold values.
                    Message::Notice(_) => {}
                    _ => return Ok(frame),
                },
            }
        }
    }

    async fn take_columns(&mut self, columns: &Columns) -> Result<(), Stop> {
        let frame = self.expect(true).await?;
        match columns {
            Columns::Told => self.client.out.extend_from_slice(frame.bytes()),
            Columns::ToldIfAny if frame.tag() == Tag::RowDescription => {
                self.client.out.extend_from_slice(frame.bytes());
            }
            Columns::ToldIfAny => {}
            Columns::OfExecuted(formats) => {
                // The parameters are EXECUTE's own; the columns come next.
                let frame = self.expect(true).await?;
                super::describe::tell_columns(&mut self.client.out, &frame, formats)?;
            }
            Columns::Copy => {
                let names = names_of(&frame)?;
                if let Some(Step::Rows(execution)) = self.steps.front_mut()
                    && let RowForm::Copy(encoder) = &mut execution.form
                {
                    encoder
                        .begin(&mut self.client.out, &names)
                        .map_err(|error| internal(&error))?;
                }
            }
            Columns::Plan => {
                super::plan::describe(&mut self.client.out).map_err(|e| internal(&e))?
            }
        }
        Ok(())
    }

    /// Answers that will not be asked for any more. The server passes over what they belong to.
    fn abandon_steps(&mut self) {
        // Each decision among them is recorded as aborted when it is dropped.
        self.steps.clear();
    }

    /// Sync: answers everything, ends the pipeline, and says where the transaction stands.
    pub(super) async fn sync(&mut self) -> Result<(), Over> {
        self.finish().await?;
        self.report_settings();
        server::ready_for_query(&mut self.client.out, self.status);
        Ok(self.client.flush().await?)
    }

    pub(super) async fn finish(&mut self) -> Result<(), Over> {
        let is_to_send = self.is_sent || self.status != TransactionStatus::Idle;
        let is_undone = self.is_failed && self.is_to_undo;
        if let Some(link) = &mut self.link
            && is_to_send
            && !is_undone
        {
            link.outgoing_stateless().sync();
            self.drive_sent().await?;
            self.wait_until_ready(true).await?;
        } else {
            self.drive().await?;
            if is_to_send && self.link.is_some() {
                self.undo().await?;
            }
        }
        if self.link.is_none() && self.status != TransactionStatus::Idle {
            // What the transaction did is gone, and nobody may think that it goes on.
            let problem = Problem::refusal(model::Refusal::UpstreamUnavailable, "");
            let ending = record::SessionEnding::Stopped;
            return Err(Over::Told(Box::new(problem), ending));
        }
        self.is_failed = false;
        self.is_to_undo = false;
        self.is_sent = false;
        self.let_link_go();
        Ok(())
    }

    /// Makes the server fail as well, so that nothing of the pipeline is kept and a transaction that
    /// is open counts as failed on both sides.
    async fn undo(&mut self) -> Result<(), Over> {
        if let Some(link) = &mut self.link {
            let nothing = wire::Formats::default();
            let bind = wire::frontend::Bind {
                portal: "",
                statement: "cordon_refused",
                formats: &nothing,
                result_formats: &nothing,
            };
            let written = link
                .outgoing_stateless()
                .bind(&bind, std::iter::empty())
                .map(drop);
            if written.is_ok() {
                link.outgoing_stateless().sync();
            } else {
                self.give_link_up();
            }
        }
        self.wait_until_ready(false).await
    }

    /// Reads on until the server is ready. An error that is told is of the end of the transaction
    /// itself: a constraint that is checked late, a disk that is full.
    async fn wait_until_ready(&mut self, is_told: bool) -> Result<(), Over> {
        while self.link.is_some() {
            let incoming = match self.receive_quietly().await {
                Ok(incoming) => incoming,
                Err(Stop::Over(over)) => return Err(over),
                Err(Stop::PassedOver) => return Ok(()),
                Err(Stop::Problem(problem)) => {
                    let ending = record::SessionEnding::Stopped;
                    return Err(Over::Told(problem, ending));
                }
            };
            let Incoming::Control(frame) = incoming else {
                continue;
            };
            match frame.message() {
                Ok(Message::ReadyForQuery(status)) => {
                    self.turn_to(status);
                    return Ok(());
                }
                Ok(Message::Error(report)) if is_told && !self.is_failed => {
                    self.settle_writes(&Fate::Failed(report.sqlstate.as_str().to_owned()));
                    self.tell(&redact::governed(&report));
                }
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }
}

pub(super) fn problem(report: &Report<'_>, is_governed: bool) -> Problem {
    if is_governed {
        redact::governed(report)
    } else {
        redact::ungoverned(report)
    }
}

fn names_of(frame: &Frame) -> Result<Vec<String>, Stop> {
    match frame.message().map_err(|error| internal(&error))? {
        Message::RowDescription(columns) => Ok(columns
            .iter()
            .map(|column| column.name.to_owned())
            .collect()),
        _ => Err(out_of_step()),
    }
}

/// The server and we are not where we thought: the link checks this too, so it cannot happen.
pub(super) fn out_of_step() -> Stop {
    Problem::refusal(model::Refusal::UpstreamUnavailable, "").into()
}

pub(super) fn internal(error: &wire::Error) -> Stop {
    tracing::error!(%error, "a message cannot be read or written");
    Problem::refusal(model::Refusal::UpstreamUnavailable, "").into()
}
