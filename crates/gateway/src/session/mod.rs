//! One session: messages of a client, answered one after the other.
//!
//! What goes upstream is queued as steps and answered in order; a step knows what the server's answer
//! to it may be, so that an answer never reaches a message that did not ask for it.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "most messages and actions mean nothing special at a place; what is answered here and \
              what upstream is one exhaustive match (`Session::is_local`)"
)]

mod canonical;
mod check;
mod client;
mod describe;
mod execute;
mod execution;
mod extended;
mod ground;
mod leave;
mod local;
mod names;
mod parse;
mod plan;
mod query;
mod ready;
mod receive;
mod reports;
mod role;
mod settings;
mod start;
mod steps;
mod told;
mod values;
mod witnessed;
mod writes;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use model::{DatasetId, Refusal, Timestamp};
use postgres::PooledLink;
use record::SessionEnding;
use tokio::sync::watch;
use wire::client::Message;
use wire::server;
use wire::{Formats, TransactionStatus};

use crate::database::{Database, HeldTime};
use crate::gate::Gate;
use crate::live::Live;
use crate::problem::Problem;
use crate::record::SessionBook;
use crate::world::World;

pub(crate) use client::{Client, ClientError, Stream};
pub(crate) use settings::{REPORTED, Settings};
pub(crate) use start::Who;

use check::{Asked, Judged, Remembered};
use execution::Cursor;
use extended::{Portal, Statement};
use leave::Kept;
use steps::Step;
use writes::{Fate, Written};

/// Why a session is over.
#[derive(Debug)]
pub(crate) enum Over {
    /// The client said so, or is gone.
    Client(ClientError),
    /// The client said good bye.
    Terminated,
    /// It is told this and let go.
    Told(Box<Problem>, SessionEnding),
}

impl From<ClientError> for Over {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

/// What a statement or message comes to: its answers are queued or written, or there is a problem
/// with it alone, or the session is over.
pub(crate) enum Stop {
    Problem(Box<Problem>),
    Over(Over),
    /// What was asked for before has failed, and the client knows: this is passed over.
    PassedOver,
}

impl From<Over> for Stop {
    fn from(over: Over) -> Self {
        Self::Over(over)
    }
}

impl From<ClientError> for Stop {
    fn from(error: ClientError) -> Self {
        Self::Over(Over::Client(error))
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

/// Which cursor or portal a decision without outcome belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum KeptBy {
    Cursor(String),
    /// By its serial number: a name may be another portal's by the time the answer comes.
    Portal(u64),
}

/// A session that is let in.
pub(crate) struct Session {
    gate: Arc<Gate>,
    database: Arc<Database>,
    client: Client,
    who: Who,
    live: Live,
    settings: Settings,
    /// What the client was told of its settings.
    told: BTreeMap<&'static str, String>,
    /// The answer to the last question of our own about a setting.
    shown: Option<String>,
    /// The transaction that is being begun is to be one that may change something.
    begins_to_write: bool,
    book: SessionBook,
    world: Arc<World>,
    worlds: watch::Receiver<Arc<World>>,
    link: Option<PooledLink>,
    steps: VecDeque<Step>,
    statements: HashMap<String, Arc<Statement>>,
    portals: HashMap<String, Portal>,
    cursors: HashMap<String, Cursor>,
    kept: HashMap<KeptBy, Kept>,
    remembered: Remembered,
    judged: Option<Judged>,
    asked: Option<Arc<Asked>>,
    /// When the schema was last found to be held.
    held_time: HeldTime,
    status: TransactionStatus,
    transaction_since: Option<Instant>,
    /// Since when answers are waited for: no setting of the client's makes that longer.
    busy_since: Option<Instant>,
    /// Messages are passed over until Sync.
    is_failed: bool,
    /// What the server did since the last Sync must not be kept.
    is_to_undo: bool,
    /// Something was sent since the last Sync.
    is_sent: bool,
    noticed: HashSet<DatasetId>,
    last_refusal: Option<told::LastRefusal>,
    next_portal: u64,
    /// Governed writes whose transaction has not ended: whether they changed something is not known.
    writes: Vec<Written>,
    /// Texts and values that statements and portals hold.
    held_bytes: usize,
    /// What was written to the link since its answers were read.
    unsent_bytes: usize,
    /// The forms that an Execute in progress wants its answer in.
    local_formats: Formats,
}

impl Session {
    /// Answers until the session is over, and records its end.
    pub(crate) async fn serve(mut self) {
        let over = self.answer_all().await;
        let ending = match &over {
            Over::Terminated => SessionEnding::Closed,
            Over::Client(ClientError::Malformed(_)) => SessionEnding::Protocol,
            Over::Client(_) => SessionEnding::Lost,
            Over::Told(_, ending) => *ending,
        };
        let problem = match over {
            Over::Told(problem, _) => Some(*problem),
            Over::Client(ClientError::Malformed(error)) => {
                let about = error.to_string();
                Some(Problem::refusal(Refusal::ProtocolViolation, &about))
            }
            Over::Client(_) | Over::Terminated => None,
        };
        // Whatever has no outcome yet gets one now.
        self.settle_writes(&Fate::Unknown);
        self.steps.clear();
        self.end_kept(|_| true, record::End::Aborted);
        // Its use must end before the client hears that the session has.
        drop(self.link.take());
        let control_size = self.world.control_size();
        if let Some(problem) = problem {
            if let Some(code) = problem.refusal.filter(|_| !problem.is_recorded) {
                self.book.refuse(control_size, code, "", &problem.message);
            }
            server::error(&mut self.client.out, &problem.fatal().report());
        }
        let ended = self.book.close(control_size, ending).await;
        if let Err(error) = ended {
            tracing::warn!(%error, "the end of a session is not recorded");
        }
        self.client.close().await;
    }

    async fn answer_all(&mut self) -> Over {
        loop {
            let taken = match self.client.ready() {
                Ok(Some(frame)) => frame,
                Ok(None) => {
                    if let Err(over) = self.wait_for_more().await {
                        return over;
                    }
                    continue;
                }
                Err(error) => return error.into(),
            };
            let message = match taken.message() {
                Ok(message) => message,
                Err(error) => return ClientError::Malformed(error).into(),
            };
            if let Err(over) = self.answer(message).await {
                return over;
            }
        }
    }

    async fn answer(&mut self, message: Message<'_>) -> Result<(), Over> {
        // After an error PostgreSQL too passes over everything up to Sync, a Query included.
        if self.is_failed && !matches!(message, Message::Sync | Message::Terminate) {
            return Ok(());
        }
        let done = match message {
            Message::Query { sql } => return self.query(sql).await,
            Message::Sync => return self.sync().await,
            Message::Terminate => return Err(Over::Terminated),
            Message::Parse {
                statement,
                sql,
                types,
            } => self.parse(statement, sql, types).await,
            Message::Bind(bind) => self.bind(&bind).await,
            Message::Describe(subject) => self.describe(subject).await,
            Message::Execute { portal, rows_max } => self.execute(portal, rows_max).await,
            Message::Close(subject) => self.close(subject),
            Message::Flush => self.drive_and_flush().await,
            // The server would ignore them as well outside COPY.
            Message::CopyData(_) | Message::CopyDone | Message::CopyFail { .. } => Ok(()),
            Message::FunctionCall => {
                let about = "a function call past SQL";
                let problem = Problem::refusal(Refusal::MessageNotAllowed, about);
                return Err(Over::Told(Box::new(problem), SessionEnding::Protocol));
            }
            Message::Password => {
                let about = "an answer that nobody asked for";
                let problem = Problem::refusal(Refusal::ProtocolViolation, about);
                return Err(Over::Told(Box::new(problem), SessionEnding::Protocol));
            }
        };
        match done {
            Ok(()) | Err(Stop::PassedOver) => Ok(()),
            Err(Stop::Over(over)) => Err(over),
            Err(Stop::Problem(problem)) => self.fail(*problem).await,
        }
    }

    /// Tells the client of a problem with what it asked, after the answers to what came before.
    pub(super) async fn fail(&mut self, mut problem: Problem) -> Result<(), Over> {
        // What is queued was asked for before, and may itself fail first.
        self.drive().await?;
        if !self.is_failed {
            self.record_refusal(&mut problem, "");
            self.tell(&problem);
            self.is_failed = true;
            self.is_to_undo = true;
        }
        Ok(())
    }

    /// Writes a problem and records it if it is a refusal.
    pub(super) fn tell(&mut self, problem: &Problem) {
        let hint = told::hint(problem);
        let report = wire::Report {
            hint: hint.as_deref(),
            ..problem.report()
        };
        server::error(&mut self.client.out, &report);
        self.remember_refusal(problem);
    }

    /// Records a refused statement.
    pub(super) fn record_refusal(&mut self, problem: &mut Problem, text: &str) {
        if let Some(code) = problem.refusal.filter(|_| !problem.is_recorded) {
            problem.is_recorded = true;
            let control_size = self.world.control_size();
            let detail = self.with_role(&problem.message);
            let number = self.book.refuse(control_size, code, text, &detail);
            problem.number = Some(number);
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.gate.now()
    }

    /// The world of now. A session that may not go on in it is over.
    pub(super) fn renew_world(&mut self) -> Result<(), Over> {
        if self.worlds.has_changed().unwrap_or(false) {
            self.world = Arc::clone(&self.worlds.borrow_and_update());
            self.remembered.forget();
        }
        match self.who.turned_away(&self.world, self.now()) {
            None => Ok(()),
            Some(problem) => Err(Over::Told(Box::new(problem), SessionEnding::RightEnded)),
        }
    }
}
