//! Questions, their answers, and an answer that whoever asked may hold on to, so that asking the same
//! again costs a comparison and no look-up.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Connection, PurposeId, Session, TeamId, Timestamp};

use super::ask::Ask;
use super::decision::{Decision, Outcome, Refused};
use super::permit::Permit;
use super::rights::Rights;
use crate::hash::Hash;

/// Everything an answer depends on besides the bundle and the moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    asker: model::Asker,
    strength: model::Strength,
    connection: Connection,
    purpose: Option<PurposeId>,
    teams_at_most: Option<BTreeSet<TeamId>>,
    ask: Ask,
    rights: Hash,
}

impl Question {
    pub(super) fn new(session: &Session, ask: &Ask, rights: &Rights) -> Self {
        Self {
            asker: session.asker.clone(),
            strength: session.strength,
            connection: session.connection,
            purpose: session.purpose.clone(),
            teams_at_most: session.teams_at_most.clone(),
            ask: ask.clone(),
            rights: rights.hash(),
        }
    }

    /// Whether a session that asks the same would ask this question.
    fn is_of(&self, session: &Session, rights: &Rights) -> bool {
        let Self {
            asker,
            strength,
            connection,
            purpose,
            teams_at_most,
            ask: _,
            rights: known,
        } = self;
        *asker == session.asker
            && *strength == session.strength
            && *connection == session.connection
            && *purpose == session.purpose
            && *teams_at_most == session.teams_at_most
            && *known == rights.hash()
    }
}

/// An answer that may be used again until `until`, from `from` on.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) result: Result<Arc<Decision>, Refused>,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

impl Answered {
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}

/// An answer with its question and the bundle that it was given by. It is no leave to do anything:
/// [`super::Decider::again`] looks whether it still holds.
#[derive(Clone, Debug)]
pub struct Settled {
    pub(super) question: Arc<Question>,
    pub(super) answered: Arc<Answered>,
    pub(super) bundle: Hash,
}

impl Settled {
    /// Whether it is what this session would be answered now, by a bundle.
    pub(super) fn holds(
        &self,
        bundle: &Hash,
        session: &Session,
        rights: &Rights,
        now: Timestamp,
    ) -> bool {
        self.answered.holds(now) && self.bundle == *bundle && self.question.is_of(session, rights)
    }

    pub(super) fn outcome(&self, session: &Session) -> Outcome {
        match &self.answered.result {
            Ok(decision) => {
                Outcome::Permitted(Permit::new(Arc::clone(decision), session.id.clone()))
            }
            Err(refused) => Outcome::Refused(refused.clone()),
        }
    }
}
