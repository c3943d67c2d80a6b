//! The leave of a running statement to let rows out, from the queued decision to its outcome.

use std::sync::Arc;

use ledger::Queued;
use model::Refusal;
use policy::Permit;
use record::{AppendError, End, Field, SessionEnding, Verb};
use sql::{Action, Change};
use wire::backend::Rows;

use super::{KeptBy, Over, Session, Stop};
use crate::limits::STEP_BYTES_MAX;
use crate::problem::Problem;
use crate::record::{Facts, Opened, Releasing, Reserving, Running};

/// Whether and how rows may leave.
pub(super) enum Leave {
    /// The statement reads nothing governed.
    Ungoverned,
    /// The decision is on its way into the ledger.
    Waiting(Box<Waiting>),
    /// The decision is durable.
    Releasing(Box<Kept>),
}

/// What becomes of a decision when it is to be recorded.
pub(super) enum Decided {
    /// It is queued.
    Queued(Leave),
    /// The ledger has seen a later state of the control log than it rests on: it is decided again.
    OutOfDate,
}

/// A decision that is queued.
pub(super) struct Waiting {
    running: Running,
    queued: Queued,
    opened: Opened,
    until: (u64, u64),
}

/// A decision that is durable and has no outcome yet.
pub(super) struct Kept {
    pub(super) releasing: Releasing,
    pub(super) opened: Opened,
    reserving: Option<Reserving>,
}

impl Leave {
    /// What rows leave by, and whether it still holds at a moment.
    pub(super) fn basis(&self, now: model::Timestamp) -> Option<(&Arc<enforce::Checked>, bool)> {
        let running = match self {
            Self::Ungoverned => return None,
            Self::Waiting(waiting) => &waiting.running,
            Self::Releasing(kept) => kept.releasing.running(),
        };
        Some((running.checked(), now < running.decision().valid_until))
    }

    /// Whether governed data is read.
    pub(super) const fn is_governed(&self) -> bool {
        !matches!(self, Self::Ungoverned)
    }
}

impl Session {
    /// Records the decision of a statement that is about to be sent, and uses its permit up.
    pub(super) fn decide(
        &mut self,
        permit: Permit,
        checked: &Arc<enforce::Checked>,
        text: &str,
        values: Option<Vec<u8>>,
    ) -> Result<Decided, Problem> {
        let running = Running::begin(permit, Arc::clone(checked))
            .ok_or_else(|| Problem::refusal(Refusal::PolicyError, ""))?;
        let facts = self.facts(checked);
        let mut payloads: Vec<(Field, Vec<u8>)> = vec![
            (record::Decision::CLIENT_TEXT, text.as_bytes().to_vec()),
            (
                record::Decision::GUARDED_TEXT,
                checked.guarded.text().as_bytes().to_vec(),
            ),
            (
                record::Decision::SETTINGS,
                self.settings.recorded(self.who.name()),
            ),
        ];
        payloads.extend(values.map(|values| (record::Decision::PARAMETERS, values)));
        let decided = self
            .book
            .decide(running.decision(), &facts, &self.world, payloads);
        let (queued, opened) = match decided {
            Err(AppendError::NotNext) => return Ok(Decided::OutOfDate),
            decided => decided.map_err(unrecorded)?,
        };
        Ok(Decided::Queued(Leave::Waiting(Box::new(Waiting {
            running,
            queued,
            opened,
            until: (crate::limits::FIRST_ROWS, crate::limits::FIRST_BYTES),
        }))))
    }

    fn facts(&self, checked: &enforce::Checked) -> Facts {
        let written = checked
            .resolution
            .uses
            .iter()
            .filter(|used| used.role == sql::Role::Write)
            .map(|used| used.dataset.clone());
        Facts {
            verb: verb(checked.guarded.action()),
            read_only: is_read_only(checked),
            written: written.collect(),
            purpose: self.settings.purpose(),
            now_ms: self.gate.now_ms(),
        }
    }

    /// Waits until the decision is durable. Nothing of the statement's answer is told before.
    pub(super) async fn settle(&mut self, leave: Leave) -> Result<Leave, Stop> {
        let Leave::Waiting(waiting) = leave else {
            return Ok(leave);
        };
        let Waiting {
            running,
            queued,
            opened,
            until: (rows, bytes),
        } = *waiting;
        match queued.await {
            Ok(durable) => Ok(Leave::Releasing(Box::new(Kept {
                releasing: running.release(durable, rows, bytes),
                opened,
                reserving: None,
            }))),
            Err(error) => {
                let problem = unrecorded(error);
                let number = opened.number();
                opened.forget();
                if self.book.take_back(number) && error != AppendError::Stopped {
                    return Err(problem.into());
                }
                // Whether the number is taken is not known, so nothing can follow it.
                let over = Over::Told(Box::new(problem), SessionEnding::Stopped);
                Err(over.into())
            }
        }
    }

    /// Lets rows out, after what lets them out is durable.
    pub(super) async fn forward(&mut self, leave: &mut Leave, rows: Rows) -> Result<Rows, Stop> {
        if matches!(leave, Leave::Waiting(_)) {
            let settled = self
                .settle(std::mem::replace(leave, Leave::Ungoverned))
                .await?;
            *leave = settled;
        }
        let Leave::Releasing(kept) = leave else {
            return Ok(rows);
        };
        let (count, bytes) = (u64::from(rows.count()), rows.bytes().len() as u64);
        while !kept.releasing.covers(count, bytes) {
            let reserving = match kept.reserving.take() {
                Some(reserving) => reserving,
                None => self.reserve(kept, count, bytes)?,
            };
            let reserved = reserving.await.map_err(unrecorded)?;
            kept.releasing.extend(reserved);
        }
        if kept.releasing.runs_low() && kept.reserving.is_none() {
            kept.reserving = Some(self.reserve(kept, 0, 0)?);
        }
        let forwarded = kept.releasing.forward(rows);
        // It covers them, or the loop would not have ended.
        let forwarded = forwarded.ok_or_else(|| Problem::refusal(Refusal::RecordStopped, ""))?;
        kept.opened.count(count, bytes);
        Ok(forwarded)
    }

    /// Reserves twice of what is reserved, and at least what is needed now.
    fn reserve(&self, kept: &Kept, rows: u64, bytes: u64) -> Result<Reserving, Problem> {
        let (rows_until, bytes_until) = kept.releasing.until();
        let (rows_out, bytes_out) = kept.releasing.released();
        let more = bytes_until.min(STEP_BYTES_MAX);
        let until = (
            rows_until.saturating_mul(2).max(rows_out + rows),
            bytes_until.saturating_add(more).max(bytes_out + bytes),
        );
        let control_size = self.world.control_size();
        self.book
            .reserve(control_size, &kept.opened, until)
            .map_err(unrecorded)
    }

    /// Ends decisions that cursors and portals kept open.
    pub(super) fn end_kept(&mut self, is_over: impl Fn(&KeptBy) -> bool, end: End) {
        let over: Vec<KeptBy> = self
            .kept
            .keys()
            .filter(|key| is_over(key))
            .cloned()
            .collect();
        for key in over {
            if let Some(kept) = self.kept.remove(&key) {
                kept.opened.end(end, None, None);
            }
        }
    }

    /// Counts a statement that reads nothing governed.
    pub(super) fn pass(&mut self, text: &str) {
        let control_size = self.world.control_size();
        self.book.pass(control_size, text);
    }
}

impl Leave {
    /// Records what became of the statement, if it read governed data.
    pub(super) fn end(self, end: End, sqlstate: Option<String>, rows_changed: Option<u64>) {
        match self {
            Self::Ungoverned => {}
            Self::Waiting(waiting) => waiting.opened.end(end, sqlstate, rows_changed),
            Self::Releasing(kept) => kept.opened.end(end, sqlstate, rows_changed),
        }
    }

    /// Whether rows of this statement leave by it: a leave is for one statement alone.
    pub(super) fn is_for(&self, checked: &Arc<enforce::Checked>) -> bool {
        match self {
            Self::Ungoverned => checked.permit.is_none(),
            Self::Waiting(waiting) => Arc::ptr_eq(waiting.running.checked(), checked),
            Self::Releasing(kept) => Arc::ptr_eq(kept.releasing.running().checked(), checked),
        }
    }
}

/// What is told when the ledger does not take an entry.
pub(super) fn unrecorded(error: AppendError) -> Problem {
    Problem::refusal(error.refusal(), "")
}

/// Whether the append may overlap with the upstream's work: only where that changes nothing.
pub(super) fn is_read_only(checked: &enforce::Checked) -> bool {
    !checked.resolution.is_volatile
        && match checked.guarded.action() {
            Action::Query
            | Action::CopyOut(_)
            | Action::Explain { .. }
            | Action::Declare { .. }
            | Action::Fetch(_)
            | Action::Close(_)
            | Action::Show(_)
            | Action::Set(_)
            | Action::SetVirtual(_) => true,
            Action::Write(_)
            | Action::Prepare(_, _)
            | Action::Execute(_)
            | Action::Deallocate(_)
            | Action::Transaction(_)
            | Action::Discard(_) => false,
        }
}

fn verb(action: &Action) -> Verb {
    match action {
        Action::CopyOut(_) => Verb::CopyOut,
        Action::Explain { .. } => Verb::Explain,
        Action::Declare { .. } => Verb::Declare,
        Action::Write(Change::Insert) => Verb::Insert,
        Action::Write(Change::Update) => Verb::Update,
        Action::Write(Change::Delete) => Verb::Delete,
        Action::Transaction(_) => Verb::Commit,
        Action::Query
        | Action::Prepare(_, _)
        | Action::Execute(_)
        | Action::Deallocate(_)
        | Action::Fetch(_)
        | Action::Close(_)
        | Action::Set(_)
        | Action::SetVirtual(_)
        | Action::Show(_)
        | Action::Discard(_) => Verb::Select,
    }
}
