//! A log of recorded entries: `record`'s drafts in, `record`'s receipts out, and its state as the judge.

use record::{
    Append, AppendError, Appending, Applied, Body, Commitments, Digest, Draft, Durable, Entry,
    Field, Marks, Salt, State, Stop, StopReason,
};

use crate::commit::{Notice, Waiting};
use crate::error::LedgerError;
use crate::log::Log;
use crate::open::Parts;
use crate::payload::{Found, Payload, Scope};
use crate::submission::{Admission, Fold, Receipt, Submission};
use crate::tail::Follow;

impl Append for Log {
    fn append(&self, draft: Draft) -> Appending<'_> {
        let waiting = submission_of(draft)
            .map(|submission| self.submit(submission))
            .map_err(|error| told(&error));
        Box::pin(async move { self.answered(waiting?).await })
    }
}

impl Log {
    async fn answered(&self, waiting: Waiting) -> Result<Durable, AppendError> {
        let Receipt { index, leaf } = waiting.await.map_err(|error| told(&error))?;
        let leaf = Digest::new(*leaf.bytes());
        // The answer comes after the sync and at no other time.
        Ok(Durable::after_sync(
            self.recorded_name().clone(),
            index,
            leaf,
        ))
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
    let (bytes, payloads) = draft.into_parts();
    let payloads = payloads.into_iter().map(|payload| Payload {
        field: payload.field().0,
        class: payload.class(),
        scope,
        salt: *payload.salt().bytes(),
        bytes: payload.bytes().to_vec(),
    });
    Submission::new(bytes, payloads.collect())
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

    fn admit(&mut self, index: u64, entry: &[u8]) -> Admission {
        match Entry::decode(entry) {
            Ok(entry) => self.judge(index, &entry),
            Err(error) => Admission::Refused(error.to_string()),
        }
    }
}
