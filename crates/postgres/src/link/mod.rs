//! One session at a server, and the rules that keep it in step.

mod canceller;
mod channel;
mod expected;
mod login;
mod outgoing;
mod statements;

use tokio::time::{Instant, timeout_at};
use wire::backend::{Frame, Incoming, Message, Tag};
use wire::{Cancel, Subject, TransactionStatus, frontend};

pub use canceller::Canceller;
pub use outgoing::Outgoing;
pub use statements::Prepared;

use crate::error::LinkError;
use crate::settings::{Options, Pins};
use crate::stream::Stream;
use crate::target::Target;
use canceller::Uses;
use channel::Channel;
use expected::{Expected, Queue, Verdict};
use statements::Statements;

/// All of DISCARD ALL but the plans and prepared statements, which are ours and say nothing about
/// who used them. Settings fall back to what the startup message said.
const RESET: &str = "close all; set session authorization default; reset all; unlisten *; \
    select pg_catalog.pg_advisory_unlock_all(); discard sequences; discard temp";

/// The rows of an answer to a question of our own, in text.
pub type TextRows = Vec<Vec<Option<String>>>;

/// A session at a server.
///
/// What is written goes out with [`Link::flush`] or while [`Link::next`] waits. Every message that
/// comes must be one that what was written asks for; after anything else, the link is of no use any
/// more and says so ([`LinkError::Poisoned`]).
#[derive(Debug)]
pub struct Link {
    channel: Channel,
    expected: Queue,
    statements: Statements,
    pins: Pins,
    status: TransactionStatus,
    /// Something was written that no Sync has followed.
    is_unsynced: bool,
    is_poisoned: bool,
    /// Something may have changed the session.
    is_touched: bool,
    uses: Uses,
    cancel: Option<Cancel>,
    target: Target,
    server_version: String,
    began: Instant,
}

impl Link {
    /// Connects, proves who we are, sees that the server does the same where it can, and pins the
    /// settings of the session. Each pinned setting is asked for once more, because not every server
    /// reports all of them.
    ///
    /// # Errors
    ///
    /// When any of that fails, or is not done before the deadline.
    pub async fn connect(
        target: &Target,
        options: &Options,
        deadline: Instant,
    ) -> Result<Self, LinkError> {
        timeout_at(deadline, Self::begin(target, options))
            .await
            .map_err(|_| LinkError::Late {
                doing: "connecting",
            })?
    }

    async fn begin(target: &Target, options: &Options) -> Result<Self, LinkError> {
        let stream = Stream::open(target).await?;
        let mut channel = Channel::new(stream, options.limits);
        let mut pins = Pins::new(options);
        let greeting = login::log_in(&mut channel, target, &mut pins).await?;
        let mut link = Self {
            channel,
            expected: Queue::default(),
            statements: Statements::new(options.statements_max),
            pins,
            status: TransactionStatus::Idle,
            is_unsynced: false,
            is_poisoned: false,
            is_touched: false,
            uses: Uses::default(),
            cancel: greeting.cancel,
            target: target.clone(),
            server_version: greeting.server_version.unwrap_or_default(),
            began: Instant::now(),
        };
        let rows = link.ask(&link.pins.question()).await?;
        link.pins
            .check_answer(rows.first().map(Vec::as_slice).unwrap_or_default())?;
        Ok(link)
    }

    /// Writes to the link. What is written may change the session, so that a pool resets it before
    /// somebody else uses it.
    pub fn outgoing(&mut self) -> Outgoing<'_> {
        self.is_touched = true;
        Outgoing { link: self }
    }

    /// Writes to the link what certainly leaves nothing behind in the session: no setting, no cursor,
    /// no temporary table, no lock that outlives the transaction. A pool then saves the reset.
    pub fn outgoing_stateless(&mut self) -> Outgoing<'_> {
        Outgoing { link: self }
    }

    /// A statement that is prepared on this link under a name of the link's: the same for the same
    /// text and types. If it is new, its Parse is written; the answer to it is not seen, but an error
    /// is, like one of the caller's own messages. Sync is left to the caller.
    ///
    /// # Errors
    ///
    /// When the text holds a NUL or there are too many types.
    pub fn statement(&mut self, sql: &str, types: &[u32]) -> Result<Prepared, LinkError> {
        let plan = self.statements.plan(sql, types);
        if !plan.prepared.is_new {
            return Ok(plan.prepared);
        }
        self.write_closes()?;
        let name = &plan.prepared.name;
        if let Err(error) = frontend::parse(&mut self.channel.outbox, name, sql, types) {
            self.statements.forget_unprepared(plan.number);
            return Err(error.into());
        }
        self.is_unsynced = true;
        if !self.expected.push(Expected::OwnParse(plan.number)) {
            self.statements.forget_unprepared(plan.number);
        }
        Ok(plan.prepared)
    }

    /// Forgets a statement of [`Link::statement`], after an error that says that it is stale for
    /// example. It is closed with the next one that is prepared.
    pub fn forget(&mut self, name: &str) {
        self.statements.forget(name);
    }

    fn write_closes(&mut self) -> Result<(), LinkError> {
        for number in self.statements.take_to_close() {
            let name = statements::name(number);
            frontend::close(&mut self.channel.outbox, Subject::Statement(&name))?;
            self.is_unsynced = true;
            if !self.expected.push(Expected::OwnClose(number)) {
                self.statements.close_again(number);
            }
        }
        Ok(())
    }

    /// The value of a setting as the server reported it last, by PostgreSQL's own spelling of its name;
    /// none for those that are not pinned or not reported.
    pub fn reported(&self, name: &str) -> Option<&str> {
        self.pins.reported(name)
    }

    /// Sends what was written. If the server has so much to say that it does not listen, this ends
    /// early and the rest goes out during [`Link::next`].
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// When the connection breaks.
    pub async fn flush(&mut self) -> Result<(), LinkError> {
        self.is_usable()?;
        let flushed = self.channel.flush().await;
        flushed.inspect_err(|_| self.is_poisoned = true)
    }

    /// The next block of rows or other message. Answers to the link's own messages, reports of
    /// settings and notifications are not among them; notices are.
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// When the connection ends, or something comes that cannot come here, or a pinned setting is
    /// not what it was. The link is then of no use any more.
    pub async fn next(&mut self) -> Result<Incoming, LinkError> {
        loop {
            self.is_usable()?;
            let incoming = self.channel.next().await;
            if let Some(incoming) = self.judge(incoming.map(Some))? {
                return Ok(incoming);
            }
        }
    }

    /// The next block of rows or other message, if one is there.
    ///
    /// # Errors
    ///
    /// As [`Link::next`].
    pub fn try_next(&mut self) -> Result<Option<Incoming>, LinkError> {
        loop {
            self.is_usable()?;
            let incoming = self.channel.try_next();
            let is_none = matches!(incoming, Ok(None));
            let judged = self.judge(incoming)?;
            if is_none || judged.is_some() {
                return Ok(judged);
            }
        }
    }

    const fn is_usable(&self) -> Result<(), LinkError> {
        if self.is_poisoned {
            Err(LinkError::Poisoned)
        } else {
            Ok(())
        }
    }

    fn judge(
        &mut self,
        incoming: Result<Option<Incoming>, LinkError>,
    ) -> Result<Option<Incoming>, LinkError> {
        let judged = match incoming {
            Ok(Some(Incoming::Rows(rows))) if self.expected.rows(rows.columns()) => {
                Ok(Some(Incoming::Rows(rows)))
            }
            Ok(Some(Incoming::Rows(_))) => Err(LinkError::Unexpected { what: "rows" }),
            Ok(Some(Incoming::Control(frame))) => self.judge_control(frame),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        judged.inspect_err(|_| self.is_poisoned = true)
    }

    fn judge_control(&mut self, frame: Frame) -> Result<Option<Incoming>, LinkError> {
        // Four kinds may come at any time.
        let tag = frame.tag();
        if tag == Tag::ParameterStatus {
            if let Message::ParameterStatus { name, value } = frame.message()? {
                self.pins.check(name, value)?;
            }
            return Ok(None);
        }
        if tag == Tag::NotificationResponse {
            return Ok(None);
        }
        if tag == Tag::NoticeResponse {
            return Ok(Some(Incoming::Control(frame)));
        }
        if tag == Tag::ErrorResponse {
            self.judge_error(&frame)?;
            return Ok(Some(Incoming::Control(frame)));
        }
        let mut columns = None;
        if frame.tag() == Tag::RowDescription {
            // Behind the type and the length.
            let count = frame.bytes().get(5..).and_then(|body| body.first_chunk());
            columns = count.copied().map(u16::from_be_bytes);
        }
        match self.expected.take(frame.tag(), columns) {
            Verdict::Pass => {}
            Verdict::Own | Verdict::Prepared(_) => return Ok(None),
            Verdict::Wrong => {
                return Err(LinkError::Unexpected {
                    what: frame.tag().name(),
                });
            }
        }
        if frame.tag() == Tag::ReadyForQuery
            && let Message::ReadyForQuery(status) = frame.message()?
        {
            self.status = status;
        }
        Ok(Some(Incoming::Control(frame)))
    }

    /// Takes back what the server passes over after an error.
    fn judge_error(&mut self, frame: &Frame) -> Result<(), LinkError> {
        let Message::Error(report) = frame.message()? else {
            return Ok(());
        };
        let Some(passed_over) = self.expected.fail() else {
            // Nobody asked for anything: it says why the session ends.
            return Err(LinkError::Ended {
                sqlstate: report.sqlstate,
            });
        };
        for expected in passed_over {
            match expected {
                Expected::OwnParse(number) => self.statements.forget_unprepared(number),
                Expected::OwnClose(number) => self.statements.close_again(number),
                Expected::Parse
                | Expected::Bind
                | Expected::Close
                | Expected::Statement
                | Expected::Columns
                | Expected::Execute
                | Expected::Copy
                | Expected::Sync
                | Expected::Query { .. }
                | Expected::QueryCopy => {}
            }
        }
        self.is_poisoned |= login::is_fatal(report.severity);
        Ok(())
    }

    /// Asks a question of our own with a simple query and reads all of the answer: every row of
    /// every statement in it.
    ///
    /// # Errors
    ///
    /// When answers are still to come ([`LinkError::Busy`]), the server refuses
    /// ([`LinkError::Question`]; the link stays usable), or the link fails.
    pub async fn ask(&mut self, sql: &str) -> Result<TextRows, LinkError> {
        if !self.is_clean() {
            return Err(LinkError::Busy);
        }
        self.outgoing_stateless().query(sql)?;
        let mut rows = TextRows::new();
        let mut refused = None;
        loop {
            match self.next().await? {
                Incoming::Rows(block) => {
                    for row in &block {
                        rows.push(read_texts(row)?);
                    }
                }
                Incoming::Control(frame) if frame.tag() == Tag::ReadyForQuery => break,
                Incoming::Control(frame) if frame.tag() == Tag::CopyOutResponse => {
                    self.is_poisoned = true;
                    return Err(LinkError::Unexpected {
                        what: frame.tag().name(),
                    });
                }
                Incoming::Control(frame) => {
                    if let Message::Error(report) = frame.message()? {
                        refused = Some(report.sqlstate);
                    }
                }
            }
        }
        match refused {
            Some(sqlstate) => Err(LinkError::Question { sqlstate }),
            None => Ok(rows),
        }
    }

    /// Says that a pinned setting is about to get another value, so that the server's report of it
    /// is no deviation. It counts until the link is reset.
    pub fn allow_setting(&mut self, name: &str, value: &str) {
        self.is_touched = true;
        self.pins.allow(name, value);
    }

    /// Says that a client sets a setting that changes how values are printed, so that whatever the
    /// server reports of it is no deviation. It counts until the link is reset.
    pub fn allow_any(&mut self, name: &str) {
        self.is_touched = true;
        self.pins.allow_any(name);
    }

    /// Makes the session as if it were new, but for its prepared statements.
    ///
    /// # Errors
    ///
    /// When answers are still to come, or the server refuses.
    pub async fn reset(&mut self) -> Result<(), LinkError> {
        self.ask(RESET).await?;
        self.pins.forget_asked();
        self.is_touched = false;
        Ok(())
    }

    /// Where the session's transaction stands, as the last ReadyForQuery said.
    #[must_use]
    pub const fn transaction_status(&self) -> TransactionStatus {
        self.status
    }

    /// Whether nothing is under way: all answers were read, and nothing is written that has not been
    /// answered.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        !self.is_poisoned
            && !self.is_unsynced
            && self.expected.is_empty()
            && self.channel.is_empty()
    }

    /// Whether the link can be used by somebody new: nothing is under way, and the server has neither
    /// closed it nor said anything since.
    pub(crate) fn is_fresh(&self) -> bool {
        self.is_clean()
            && self.status == TransactionStatus::Idle
            && self.channel.stream().is_quiet()
    }

    /// Whether something went wrong, so that this link must not be used again.
    #[must_use]
    pub const fn is_poisoned(&self) -> bool {
        self.is_poisoned
    }

    /// Whether the session may have to be reset before somebody else uses it.
    #[must_use]
    pub const fn is_touched(&self) -> bool {
        self.is_touched
    }

    /// What cancels this link's statements for its present user. `None` if the server gave no key.
    #[must_use]
    pub fn canceller(&self) -> Option<Canceller> {
        let cancel = self.cancel.clone()?;
        Some(Canceller::new(
            self.target.clone(),
            cancel,
            self.uses.clone(),
        ))
    }

    /// Ends the present use: its cancellers have no effect any more. Returns whether one had.
    pub(crate) fn end_use(&self) -> bool {
        self.uses.end()
    }

    /// The server's version as it says it, `15.4 (Debian ...)` for example.
    #[must_use]
    pub fn server_version(&self) -> &str {
        &self.server_version
    }

    /// The server's number for this session.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.cancel.as_ref().map(Cancel::process)
    }

    /// When it began.
    #[must_use]
    pub const fn began(&self) -> Instant {
        self.began
    }

    /// Says good bye. Dropping the link closes it too, without a word.
    pub async fn close(mut self) {
        frontend::terminate(&mut self.channel.outbox);
        // It is over either way.
        let _gone = self.channel.flush().await;
    }
}

fn read_texts(row: wire::backend::Row<'_>) -> Result<Vec<Option<String>>, LinkError> {
    row.cells()
        .map(|cell| {
            let Some(cell) = cell? else {
                return Ok(None);
            };
            let text = std::str::from_utf8(cell).map_err(|_| LinkError::Unexpected {
                what: "a text that is not UTF-8",
            })?;
            Ok(Some(text.to_owned()))
        })
        .collect()
}
