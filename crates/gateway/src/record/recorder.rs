//! Writes the gateway's entries into its access log.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use ledger::{AccessLog, LedgerError, Queued};
use record::{
    AppendError, Body, Draft, Durable, End, Field, Line, Outcome, Pseudonym, RefusalEntry,
    Reservation, SchemaSeen, SessionEnd, SessionEnding, SessionStart, Ungoverned,
};

use super::decision;
use crate::counts::Counters;
use crate::world::World;

/// The gateway's pen: entries of all its sessions go through it, in the order of the calls.
pub struct Recorder {
    log: Arc<AccessLog>,
    /// The number of the last session, held while a session's start is queued: numbers have no gap.
    sessions: Mutex<u64>,
    counters: Counters,
}

/// A reservation that is durable.
pub(crate) struct Reserved {
    _durable: Durable,
    until: (u64, u64),
}

impl Reserved {
    pub(super) const fn until(&self) -> (u64, u64) {
        self.until
    }
}

/// A reservation that is on its way.
pub(crate) struct Reserving {
    queued: Queued,
    until: (u64, u64),
}

impl Future for Reserving {
    type Output = Result<Reserved, AppendError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = std::task::ready!(Pin::new(&mut self.queued).poll(context));
        let until = self.until;
        Poll::Ready(answer.map(|durable| Reserved {
            _durable: durable,
            until,
        }))
    }
}

/// What became of a statement.
pub(crate) struct Ended {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) rows_changed: Option<u64>,
    pub(crate) took: Duration,
    pub(crate) end: End,
    pub(crate) sqlstate: Option<String>,
}

/// A refused statement, or several alike.
pub(crate) struct Refusals<'a> {
    pub(crate) number: u64,
    pub(crate) count: u64,
    pub(crate) code: model::Refusal,
    pub(crate) text: &'a str,
    pub(crate) detail: &'a str,
}

impl Recorder {
    /// Over an open log.
    pub fn new(log: Arc<AccessLog>) -> Self {
        let sessions = Mutex::new(log.last_session());
        Self {
            log,
            sessions,
            counters: Counters::default(),
        }
    }

    /// Writes what nobody waits for. Called every few milliseconds.
    pub(crate) fn hurry(&self) {
        self.log.wake();
    }

    /// An entry that nobody waits for: it travels with the next one that somebody waits for, so that
    /// it costs no sync of its own.
    fn unhurried(&self, control_size: u64, body: impl Into<Body>, payloads: Vec<(Field, Vec<u8>)>) {
        let make = |size| self.draft(size, body, payloads);
        if let Err(error) = self.log.leave_as_of(control_size, make) {
            tracing::warn!(%error, "an entry cannot be made");
        }
    }

    /// The log.
    pub const fn log(&self) -> &Arc<AccessLog> {
        &self.log
    }

    pub(crate) const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// A snapshot of a schema that decisions will cite. Waits until it is durable.
    pub(crate) async fn schema_seen(&self, world: &World) -> Result<(), AppendError> {
        let body = SchemaSeen {
            upstream: world.upstream().clone(),
            snapshot: *world.snapshot(),
        };
        let payloads = vec![(SchemaSeen::SNAPSHOT, world.snapshot_bytes().to_vec())];
        self.as_of(world.control_size(), body, payloads)?
            .await
            .map(drop)
    }

    /// The start of a session, which gets its number here. Waits until it is durable.
    pub(crate) async fn session_start(
        &self,
        control_size: u64,
        mut body: SessionStart,
        payloads: Vec<(Field, Vec<u8>)>,
    ) -> Result<u64, AppendError> {
        let (number, queued) = {
            let mut last = self.lock();
            body.session = *last + 1;
            let queued = self.as_of(control_size, body, payloads)?;
            *last += 1;
            (*last, queued)
        };
        match queued.await {
            Ok(_) => {
                self.counters.sessions.add(1);
                Ok(number)
            }
            Err(error) => {
                // Taken back if nobody came between; if somebody did, his start is refused as well,
                // and the numbers go on from what the log says.
                let mut last = self.lock();
                *last = self.log.last_session();
                Err(error)
            }
        }
    }

    /// The decision that a statement may run. It is refused as `NotNext` when a later state of the
    /// control log was cited already: what was decided is decided again then.
    pub(crate) fn decision(
        &self,
        numbers: (u64, u64),
        decided: &policy::Decision,
        facts: &decision::Facts,
        world: &World,
        payloads: Vec<(Field, Vec<u8>)>,
    ) -> Result<Queued, AppendError> {
        let body = decision::body(numbers, decided, facts, world);
        let draft = self.draft(world.control_size(), body, payloads)?;
        self.counters.decided.add(1);
        Ok(self.log.queue(draft))
    }

    /// More may leave.
    pub(crate) fn reservation(
        &self,
        control_size: u64,
        (session, number): (u64, u64),
        (rows_until, bytes_until): (u64, u64),
    ) -> Result<Reserving, AppendError> {
        let body = Reservation {
            session,
            number,
            rows_until,
            bytes_until,
        };
        Ok(Reserving {
            queued: self.as_of(control_size, body, Vec::new())?,
            until: (rows_until, bytes_until),
        })
    }

    /// What became of a statement. Nobody waits for it.
    pub(crate) fn outcome(&self, control_size: u64, (session, number): (u64, u64), ended: Ended) {
        self.counters.rows.add(ended.rows);
        self.counters.bytes.add(ended.bytes);
        let body = Outcome {
            session,
            number,
            rows: ended.rows,
            bytes: ended.bytes,
            rows_changed: ended.rows_changed,
            duration_ms: u64::try_from(ended.took.as_millis()).unwrap_or(u64::MAX),
            end: ended.end,
            sqlstate: ended.sqlstate.and_then(|code| Line::new(&code).ok()),
        };
        self.unhurried(control_size, body, Vec::new());
    }

    /// Statements of a session that were refused.
    pub(crate) fn refusal(&self, control_size: u64, session: u64, refused: &Refusals<'_>) {
        let (body, payloads) = self.refused(session, refused);
        self.unhurried(control_size, body, payloads);
    }

    /// The same, for who wants to know where it stands.
    pub(crate) fn refusal_now(
        &self,
        control_size: u64,
        session: u64,
        refused: &Refusals<'_>,
    ) -> Option<Queued> {
        let (body, payloads) = self.refused(session, refused);
        self.as_of(control_size, body, payloads)
            .inspect_err(|error| tracing::warn!(%error, "an entry cannot be made"))
            .ok()
    }

    fn refused(
        &self,
        session: u64,
        refused: &Refusals<'_>,
    ) -> (RefusalEntry, Vec<(Field, Vec<u8>)>) {
        self.counters.refused.add(refused.count);
        let body = RefusalEntry {
            session: Some(session),
            number: Some(refused.number),
            count: refused.count,
            code: refused.code,
            decision: None,
            policies: None,
            inputs: None,
            snapshot: None,
            asker: None,
        };
        let payloads = vec![
            (RefusalEntry::CLIENT_TEXT, cut(refused.text)),
            (RefusalEntry::DETAIL, cut(refused.detail)),
        ];
        (body, payloads)
    }

    /// Somebody who did not get a session.
    pub(crate) fn turned_away(
        &self,
        control_size: u64,
        code: model::Refusal,
        asker: Option<Pseudonym>,
        count: u64,
        claimed: &str,
    ) {
        self.counters.turned_away.add(count);
        let body = RefusalEntry {
            session: None,
            number: None,
            count,
            code,
            decision: None,
            policies: None,
            inputs: None,
            snapshot: None,
            asker,
        };
        let payloads = vec![(RefusalEntry::CLAIMED, cut(claimed))];
        self.unhurried(control_size, body, payloads);
    }

    /// Statements that touched nothing governed.
    pub(crate) fn ungoverned(
        &self,
        control_size: u64,
        session: u64,
        (first, count): (u64, u64),
        texts: &str,
    ) {
        self.counters.ungoverned.add(count);
        let body = Ungoverned {
            session,
            first,
            count,
        };
        let payloads = vec![(Ungoverned::CLIENT_TEXTS, cut(texts))];
        self.unhurried(control_size, body, payloads);
    }

    /// The end of a session. Waits until it is durable, so that a log is not stopped before.
    pub(crate) async fn session_end(
        &self,
        control_size: u64,
        session: u64,
        ending: SessionEnding,
        (statements, ungoverned): (u64, u64),
    ) -> Result<(), AppendError> {
        let body = |(statements, ungoverned)| SessionEnd {
            session,
            ending,
            statements,
            ungoverned,
        };
        let counts = (statements, ungoverned);
        let ended = self.as_of(control_size, body(counts), Vec::new())?.await;
        if ended.as_ref().err() != Some(&AppendError::NotNext) {
            return ended.map(drop);
        }
        // Entries that the log refused took numbers here. What the log has is what counts, and a
        // session without an end would keep the log from being stopped in order.
        let Some(counts) = self.log.counts_of(session) else {
            return Err(AppendError::NotNext);
        };
        self.as_of(control_size, body(counts), Vec::new())?
            .await
            .map(drop)
    }

    /// An entry that decides nothing.
    fn as_of(
        &self,
        control_size: u64,
        body: impl Into<Body>,
        payloads: Vec<(Field, Vec<u8>)>,
    ) -> Result<Queued, AppendError> {
        let make = |size| self.draft(size, body, payloads);
        self.log.append_as_of(control_size, make)
    }

    fn draft(
        &self,
        control_size: u64,
        body: impl Into<Body>,
        payloads: Vec<(Field, Vec<u8>)>,
    ) -> Result<Draft, AppendError> {
        let made = self.log.draft(control_size, body, payloads);
        made.map_err(|error| {
            if matches!(error, LedgerError::NoRandomness) {
                return AppendError::Stopped;
            }
            // Nothing else of it could be wrong.
            AppendError::TooLarge
        })
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// LIMIT: what is kept of texts that decide nothing.
const TEXT_BYTES_MAX: usize = 16 * 1024;

fn cut(text: &str) -> Vec<u8> {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.as_bytes().get(..end).unwrap_or_default().to_vec()
}
