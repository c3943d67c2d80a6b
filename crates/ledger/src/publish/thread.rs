//! The threads that publish and ask witnesses, each at its own pace.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use merkle::TreeHead;

use crate::commit::{Closing, Queue};
use crate::error::LedgerError;
use crate::progress::{Board, Standing};
use crate::settings::Cadence;

use super::publisher::Publisher;
use super::witness::Witnesses;

/// LIMIT: how long a publisher sleeps at most, so that those whose deadline passed are told.
const TICK: Duration = Duration::from_millis(100);
/// How long it waits after a failure before it tries again.
const RETRY: Duration = Duration::from_millis(500);

/// Wakes a thread that waits for something to happen or a time to come.
#[derive(Default)]
pub(crate) struct Bell {
    state: Mutex<Rung>,
    rings: Condvar,
}

#[derive(Clone, Copy, Default)]
struct Rung {
    has_news: bool,
    is_closing: bool,
}

impl Bell {
    /// Something happened.
    pub(crate) fn ring(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.has_news {
            state.has_news = true;
            self.rings.notify_all();
        }
    }

    /// The last round comes.
    pub(crate) fn close(&self) {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_closing = true;
        self.rings.notify_all();
    }

    /// Waits for news, for the end, or for the time to pass; says which of the first two it was.
    fn wait(&self, time: Duration, for_news: bool) -> Rung {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let goes_on = |rung: &mut Rung| !(rung.is_closing || (for_news && rung.has_news));
        let waited = self.rings.wait_timeout_while(state, time, goes_on);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let rung = *state;
        state.has_news &= !for_news;
        rung
    }
}

/// Publishes until the bell is closed, once more then, and gives the publisher back.
pub(crate) fn publish_loop(
    publisher: &mut Publisher,
    head: &Mutex<TreeHead>,
    bell: &Bell,
    queue: &Arc<Queue>,
    board: &Board,
    cadence: Cadence,
) {
    let mut last: Option<Instant> = None;
    let mut failed = false;
    loop {
        let is_due = match cadence {
            _ if failed => last.is_none_or(|last| last.elapsed() >= RETRY),
            Cadence::EveryCommit => true,
            Cadence::Every(time) => last.is_none_or(|last| last.elapsed() >= time),
        };
        // News is taken only when it is acted on; else it stays for the next round.
        let rung = bell.wait(TICK, is_due);
        queue.expire();
        let has_reason = is_due && (rung.has_news || failed);
        if !rung.is_closing && !has_reason {
            continue;
        }
        let durable = *head.lock().unwrap_or_else(PoisonError::into_inner);
        failed = match publisher.publish(durable) {
            Ok(()) => false,
            Err(error) => {
                trouble(&error, queue, board);
                true
            }
        };
        last = Some(Instant::now());
        if rung.is_closing {
            return;
        }
    }
}

/// What cannot be mended by trying again stops the log; the rest is shown and tried again.
fn trouble(error: &LedgerError, queue: &Arc<Queue>, board: &Board) {
    board.publish_failed(error);
    let is_final = matches!(
        error,
        LedgerError::Contradiction { .. } | LedgerError::Damaged { .. } | LedgerError::Tree { .. }
    );
    if is_final {
        board.stand(Standing::Stopped(error.to_string()));
        queue.close(Closing::Failed(error.clone()));
    }
}

/// Asks the witnesses every so often until the bell is closed, and once more then.
pub(crate) fn witness_loop(witnesses: &mut Witnesses, bell: &Bell, board: &Board, every: Duration) {
    loop {
        let rung = bell.wait(every, false);
        let progress = board.now();
        if progress.published > progress.witnessed
            && let Err(error) = witnesses.ask()
        {
            board.witness_failed(error.to_string());
        }
        if rung.is_closing {
            return;
        }
    }
}
