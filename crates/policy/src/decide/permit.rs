//! The proof that a decision was made: only this crate makes one.

use std::sync::Arc;

use model::{DatasetId, SessionId, Timestamp};

use super::decision::{Decision, InternedView};

/// Leave to run one statement in one session, made by [`super::Decider::decide`] alone.
///
/// Its fields are private and it cannot be copied, so whoever holds one was given it for a
/// decision, once. It is used up by sending the statement.
#[derive(Debug)]
pub struct Permit {
    decision: Arc<Decision>,
    session: SessionId,
}

impl Permit {
    pub(super) const fn new(decision: Arc<Decision>, session: SessionId) -> Self {
        Self { decision, session }
    }

    /// The decision it stands for.
    pub const fn decision(&self) -> &Arc<Decision> {
        &self.decision
    }

    /// The session it was made for.
    pub const fn session(&self) -> &SessionId {
        &self.session
    }

    /// The view of one of the datasets that were asked for.
    pub fn view(&self, dataset: &DatasetId) -> Option<&InternedView> {
        self.decision.views.get(dataset)
    }

    /// Whether it may still be used.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        now < self.decision.valid_until
    }
}
