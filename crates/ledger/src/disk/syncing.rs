//! A sync that runs while the caller does something else.

use std::fs::File;
use std::io;
use std::sync::mpsc::{Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A sync that was begun. Dropped without having been waited for, its outcome is not known.
#[must_use = "nothing is durable before it was waited for"]
pub struct Syncing(Box<dyn FnOnce() -> io::Result<()> + Send>);

impl Syncing {
    /// `wait` waits for the outcome.
    pub fn new(wait: impl FnOnce() -> io::Result<()> + Send + 'static) -> Self {
        Self(Box::new(wait))
    }

    /// Waits until it is done.
    pub fn wait(self) -> io::Result<()> {
        (self.0)()
    }
}

/// Asks the thread for a sync, and says where the outcome is to go.
type Asking = Sender<SyncSender<io::Result<()>>>;

/// A thread that syncs one file each time it is asked, from the first time until the file is dropped.
#[derive(Default)]
pub(super) struct Beside(Mutex<Option<Asking>>);

impl Beside {
    /// Begins a sync on the thread. Where there is no thread to be had the caller does it.
    pub(super) fn begin(&self, file: &Arc<File>) -> Syncing {
        let (answer, answered) = sync_channel(1);
        let mut asking = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if asking.is_none() {
            *asking = start(Arc::clone(file));
        }
        let is_asked = asking
            .as_ref()
            .is_some_and(|asking| asking.send(answer).is_ok());
        drop(asking);
        if !is_asked {
            let done = file.sync_data();
            return Syncing::new(move || done);
        }
        let gone = |_| Err(io::Error::other("the thread that syncs is gone"));
        Syncing::new(move || answered.recv().unwrap_or_else(gone))
    }
}

fn start(file: Arc<File>) -> Option<Asking> {
    let (asking, asked) = channel::<SyncSender<io::Result<()>>>();
    let run = move || {
        for answer in asked {
            // Whoever asked may have stopped waiting.
            let _ = answer.send(file.sync_data());
        }
    };
    let name = "ledger-sync".to_owned();
    let started = thread::Builder::new().name(name).spawn(run);
    started.is_ok().then_some(asking)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sync_that_is_begun_is_done_once() {
        let file = Arc::new(tempfile::tempfile().unwrap());
        let beside = Beside::default();
        for _ in 0..3 {
            beside.begin(&file).wait().unwrap();
        }
        // One that nobody waits for does not hold up the next.
        drop(beside.begin(&file));
        beside.begin(&file).wait().unwrap();
        // The thread ends with what asks it, and gives the file back.
        drop(beside);
        while Arc::strong_count(&file) > 1 {
            thread::yield_now();
        }
    }
}
