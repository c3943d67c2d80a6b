//! The state of the control log in the process that writes it, as it is durable and as it is
//! published: a right is lost with the one and gained with the other (ledger.md, rule 1).

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use record::{Entry, State};
use tokio::sync::watch;

use crate::books::freshness::Sight;
use crate::books::wait::wait_for;
use crate::error::LedgerError;
use crate::progress::{Progress, Standing};
use crate::surroundings::Clock;
use crate::tail::Follow;

/// How often it looks although nothing was told, so that a living log is known to be one.
const TICK: Duration = Duration::from_secs(1);

/// What is known of the control log.
#[derive(Clone, Debug)]
pub struct ControlView {
    pub(crate) durable: Arc<State>,
    pub(crate) published: Arc<State>,
    pub(crate) trouble: Option<String>,
}

impl ControlView {
    pub(crate) fn of(state: State) -> Self {
        let state = Arc::new(state);
        Self {
            durable: Arc::clone(&state),
            published: state,
            trouble: None,
        }
    }

    /// The state after all durable entries: what a right is lost by.
    pub const fn state_durable(&self) -> &Arc<State> {
        &self.durable
    }

    /// The state after all published entries: what a right is gained by. A right must be in both.
    pub const fn state_published(&self) -> &Arc<State> {
        &self.published
    }

    /// Whether a grant may be used at a moment: gained as published, and not lost as durable.
    pub fn grant_is_in_force(&self, grant: u64, now_ms: u64) -> bool {
        let allows = |state: &State| {
            let facts = state.grant(grant);
            facts.is_some_and(|facts| facts.is_in_force(now_ms))
        };
        allows(&self.published) && allows(&self.durable)
    }

    /// What an entry that was decided with this view cites: the published size.
    pub fn control_size(&self) -> u64 {
        self.published.size()
    }

    /// Why the view does not go on, or did not at the last look.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }
}

/// Folds the log from the state that opening gave.
pub(crate) struct States {
    pub(crate) follow: Follow,
    pub(crate) progress: watch::Receiver<Progress>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sight: Arc<Sight>,
    /// Durable entries that are not published yet.
    pub(crate) unpublished: VecDeque<(u64, Entry)>,
}

impl States {
    /// Runs until the log takes no more.
    pub(crate) fn spawn(
        mut self,
        view: ControlView,
    ) -> Result<(watch::Receiver<ControlView>, JoinHandle<()>), LedgerError> {
        let (sender, receiver) = watch::channel(view);
        let name = "ledger-states";
        let spawned = thread::Builder::new().name(name.to_owned()).spawn(move || {
            while self.look(&sender) {
                let _ = wait_for(self.progress.changed(), TICK);
            }
        });
        let thread = spawned.map_err(LedgerError::io("start the thread", name))?;
        Ok((receiver, thread))
    }

    /// Takes what is new; says whether more may come.
    fn look(&mut self, sender: &watch::Sender<ControlView>) -> bool {
        // Before looking, so that what comes between wakes us again.
        let progress = self.progress.borrow_and_update().clone();
        let taken = self.take(&progress, sender);
        if let Err(trouble) = taken {
            self.sight.forget();
            sender.send_modify(|view| view.trouble = Some(trouble));
            return false;
        }
        let is_open = progress.standing == Standing::Open;
        if is_open {
            let now_ms = self.clock.now_ms();
            self.sight.shows(now_ms, now_ms);
        }
        is_open
    }

    fn take(
        &mut self,
        progress: &Progress,
        sender: &watch::Sender<ControlView>,
    ) -> Result<(), String> {
        let mut new = Vec::new();
        while let Some((index, bytes)) = self.follow.ready().map_err(|error| error.to_string())? {
            let entry = Entry::decode(&bytes).map_err(|error| error.to_string())?;
            new.push((index, entry));
        }
        self.unpublished.extend(new.iter().cloned());
        let is_published = |(index, _): &(u64, Entry)| *index < progress.published;
        let count = self.unpublished.partition_point(is_published);
        if new.is_empty() && count == 0 {
            return Ok(());
        }
        let mut taken = Ok(());
        sender.send_modify(|view| {
            let published = self.unpublished.drain(..count);
            taken =
                apply(&mut view.durable, new).and_then(|()| apply(&mut view.published, published));
        });
        taken
    }
}

/// Copies the state only if somebody still looks at it.
pub(crate) fn apply(
    state: &mut Arc<State>,
    entries: impl IntoIterator<Item = (u64, Entry)>,
) -> Result<(), String> {
    let state = Arc::make_mut(state);
    for (index, entry) in entries {
        let applied = state.apply(index, &entry);
        applied.map_err(|error| format!("entry {index} does not follow: {error}"))?;
    }
    Ok(())
}
