//! The answers by which a statement was last found to be what it would be now. While the decider would
//! give the same ones, so is the statement, and nothing has to be compared again.

use std::sync::{Arc, Mutex, PoisonError};

use policy::{Decider, Outcome, Permit, Settled};

use crate::enforcer::Moment;

/// What a statement rests on. It may be asked from several threads.
#[derive(Debug, Default)]
pub(crate) struct Standing(Mutex<Option<Arc<Answers>>>);

/// All answers that a statement rests on.
#[derive(Debug)]
pub(crate) struct Answers {
    /// About what the statement asks for: its permit comes from this one.
    pub(crate) ask: Option<Settled>,
    /// About all that it names, and what it may write.
    pub(crate) beside: Vec<Settled>,
}

impl Standing {
    pub(crate) fn keep(&self, answers: Answers) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(answers));
    }

    /// A fresh permit (none for a statement that touches no governed data), if every answer is still
    /// what it was. `None` when all must be asked again.
    pub(crate) fn renew(&self, decider: &Decider, moment: &Moment<'_>) -> Option<Option<Permit>> {
        let answers = {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.as_ref()?)
        };
        let Moment {
            session,
            rights,
            now,
        } = *moment;
        let holds = |settled| decider.still_holds(settled, session, rights, now);
        if !answers.beside.iter().all(holds) {
            return None;
        }
        let Some(ask) = &answers.ask else {
            return Some(None);
        };
        match decider.again(ask, session, rights, now)? {
            Outcome::Permitted(permit) => Some(Some(permit)),
            Outcome::Refused(_) => None,
        }
    }
}
