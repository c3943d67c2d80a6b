//! A thread that does something every so often until it is dropped.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::error::LedgerError;

/// A running thread. Dropping it waits for the round that runs.
pub(crate) struct Rounds {
    ending: Arc<Ending>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Ending {
    has_come: Mutex<bool>,
    changed: Condvar,
}

impl Rounds {
    /// Does the first round at once.
    pub(crate) fn start(
        name: &str,
        every: Duration,
        mut round: impl FnMut() + Send + 'static,
    ) -> Result<Self, LedgerError> {
        let ending = Arc::new(Ending::default());
        let watched = Arc::clone(&ending);
        let spawned = thread::Builder::new().name(name.to_owned()).spawn(move || {
            loop {
                round();
                if watched.comes_within(every) {
                    return;
                }
            }
        });
        let thread = spawned.map_err(LedgerError::io("start the thread", name))?;
        Ok(Self {
            ending,
            thread: Some(thread),
        })
    }
}

impl Ending {
    fn comes_within(&self, time: Duration) -> bool {
        let has_come = self.has_come.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .changed
            .wait_timeout_while(has_come, time, |has_come| !*has_come);
        let (has_come, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *has_come
    }
}

impl Drop for Rounds {
    fn drop(&mut self) {
        let mut has_come = self
            .ending
            .has_come
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *has_come = true;
        drop(has_come);
        self.ending.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // What it could not do is told where it is asked for, not by its panic.
            let _ = thread.join();
        }
    }
}
