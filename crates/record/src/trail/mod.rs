//! The fold over an access log: numbers without gaps, reservations that only grow, an outcome for
//! every decision.

mod irregular;
mod session;

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

pub use irregular::Irregular;

use crate::body::{Heartbeat, SchemaSeen, SessionStart, Start, StopReason};
use crate::entry::Entry;
use crate::fixed::Digest;
use crate::kind::{Body, Place};
use crate::name::LogName;
use crate::shape::Shape;
use crate::value::{Value, bytes_of, table, table_value};

table! {
    /// A decision whose outcome is not recorded yet.
    Open {
        /// The index of the decision.
        0 index: u64,
        /// How many rows may have left.
        1 rows_until: u64,
        /// How many bytes may have left.
        2 bytes_until: u64,
    }
}

table! {
    /// A session that is open.
    SessionFacts {
        /// Its number.
        0 number: u64,
        /// The number of its next statement.
        1 next_number: u64,
        /// The number of its next ungoverned statement.
        2 next_ungoverned: u64,
        /// Decisions without outcome, by number.
        3 open: BTreeMap<u64, Open>,
    }
}

/// Everything the fold remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Facts {
    size: u64,
    log: Option<LogName>,
    evaluation: Option<bool>,
    stopped: bool,
    control_size: u64,
    last_session: u64,
    sessions: BTreeMap<u64, SessionFacts>,
    snapshots: BTreeSet<Digest>,
    without_outcome: BTreeSet<u64>,
}

table_value! {
    /// The fold over an access log.
    Facts {
        /// How many entries were applied.
        0 size: u64,
        /// The name of the log.
        1 log: Option<LogName>,
        /// Whether it is an evaluation.
        2 evaluation: Option<bool>,
        /// Whether the writer has stopped.
        3 stopped: bool,
        /// The size of the control log that was cited last.
        4 control_size: u64,
        /// The number of the last session.
        5 last_session: u64,
        /// Sessions that are open.
        6 sessions: BTreeMap<u64, SessionFacts>,
        /// Hashes of the schema snapshots seen.
        7 snapshots: BTreeSet<Digest>,
        /// Indexes of decisions that will never have an outcome.
        8 without_outcome: BTreeSet<u64>,
    }
}

/// What an access log says so far.
///
/// Unlike [`crate::State`] it goes on after something irregular, so that an auditor hears of
/// everything that is wrong and not only of the first thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    facts: Facts,
}

impl Trail {
    /// The form of what is hashed, for the document.
    pub(crate) const SHAPE: &'static Shape = <Facts as Value>::SHAPE;

    /// Applies the entry of the next index.
    ///
    /// # Errors
    /// [`Irregular`], the first that was found in this entry. The entry is applied all the same, as
    /// far as it can be.
    pub fn apply(&mut self, index: u64, entry: &Entry) -> Result<(), Irregular> {
        let whole = self.check_whole(index, entry);
        let body = self.apply_body(index, &entry.body);
        self.facts.size = index.saturating_add(1);
        self.facts.evaluation.get_or_insert(entry.marks.evaluation);
        self.facts.control_size = self.facts.control_size.max(entry.control_size);
        whole.and(body)
    }

    /// SHA-256 of `cordon/trail/v1`, a line feed and the canonical bytes of the fold.
    pub fn hash(&self) -> Digest {
        let mut hasher = Sha256::new();
        hasher.update(b"cordon/trail/v1\n");
        hasher.update(bytes_of(&self.facts));
        Digest::new(hasher.finalize().into())
    }

    /// How many entries were applied.
    pub const fn size(&self) -> u64 {
        self.facts.size
    }

    /// The name of the log, once it has begun.
    pub const fn log(&self) -> Option<&LogName> {
        self.facts.log.as_ref()
    }

    /// The size of the control log that was cited last.
    pub const fn control_size(&self) -> u64 {
        self.facts.control_size
    }

    /// The number of the last session that began; 0 before the first.
    pub const fn last_session(&self) -> u64 {
        self.facts.last_session
    }

    /// How many statements, and how many ungoverned ones, an open session has in the log.
    pub fn counts_of(&self, session: u64) -> Option<(u64, u64)> {
        let facts = self.facts.sessions.get(&session)?;
        let before = |next: u64| next.saturating_sub(1);
        Some((before(facts.next_number), before(facts.next_ungoverned)))
    }

    /// How many sessions are open.
    pub fn open_sessions(&self) -> usize {
        self.facts.sessions.len()
    }

    /// Indexes of decisions whose outcome may still come.
    pub fn open_decisions(&self) -> impl Iterator<Item = u64> {
        let sessions = self.facts.sessions.values();
        sessions.flat_map(|session| session.open.values().map(|open| open.index))
    }

    /// Indexes of decisions whose session ended, or whose writer began anew, before their outcome:
    /// to be reported. What they released is at most what was reserved.
    pub fn without_outcome(&self) -> impl Iterator<Item = u64> {
        self.facts.without_outcome.iter().copied()
    }

    fn check_whole(&self, index: u64, entry: &Entry) -> Result<(), Irregular> {
        let facts = &self.facts;
        if index != facts.size {
            let expected = facts.size;
            return Err(Irregular::Index { expected, index });
        }
        if entry.kind().place == Place::Control {
            return Err(Irregular::NotHere(entry.kind().name));
        }
        let is_start = matches!(entry.body, Body::Start(_));
        if !is_start && facts.log.is_none() {
            return Err(Irregular::NotStarted);
        }
        if !is_start && facts.stopped {
            return Err(Irregular::Stopped);
        }
        let mark = entry.marks.evaluation;
        if facts
            .evaluation
            .is_some_and(|evaluation| evaluation != mark)
        {
            return Err(Irregular::EvaluationMark);
        }
        if entry.control_size < facts.control_size {
            return Err(Irregular::ControlShrank {
                before: facts.control_size,
                now: entry.control_size,
            });
        }
        Ok(())
    }

    fn apply_body(&mut self, index: u64, body: &Body) -> Result<(), Irregular> {
        match body {
            Body::Start(body) => self.start(body),
            Body::Stop(body) => {
                self.facts.stopped = true;
                self.stop(body.reason)
            }
            Body::SessionStart(body) => self.session_start(body),
            Body::SessionEnd(body) => self.session_end(body),
            Body::SchemaSeen(body) => self.schema_seen(body),
            Body::Decision(body) => self.decision(index, body),
            Body::Reservation(body) => self.reservation(body),
            Body::Outcome(body) => self.outcome(body),
            Body::RefusalEntry(body) => self.refusal(body),
            Body::Ungoverned(body) => self.ungoverned(body),
            Body::Heartbeat(body) => self.check_heartbeat(body),
            // Reported already as being in the wrong log.
            Body::RequestEntry(_)
            | Body::Approval(_)
            | Body::Denial(_)
            | Body::Dismissal(_)
            | Body::GrantEntry(_)
            | Body::Revocation(_)
            | Body::BreakGlass(_)
            | Body::BreakGlassReview(_)
            | Body::Constitution(_)
            | Body::People(_)
            | Body::Catalogue(_)
            | Body::Policy(_)
            | Body::LabelChange(_)
            | Body::LogOpen(_)
            | Body::Anchor(_)
            | Body::LogClose(_)
            | Body::LogLost(_)
            | Body::Erasure(_) => Ok(()),
        }
    }

    /// A writer that begins anew knows no session any more.
    fn start(&mut self, body: &Start) -> Result<(), Irregular> {
        let stopped = self.facts.log.is_none() || self.facts.stopped;
        self.facts.stopped = false;
        self.abandon_sessions();
        if stopped != body.clean {
            return Err(Irregular::NotClean {
                is: stopped,
                claimed: body.clean,
            });
        }
        let expected = self.facts.log.get_or_insert_with(|| body.log.clone());
        if *expected == body.log {
            Ok(())
        } else {
            Err(Irregular::OtherLog {
                expected: expected.clone(),
                claimed: body.log.clone(),
            })
        }
    }

    /// A writer that stops as asked has ended its sessions; one that had to stop could not.
    fn stop(&mut self, reason: StopReason) -> Result<(), Irregular> {
        let open = self.facts.sessions.len();
        self.abandon_sessions();
        if reason == StopReason::Asked && open > 0 {
            return Err(Irregular::SessionsLeftOpen(open));
        }
        Ok(())
    }

    fn check_heartbeat(&self, body: &Heartbeat) -> Result<(), Irregular> {
        let Some(claimed) = body.state else {
            return Ok(());
        };
        let is = self.hash();
        if is == claimed {
            Ok(())
        } else {
            Err(Irregular::OtherState { is, claimed })
        }
    }

    fn schema_seen(&mut self, body: &SchemaSeen) -> Result<(), Irregular> {
        self.facts.snapshots.insert(body.snapshot);
        Ok(())
    }

    fn session_start(&mut self, body: &SessionStart) -> Result<(), Irregular> {
        let expected = self.facts.last_session.saturating_add(1);
        self.facts.last_session = self.facts.last_session.max(body.session);
        let session = SessionFacts {
            number: body.session,
            next_number: 1,
            next_ungoverned: 1,
            open: BTreeMap::new(),
        };
        let before = self.facts.sessions.insert(body.session, session);
        if let Some(before) = before {
            self.abandon(&before);
        }
        if body.session == expected {
            Ok(())
        } else {
            Err(Irregular::SessionNumber {
                expected,
                session: body.session,
            })
        }
    }

    fn abandon_sessions(&mut self) {
        for session in std::mem::take(&mut self.facts.sessions).values() {
            self.abandon(session);
        }
    }

    fn abandon(&mut self, session: &SessionFacts) {
        let open = session.open.values().map(|open| open.index);
        self.facts.without_outcome.extend(open);
    }
}
