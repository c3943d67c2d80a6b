//! The two folds as judges of what is appended: the state of the control log, the trail of an access
//! log. Both are shared with the books, which ask them and never change them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use merkle::{Frontier, Hash, TreeHead, leaf_hash};
use record::{Body, Entry, Erasure, Trail};

use crate::recorded::ControlFold;
use crate::submission::{Admission, Fold, Submission};

/// LIMIT: how many entries are applied again after a refusal. Copying the fold once in so many is
/// cheap, and applying so many takes milliseconds.
const REMEMBERED_MAX: usize = 4096;

/// A fold that the committer judges with and others look at.
pub(crate) struct Shared<F>(Arc<Mutex<F>>);

impl<F> Shared<F> {
    pub(crate) fn new(fold: F) -> Self {
        Self(Arc::new(Mutex::new(fold)))
    }

    pub(crate) fn look(&self) -> MutexGuard<'_, F> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F> Clone for Shared<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F: Fold> Fold for Shared<F> {
    fn replay(&mut self, index: u64, entry: &[u8]) -> Result<(), String> {
        self.look().replay(index, entry)
    }

    fn admit(&mut self, index: u64, submission: &Submission) -> Admission {
        self.look().admit(index, submission)
    }
}

/// Judges a control log.
#[derive(Default)]
pub(crate) struct ControlJudge {
    pub(crate) fold: ControlFold,
    /// Whether the last entry was a stop.
    pub(crate) is_stopped: bool,
    /// Orders to destroy payloads, with the index of each.
    pub(crate) orders: Vec<(u64, Erasure)>,
}

impl ControlJudge {
    fn took(&mut self, index: u64, entry: &Entry) {
        self.is_stopped = matches!(entry.body, Body::Stop(_));
        if let Body::Erasure(order) = &entry.body {
            self.orders.push((index, order.clone()));
        }
    }
}

impl Fold for ControlJudge {
    fn replay(&mut self, index: u64, entry: &[u8]) -> Result<(), String> {
        let entry = Entry::decode(entry).map_err(|error| error.to_string())?;
        self.fold.take(index, &entry)?;
        self.took(index, &entry);
        Ok(())
    }

    fn admit(&mut self, index: u64, submission: &Submission) -> Admission {
        let entry = match submission.said() {
            Ok(entry) => entry,
            Err(error) => return Admission::Refused(error.to_string()),
        };
        let judged = self.fold.judge(index, &entry);
        if judged == Admission::New {
            self.took(index, &entry);
        }
        judged
    }
}

/// Judges an access log. An irregular entry of our own writer is a mistake in this program and is
/// refused; one that stands in the log already is for the verifier to report.
pub(crate) struct TrailJudge {
    pub(crate) trail: Trail,
    /// Whether the last entry was a stop.
    pub(crate) is_stopped: bool,
    /// Irregular entries that stood in the log when it was opened.
    pub(crate) irregular: Vec<(u64, String)>,
    /// Why the last irregular entry was refused.
    pub(crate) last_refusal: Option<String>,
    /// The fold as it was before `since`: it has no way back.
    base: Trail,
    since: Vec<(u64, Arc<Entry>)>,
    /// The size at which the log was anchored last, and the tree until then.
    anchored: u64,
    frontier: Frontier,
}

impl TrailJudge {
    /// For a log that was anchored at a size.
    pub(crate) fn new(anchored: u64) -> Self {
        Self {
            trail: Trail::default(),
            is_stopped: false,
            irregular: Vec::new(),
            last_refusal: None,
            base: Trail::default(),
            since: Vec::new(),
            anchored,
            frontier: Frontier::new(),
        }
    }

    /// The root at the anchored size, or that of the whole log if it is shorter.
    pub(crate) fn anchored_head(&self) -> TreeHead {
        if self.anchored == 0 {
            return TreeHead {
                size: 0,
                root: Hash::EMPTY,
            };
        }
        self.frontier.head()
    }

    fn undo(&mut self) {
        self.trail = self.base.clone();
        for (index, entry) in &self.since {
            // Each was regular when it came.
            let _ = self.trail.apply(*index, entry);
        }
    }
}

impl Fold for TrailJudge {
    fn replay(&mut self, index: u64, entry: &[u8]) -> Result<(), String> {
        if index < self.anchored {
            self.frontier.push(leaf_hash(entry));
        }
        let entry = Entry::decode(entry).map_err(|error| error.to_string())?;
        if let Err(irregular) = self.trail.apply(index, &entry) {
            self.irregular.push((index, irregular.to_string()));
        }
        self.is_stopped = matches!(entry.body, Body::Stop(_));
        Ok(())
    }

    fn admit(&mut self, index: u64, submission: &Submission) -> Admission {
        let entry = match submission.said() {
            Ok(entry) => entry,
            Err(error) => return Admission::Refused(error.to_string()),
        };
        if self.since.is_empty() || self.since.len() >= REMEMBERED_MAX {
            self.base = self.trail.clone();
            self.since.clear();
        }
        match self.trail.apply(index, &entry) {
            Ok(()) => {
                self.is_stopped = matches!(entry.body, Body::Stop(_));
                self.since.push((index, entry));
                Admission::New
            }
            Err(irregular) => {
                self.undo();
                let reason = irregular.to_string();
                self.last_refusal = Some(reason.clone());
                Admission::Refused(reason)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use record::{Commitments, Heartbeat, Line, LogName, Marks, Start};

    use super::*;

    fn submission(body: impl Into<Body>) -> Submission {
        let entry = Entry {
            time_ms: 1,
            control_size: 3,
            marks: Marks::default(),
            idempotency: None,
            body: body.into(),
            commitments: Commitments::new(),
        };
        Submission::new(entry.encode().unwrap(), Vec::new()).unwrap()
    }

    fn start(clean: bool) -> Submission {
        submission(Start {
            log: LogName::new("a/cordon/access/g/1").unwrap(),
            build: Line::new("b").unwrap(),
            clean,
            continues: None,
        })
    }

    #[test]
    fn an_irregular_entry_leaves_no_trace_in_the_trail() {
        let mut judge = TrailJudge::new(0);
        assert_eq!(judge.admit(0, &start(true)), Admission::New);
        let beat = |state| {
            submission(Heartbeat {
                open_sessions: 0,
                open_decisions: 0,
                witnessed_size: 0,
                state,
            })
        };
        // Past the number that is remembered, so that the copy is renewed too.
        for index in 1..5000 {
            assert_eq!(judge.admit(index, &beat(None)), Admission::New);
        }
        let before = judge.trail.clone();
        for refused in [start(true), beat(Some(record::Digest::new([1; 32])))] {
            let judged = judge.admit(5000, &refused);
            assert!(matches!(judged, Admission::Refused(_)), "{judged:?}");
            assert_eq!(judge.trail, before);
        }
        assert_eq!(judge.admit(5000, &start(false)), Admission::New);
    }
}
