//! A log of recorded entries: `record`'s drafts in, `record`'s receipts out, and its state as the judge.

use std::pin::Pin;
use std::task::{Context, Poll};

use record::{
    Append, AppendError, Appending, Applied, Body, Commitments, Digest, Draft, Durable, Entry,
    Field, LogName as RecordedName, Marks, Salt, State, Stop, StopReason,
};

use crate::commit::{Notice, Waiting};
use crate::error::LedgerError;
use crate::log::Log;
use crate::open::Parts;
use crate::payload::{Found, Payload, Scope};
use crate::submission::{Admission, Fold, Submission};
use crate::tail::Follow;

impl Append for Log {
    fn append(&self, draft: Draft) -> Appending<'_> {
        Box::pin(self.queue(draft))
    }
}

/// An append that is not answered yet. It borrows nothing, so that it can be kept beside what waits
/// for it; dropping it takes nothing back.
#[derive(Debug)]
pub struct Queued {
    log: RecordedName,
    waiting: Result<Waiting, AppendError>,
}

impl Queued {
    /// Why it was refused at once, if it was: nothing was queued then.
    pub const fn refusal(&self) -> Option<AppendError> {
        match &self.waiting {
            Ok(_) => None,
            Err(error) => Some(*error),
        }
    }

    pub(crate) const fn refused(log: RecordedName, error: AppendError) -> Self {
        let waiting = Err(error);
        Self { log, waiting }
    }
}

impl Future for Queued {
    type Output = Result<Durable, AppendError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waiting = match &mut self.waiting {
            Ok(waiting) => waiting,
            Err(error) => return Poll::Ready(Err(*error)),
        };
        let answer = std::task::ready!(Pin::new(waiting).poll(context));
        let log = self.log.clone();
        Poll::Ready(answer.map_err(|error| told(&error)).map(|receipt| {
            let leaf = Digest::new(*receipt.leaf.bytes());
            // The answer comes after the sync and at no other time.
            Durable::after_sync(log, receipt.index, leaf)
        }))
    }
}

impl Log {
    /// As [`Append::append`]; the answer borrows nothing.
    pub fn queue(&self, draft: Draft) -> Queued {
        let queued = self.queue_unhurried(submission_of(draft));
        self.wake();
        queued
    }

    /// As [`Log::queue`]; it is written when [`Log::hand_over`] or [`Log::wake`] is called, somebody waits
    /// for the answer, or with whatever comes next.
    pub(crate) fn queue_unhurried(&self, submission: Result<Submission, LedgerError>) -> Queued {
        let waiting = submission
            .map(|submission| self.expect(submission))
            .map_err(|error| told(&error));
        let log = self.recorded_name().clone();
        Queued { log, waiting }
    }

    /// The entry of an index, decoded. `None` if it is not durable.
    pub fn entry(&self, index: u64) -> Result<Option<Entry>, LedgerError> {
        entry_of(self.parts(), index)
    }

    /// The payload of an entry's field, if it is there and fits the entry's commitment. `None` if the
    /// entry is not durable or commits to nothing under that field.
    pub fn payload(&self, index: u64, field: Field) -> Result<Option<Found>, LedgerError> {
        match self.entry(index)? {
            Some(entry) => verdict(self.parts(), index, &entry, field),
            None => Ok(None),
        }
    }
}

/// The durable entry of an index, decoded.
pub(crate) fn entry_of(parts: &Parts, index: u64) -> Result<Option<Entry>, LedgerError> {
    let Some((_, bytes)) = Follow::new(parts, index).ready()? else {
        return Ok(None);
    };
    let entry = Entry::decode(&bytes);
    entry.map(Some).map_err(|error| LedgerError::Refused {
        reason: error.to_string(),
    })
}

/// What the store says of what an entry commits to.
pub(crate) fn verdict(
    parts: &Parts,
    index: u64,
    entry: &Entry,
    field: Field,
) -> Result<Option<Found>, LedgerError> {
    let Some(commitment) = entry.commitments.get(&field) else {
        return Ok(None);
    };
    let kind = entry.kind();
    let fits = |salt: &[u8; 32], bytes: &[u8]| {
        record::check(kind, field, &Salt::new(*salt), bytes, commitment)
    };
    parts.payload(index, field.0, &fits).map(Some)
}

/// The entry's own time says whose day's key its payloads get.
pub(crate) fn submission_of(draft: Draft) -> Result<Submission, LedgerError> {
    let scope = Scope::day_of(draft.entry().time_ms);
    let payloads = draft.payloads().iter().map(|payload| Payload {
        field: payload.field().0,
        class: payload.class(),
        scope,
        salt: *payload.salt().bytes(),
        bytes: payload.bytes().to_vec(),
    });
    let payloads = payloads.collect();
    Submission::of(draft, payloads)
}

/// What the one who appends is told.
fn told(error: &LedgerError) -> AppendError {
    match error {
        LedgerError::QueueFull { .. } => AppendError::QueueFull,
        LedgerError::Late { .. } => AppendError::Deadline,
        LedgerError::DiskFull { .. } => AppendError::DiskFull,
        LedgerError::ReadOnly { .. } => AppendError::ReadOnly,
        LedgerError::TooLarge { .. } => AppendError::TooLarge,
        LedgerError::Refused { .. } => AppendError::NotNext,
        // With each of these the outcome is known only after the log is opened again.
        LedgerError::Io { .. }
        | LedgerError::Vanished { .. }
        | LedgerError::Locked { .. }
        | LedgerError::Damaged { .. }
        | LedgerError::Contradiction { .. }
        | LedgerError::Stopped { .. }
        | LedgerError::Closed
        | LedgerError::Unanswered { .. }
        | LedgerError::BadName { .. }
        | LedgerError::LockedClass { .. }
        | LedgerError::LockedKey { .. }
        | LedgerError::NotWitnessed { .. }
        | LedgerError::NoEntry { .. }
        | LedgerError::WrongKey { .. }
        | LedgerError::NoRandomness
        | LedgerError::Key { .. }
        | LedgerError::NoWitness { .. }
        | LedgerError::Unpublished { .. }
        | LedgerError::NotCommitted { .. }
        | LedgerError::OtherKind { .. }
        | LedgerError::Tree { .. } => AppendError::Stopped,
    }
}

/// The last entry of a log whose disk is full: `Stop`, with the size of the control log that the
/// writer had applied then.
pub fn stop_when_full(marks: Marks, control_size: impl Fn() -> u64 + Send + 'static) -> Notice {
    Box::new(move |time_ms, _| last_when_full(marks, time_ms, control_size()))
}

/// The bytes of that entry.
pub(crate) fn last_when_full(marks: Marks, time_ms: u64, control_size: u64) -> Option<Vec<u8>> {
    let entry = Entry {
        time_ms,
        control_size,
        marks,
        idempotency: None,
        body: Body::Stop(Stop {
            reason: StopReason::DiskFull,
        }),
        commitments: Commitments::new(),
    };
    // It has no field that could be too large.
    entry.encode().ok()
}

/// Judges a control log's entries by the state they make.
#[derive(Debug, Default)]
pub struct ControlFold(State);

impl ControlFold {
    /// The state after all entries that were taken.
    pub(crate) const fn state(&self) -> &State {
        &self.0
    }

    /// Takes an entry that is in the log already.
    pub(crate) fn take(&mut self, index: u64, entry: &Entry) -> Result<(), String> {
        let applied = self.0.apply(index, entry);
        applied.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Judges an entry that would get this index, and takes it if it is new.
    pub(crate) fn judge(&mut self, index: u64, entry: &Entry) -> Admission {
        let judged = match self.0.check(index, entry) {
            Ok(Applied::New) => self.0.apply(index, entry),
            other => other,
        };
        match judged {
            Ok(Applied::New) => Admission::New,
            Ok(Applied::Duplicate(index)) => Admission::Duplicate(index),
            Err(refused) => Admission::Refused(refused.to_string()),
        }
    }
}

impl Fold for ControlFold {
    fn replay(&mut self, index: u64, entry: &[u8]) -> Result<(), String> {
        let entry = Entry::decode(entry).map_err(|error| error.to_string())?;
        self.take(index, &entry)
    }

    fn admit(&mut self, index: u64, submission: &Submission) -> Admission {
        match submission.said() {
            Ok(entry) => self.judge(index, &entry),
            Err(error) => Admission::Refused(error.to_string()),
        }
    }
}
