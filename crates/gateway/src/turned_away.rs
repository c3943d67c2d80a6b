//! Those who were not let in, recorded without letting them fill the ledger: one entry a second for
//! each reason, with their number.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use model::Refusal;

use crate::gate::Gate;

/// How long others with the same reason are only counted.
const PAUSE: Duration = Duration::from_secs(1);

/// Counts by reason.
#[derive(Default)]
pub(crate) struct TurnedAway(Mutex<HashMap<Refusal, Count>>);

#[derive(Default)]
struct Count {
    waiting: u64,
    claimed: String,
    last: Option<Instant>,
}

impl Gate {
    /// Somebody was not let in.
    pub(crate) fn turn_away(&self, code: Refusal, claimed: &str) {
        let due = {
            let mut table = self
                .turned_away()
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let count = table.entry(code).or_default();
            count.waiting += 1;
            claimed.clone_into(&mut count.claimed);
            count.is_due().then(|| count.take())
        };
        if let Some((count, claimed)) = due {
            self.write_turned_away(code, count, &claimed);
        }
    }

    /// Records those that were only counted, once their pause is over: the end of a burst too.
    pub(crate) fn record_turned_away(&self) {
        self.record_waiting(Count::is_due);
    }

    /// Records all that were only counted: nobody comes any more.
    pub(crate) fn flush_turned_away(&self) {
        self.record_waiting(|_| true);
    }

    fn record_waiting(&self, is_due: impl Fn(&Count) -> bool) {
        let waiting: Vec<(Refusal, (u64, String))> = {
            let mut table = self
                .turned_away()
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let due = table
                .iter_mut()
                .filter(|(_, count)| count.waiting > 0 && is_due(count));
            due.map(|(code, count)| (*code, count.take())).collect()
        };
        for (code, (count, claimed)) in waiting {
            self.write_turned_away(code, count, &claimed);
        }
    }

    fn write_turned_away(&self, code: Refusal, count: u64, claimed: &str) {
        let sizes = self
            .databases()
            .map(|database| database.world().control_size());
        let control_size = sizes.max().unwrap_or(0);
        self.recorder()
            .turned_away(control_size, code, None, count, claimed);
    }
}

impl Count {
    fn is_due(&self) -> bool {
        self.last.is_none_or(|last| last.elapsed() >= PAUSE)
    }

    fn take(&mut self) -> (u64, String) {
        self.last = Some(Instant::now());
        (
            std::mem::take(&mut self.waiting),
            std::mem::take(&mut self.claimed),
        )
    }
}
