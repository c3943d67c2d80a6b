//! A sync that runs while the caller does something else, where that is worth a thread.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A disk that syncs sooner than this is waited for by the caller: to wake a thread and be woken by it
/// takes as long, and twice the processor. Measured, see `docs/performance.md`.
const WORTH_A_THREAD: Duration = Duration::from_micros(200);

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
pub(super) struct Beside {
    thread: Mutex<Option<Asking>>,
    usual: Arc<Usual>,
}

/// How long a sync of the file usually takes: a mean that follows, in nanoseconds. Zero before the first.
#[derive(Default)]
struct Usual(AtomicU64);

impl Usual {
    fn is_worth_a_thread(&self) -> bool {
        Duration::from_nanos(self.0.load(Ordering::Relaxed)) >= WORTH_A_THREAD
    }

    /// Syncs, and learns how long it took. Only one sync of a file runs at a time.
    fn sync(&self, file: &File) -> io::Result<()> {
        let begun = Instant::now();
        let done = file.sync_data();
        let took = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let before = self.0.load(Ordering::Relaxed);
        let now = (before / 8 * 7).saturating_add(took / 8);
        self.0.store(now, Ordering::Relaxed);
        done
    }
}

impl Beside {
    /// Begins a sync on the thread. On a disk that is quicker than that, and where there is no thread to
    /// be had, it is done here and now.
    pub(super) fn begin(&self, file: &Arc<File>) -> Syncing {
        if !self.usual.is_worth_a_thread() {
            let done = self.usual.sync(file);
            return Syncing::new(move || done);
        }
        self.hand_over(file)
    }

    fn hand_over(&self, file: &Arc<File>) -> Syncing {
        let (answer, answered) = sync_channel(1);
        let mut asking = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if asking.is_none() {
            *asking = start(Arc::clone(file), Arc::clone(&self.usual));
        }
        let is_asked = asking
            .as_ref()
            .is_some_and(|asking| asking.send(answer).is_ok());
        drop(asking);
        if !is_asked {
            let done = self.usual.sync(file);
            return Syncing::new(move || done);
        }
        let gone = |_| Err(io::Error::other("the thread that syncs is gone"));
        Syncing::new(move || answered.recv().unwrap_or_else(gone))
    }
}

fn start(file: Arc<File>, usual: Arc<Usual>) -> Option<Asking> {
    let (asking, asked) = channel::<SyncSender<io::Result<()>>>();
    let run = move || {
        for answer in asked {
            // Whoever asked may have stopped waiting.
            let _ = answer.send(usual.sync(&file));
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
            beside.hand_over(&file).wait().unwrap();
        }
        // One that nobody waits for does not hold up the next.
        drop(beside.hand_over(&file));
        beside.hand_over(&file).wait().unwrap();
        // The thread ends with what asks it, and gives the file back.
        drop(beside);
        while Arc::strong_count(&file) > 1 {
            thread::yield_now();
        }
    }

    #[test]
    fn a_slow_disk_is_worth_a_thread_and_a_quick_one_is_not() {
        let file = Arc::new(tempfile::tempfile().unwrap());
        let beside = Beside::default();
        let is_threaded = |beside: &Beside| beside.thread.lock().unwrap().is_some();
        beside.usual.0.store(1, Ordering::Relaxed);
        beside.begin(&file).wait().unwrap();
        assert!(!is_threaded(&beside));
        beside.usual.0.store(10_000_000, Ordering::Relaxed);
        beside.begin(&file).wait().unwrap();
        assert!(is_threaded(&beside));
        // What it took counts an eighth.
        assert!(beside.usual.0.load(Ordering::Relaxed) >= 8_750_000);
    }
}
