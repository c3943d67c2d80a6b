//! The runtime that sessions run on. A thread of it that has nothing to do hands the ledger what was
//! queued meanwhile: decisions of all statements that came together share a commit, and a lone one is
//! written while the data store works.

use std::io;
use std::sync::{Arc, OnceLock, Weak};

use gateway::Gate;
use tokio::runtime::{Builder, Runtime};

/// The gate that a runtime works for, once there is one.
#[derive(Clone, Default)]
pub struct WorksFor(Arc<OnceLock<Weak<Gate>>>);

impl WorksFor {
    /// The first gate counts: a runtime works for one.
    pub(super) fn set(&self, gate: &Arc<Gate>) {
        let _ = self.0.set(Arc::downgrade(gate));
    }

    fn rest(&self) {
        if let Some(gate) = self.0.get().and_then(Weak::upgrade) {
            gate.rest();
        }
    }
}

/// A runtime, to be told which gate it works for by [`super::start`].
///
/// # Errors
/// When the system gives no threads.
pub fn runtime() -> io::Result<(Runtime, WorksFor)> {
    let works_for = WorksFor::default();
    let resting = works_for.clone();
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .on_thread_park(move || resting.rest())
        .build()?;
    Ok((runtime, works_for))
}
