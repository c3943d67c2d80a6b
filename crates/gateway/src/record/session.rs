//! One session's part of the access log: its numbers, its open decisions, its bundles.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::Queued;
use model::Refusal;
use record::{AppendError, End, Field, SessionEnding};
use sha2::{Digest as _, Sha256};

use super::decision::Facts;
use super::recorder::{Ended, Recorder, Refusals, Reserving};
use crate::world::World;

/// The numbers of one session. Whoever holds it appends for that session alone.
pub(crate) struct SessionBook {
    recorder: Arc<Recorder>,
    session: u64,
    /// The number of the last statement: a decision or a refusal.
    last: u64,
    refused: Option<Bundle>,
    written: Option<Written>,
    ungoverned: Ungoverned,
}

/// A decision whose outcome is not recorded yet. Whatever becomes of the statement, dropping this
/// records one: there is no way to forget it.
pub(crate) struct Opened {
    recorder: Arc<Recorder>,
    numbers: (u64, u64),
    control_size: u64,
    since: Instant,
    rows: u64,
    bytes: u64,
    is_ended: bool,
}

impl Opened {
    pub(crate) const fn number(&self) -> u64 {
        self.numbers.1
    }

    /// Rows have left.
    pub(crate) const fn count(&mut self, rows: u64, bytes: u64) {
        self.rows = self.rows.saturating_add(rows);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// The decision is not in the log, so nothing follows it.
    pub(crate) fn forget(mut self) {
        self.is_ended = true;
    }

    /// Records what became of it.
    pub(crate) fn end(mut self, end: End, sqlstate: Option<String>, rows_changed: Option<u64>) {
        self.record(end, sqlstate, rows_changed);
    }

    fn record(&mut self, end: End, sqlstate: Option<String>, rows_changed: Option<u64>) {
        self.is_ended = true;
        let ended = Ended {
            rows: self.rows,
            bytes: self.bytes,
            rows_changed,
            took: self.since.elapsed(),
            end,
            sqlstate,
        };
        self.recorder
            .outcome(self.control_size, self.numbers, ended);
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if !self.is_ended {
            self.record(End::Aborted, None, None);
        }
    }
}

/// Refusals of one text, one after the other.
struct Bundle {
    first: u64,
    count: u64,
    code: Refusal,
    text: String,
    detail: String,
    since: Instant,
}

/// Refusals that were written while the session waited for nothing else.
struct Written {
    first: u64,
    count: u64,
    place: Place,
}

/// Where an entry stands in the log.
enum Place {
    /// Not known before it is durable.
    Queued(Queued),
    At(u64),
}

#[derive(Default)]
struct Ungoverned {
    recorded: u64,
    waiting: u64,
    texts: String,
    since: Option<Instant>,
}

/// How long alike refusals, and statements that touch nothing governed, are bundled.
const BUNDLE: Duration = Duration::from_secs(5);
/// LIMIT: statements in one bundle.
const BUNDLE_MAX: u64 = 1_000;
/// LIMIT: what a bundle keeps of their texts.
const BUNDLE_BYTES: usize = 16 * 1024;

impl SessionBook {
    pub(crate) const fn new(recorder: Arc<Recorder>, session: u64) -> Self {
        Self {
            recorder,
            session,
            last: 0,
            refused: None,
            written: None,
            ungoverned: Ungoverned {
                recorded: 0,
                waiting: 0,
                texts: String::new(),
                since: None,
            },
        }
    }

    /// Appends the decision of the next statement.
    pub(crate) fn decide(
        &mut self,
        decided: &policy::Decision,
        facts: &Facts,
        world: &World,
        payloads: Vec<(Field, Vec<u8>)>,
    ) -> Result<(Queued, Opened), AppendError> {
        self.flush_refusals(world.control_size(), false);
        let number = self.last + 1;
        let numbers = (self.session, number);
        let queued = self
            .recorder
            .decision(numbers, decided, facts, world, payloads)?;
        if let Some(error) = queued.refusal() {
            return Err(error);
        }
        self.last = number;
        let opened = Opened {
            recorder: Arc::clone(&self.recorder),
            numbers,
            control_size: world.control_size(),
            since: Instant::now(),
            rows: 0,
            bytes: 0,
            is_ended: false,
        };
        Ok((queued, opened))
    }

    /// The last decision is not in the log; its number is free again. False if later ones took
    /// numbers: the session cannot go on then.
    pub(crate) fn take_back(&mut self, number: u64) -> bool {
        let is_last = self.last == number && self.refused.is_none();
        if is_last {
            self.last -= 1;
        }
        is_last
    }

    /// Reserves more for a decision.
    pub(crate) fn reserve(
        &self,
        control_size: u64,
        opened: &Opened,
        until: (u64, u64),
    ) -> Result<Reserving, AppendError> {
        self.recorder
            .reservation(control_size, opened.numbers, until)
    }

    /// The session's number in the log.
    pub(crate) const fn session(&self) -> u64 {
        self.session
    }

    /// The entry that a refused statement stands in, by its number in the session; `None` where it was
    /// written beside something else, and nobody asked then.
    pub(crate) async fn entry_of_refusal(&mut self, control_size: u64, number: u64) -> Option<u64> {
        self.flush_refusals(control_size, true);
        let written = self.written.take()?;
        let index = match written.place {
            Place::At(index) => index,
            Place::Queued(queued) => queued.await.ok()?.index(),
        };
        self.written = Some(Written {
            place: Place::At(index),
            ..written
        });
        let is_it = (written.first..written.first + written.count).contains(&number);
        is_it.then_some(index)
    }

    /// A statement was refused: its number. Alike ones in a row become one entry.
    pub(crate) fn refuse(
        &mut self,
        control_size: u64,
        code: Refusal,
        text: &str,
        detail: &str,
    ) -> u64 {
        if let Some(bundle) = &mut self.refused
            && bundle.code == code
            && bundle.text == text
            && bundle.count < BUNDLE_MAX
            && bundle.since.elapsed() < BUNDLE
        {
            bundle.count += 1;
            self.last += 1;
            return self.last;
        }
        self.flush_refusals(control_size, false);
        self.last += 1;
        self.refused = Some(Bundle {
            first: self.last,
            count: 1,
            code,
            text: text.to_owned(),
            detail: detail.to_owned(),
            since: Instant::now(),
        });
        self.last
    }

    /// A statement touched nothing governed.
    pub(crate) fn pass(&mut self, control_size: u64, text: &str) {
        let bundle = &mut self.ungoverned;
        bundle.waiting += 1;
        bundle.since.get_or_insert_with(Instant::now);
        if bundle.texts.len() + text.len() < BUNDLE_BYTES {
            bundle.texts.push_str(text);
            bundle.texts.push_str(";\n");
        } else {
            // What is too long to be kept is still named.
            let hash = Sha256::digest(text.as_bytes());
            let line = format!("-- sha256 {hash:x}, {} bytes;\n", text.len());
            bundle.texts.push_str(&line);
        }
        let is_due = bundle.since.is_some_and(|since| since.elapsed() >= BUNDLE);
        let is_full = bundle.waiting >= BUNDLE_MAX || bundle.texts.len() >= BUNDLE_BYTES;
        if is_due || is_full {
            self.flush_ungoverned(control_size);
        }
    }

    /// Writes what is bundled. Called also when the session is silent.
    pub(crate) fn flush(&mut self, control_size: u64) {
        self.flush_refusals(control_size, true);
        self.flush_ungoverned(control_size);
    }

    /// Whether something is bundled.
    pub(crate) const fn is_bundling(&self) -> bool {
        self.refused.is_some() || self.ungoverned.waiting > 0
    }

    /// Ends the session. Its decisions have their outcomes.
    pub(crate) async fn close(
        mut self,
        control_size: u64,
        ending: SessionEnding,
    ) -> Result<(), AppendError> {
        self.flush(control_size);
        let counts = (self.last, self.ungoverned.recorded);
        self.recorder
            .session_end(control_size, self.session, ending, counts)
            .await
    }

    /// Writes refusals. Where nothing else is waited for, their place is kept for who asks.
    fn flush_refusals(&mut self, control_size: u64, is_kept: bool) {
        let Some(bundle) = self.refused.take() else {
            return;
        };
        let refused = Refusals {
            number: bundle.first,
            count: bundle.count,
            code: bundle.code,
            text: &bundle.text,
            detail: &bundle.detail,
        };
        if !is_kept {
            self.written = None;
            return self.recorder.refusal(control_size, self.session, &refused);
        }
        let queued = self
            .recorder
            .refusal_now(control_size, self.session, &refused);
        self.written = queued.map(|queued| Written {
            first: bundle.first,
            count: bundle.count,
            place: Place::Queued(queued),
        });
    }

    fn flush_ungoverned(&mut self, control_size: u64) {
        let bundle = std::mem::take(&mut self.ungoverned);
        self.ungoverned.recorded = bundle.recorded + bundle.waiting;
        if bundle.waiting == 0 {
            return;
        }
        let numbers = (bundle.recorded + 1, bundle.waiting);
        let texts = &bundle.texts;
        self.recorder
            .ungoverned(control_size, self.session, numbers, texts);
    }
}
