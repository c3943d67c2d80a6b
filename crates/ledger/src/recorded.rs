//! A log of recorded entries: `record`'s drafts in, `record`'s receipts out, and its state as the judge.

use record::{
    Append, AppendError, Appending, Applied, Body, Commitments, Digest, Draft, Durable, Entry,
    Field, Marks, Salt, State, Stop, StopReason,
};

use crate::commit::{Notice, Waiting};
use crate::error::LedgerError;
use crate::log::Log;
use crate::payload::{Found, Payload, Scope};
use crate::submission::{Admission, Fold, Receipt, Submission};

impl Append for Log {
    fn append(&self, draft: Draft) -> Appending<'_> {
        let waiting = submission_of(draft).map(|submission| self.submit(submission));
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
        let Some((_, bytes)) = self.follow(index).ready()? else {
            return Ok(None);
        };
        let entry = Entry::decode(&bytes);
        entry.map(Some).map_err(|error| LedgerError::Refused {
            reason: error.to_string(),
        })
    }

    /// The payload of an entry's field, if it is there and fits the entry's commitment. `None` if the
    /// entry is not durable or commits to nothing under that field.
    pub fn payload(&self, index: u64, field: Field) -> Result<Option<Found>, LedgerError> {
        let Some(entry) = self.entry(index)? else {
            return Ok(None);
        };
        let Some(commitment) = entry.commitments.get(&field) else {
            return Ok(None);
        };
        let kind = entry.kind();
        let fits = |salt: &[u8; 32], bytes: &[u8]| {
            record::check(kind, field, &Salt::new(*salt), bytes, commitment)
        };
        self.stored(index, field.0, &fits).map(Some)
    }
}

/// The entry's own time says whose day's key its payloads get.
fn submission_of(draft: Draft) -> Result<Submission, AppendError> {
    let scope = Scope::day_of(draft.entry().time_ms);
    let (bytes, payloads) = draft.into_parts();
    let payloads = payloads.into_iter().map(|payload| Payload {
        field: payload.field().0,
        class: payload.class(),
        scope,
        salt: *payload.salt().bytes(),
        bytes: payload.bytes().to_vec(),
    });
    Submission::new(bytes, payloads.collect()).map_err(|error| told(&error))
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
        | LedgerError::Tree { .. } => AppendError::Stopped,
    }
}

/// The last entry of a log whose disk is full: `Stop`, with the size of the control log that the
/// writer had applied then.
pub fn stop_when_full(marks: Marks, control_size: impl Fn() -> u64 + Send + 'static) -> Notice {
    Box::new(move |time_ms, _| {
        let entry = Entry {
            time_ms,
            control_size: control_size(),
            marks,
            idempotency: None,
            body: Body::Stop(Stop {
                reason: StopReason::DiskFull,
            }),
            commitments: Commitments::new(),
        };
        // It has no field that could be too large.
        entry.encode().ok()
    })
}

/// Judges a control log's entries by the state they make.
#[derive(Debug, Default)]
pub struct ControlFold(State);

impl Fold for ControlFold {
    fn replay(&mut self, index: u64, entry: &[u8]) -> Result<(), String> {
        let entry = Entry::decode(entry).map_err(|error| error.to_string())?;
        let applied = self.0.apply(index, &entry);
        applied.map(|_| ()).map_err(|error| error.to_string())
    }

    fn admit(&mut self, index: u64, entry: &[u8]) -> Admission {
        let judged = Entry::decode(entry)
            .map_err(|error| error.to_string())
            .and_then(|entry| match self.0.check(index, &entry) {
                Ok(Applied::New) => self
                    .0
                    .apply(index, &entry)
                    .map_err(|error| error.to_string()),
                other => other.map_err(|error| error.to_string()),
            });
        match judged {
            Ok(Applied::New) => Admission::New,
            Ok(Applied::Duplicate(index)) => Admission::Duplicate(index),
            Err(reason) => Admission::Refused(reason),
        }
    }
}
