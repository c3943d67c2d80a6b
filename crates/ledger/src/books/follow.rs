//! Follows a control log: the state in force, and how fresh that is. One of this process, or that of
//! another of which only the directory is there.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use merkle::VerifierKey;
use tokio::sync::watch;

use crate::books::freshness::{Freshness, Sight};
use crate::books::published::Published;
use crate::books::rounds::Rounds;
use crate::books::states::ControlView;
use crate::error::LedgerError;
use crate::surroundings::Surroundings;

/// A place from which the control log is watched. Copies watch the same.
///
/// In another process only what is published can be trusted, so that both states of the view are the
/// published one there; the control log publishes after every commit.
#[derive(Clone)]
pub struct FollowControl {
    view: watch::Receiver<ControlView>,
    sight: Arc<Sight>,
    /// Looks into the directory, if it is another process's.
    _looking: Option<Arc<Rounds>>,
}

impl FollowControl {
    pub(crate) fn new(view: watch::Receiver<ControlView>, sight: Arc<Sight>) -> Self {
        Self {
            view,
            sight,
            _looking: None,
        }
    }

    /// Follows the control log in a folder, looking so often. It need not be there yet. An entry
    /// that does not follow, or a tree that contradicts itself, ends the following for good: nothing
    /// is fresh then.
    pub fn directory(
        folder: &Path,
        key: VerifierKey,
        surroundings: &Surroundings,
        every: Duration,
    ) -> Result<Self, LedgerError> {
        let sight = Arc::<Sight>::default();
        let (mut published, view) = Published::new(folder, key, surroundings, Arc::clone(&sight));
        let looking = Rounds::start("ledger-follow", every, move || published.look())?;
        Ok(Self {
            view,
            sight,
            _looking: Some(Arc::new(looking)),
        })
    }

    /// What is known now.
    pub fn now(&self) -> ControlView {
        self.view.borrow().clone()
    }

    /// How long ago the control log showed that its writer lives.
    pub fn freshness(&self, now_ms: u64) -> Freshness {
        self.sight.freshness(now_ms)
    }

    /// Waits for a view that was not seen through this copy. None once nothing more will come.
    pub async fn changed(&mut self) -> Option<ControlView> {
        self.view.changed().await.ok()?;
        Some(self.view.borrow_and_update().clone())
    }

    /// Waits until so many entries are published and applied. None if that will not come.
    pub async fn reached(&mut self, control_size: u64) -> Option<ControlView> {
        let is_there = |view: &ControlView| view.control_size() >= control_size;
        let found = self.view.wait_for(is_there).await;
        found.ok().map(|view| view.clone())
    }
}
