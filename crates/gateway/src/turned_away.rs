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
            let is_due = count.last.is_none_or(|last| last.elapsed() >= PAUSE);
            is_due.then(|| count.take())
        };
        if let Some((count, claimed)) = due {
            self.record_turned_away(code, count, &claimed);
        }
    }

    /// Records those that were only counted.
    pub(crate) fn flush_turned_away(&self) {
        let waiting: Vec<(Refusal, (u64, String))> = {
            let mut table = self
                .turned_away()
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let due = table.iter_mut().filter(|(_, count)| count.waiting > 0);
            due.map(|(code, count)| (*code, count.take())).collect()
        };
        for (code, (count, claimed)) in waiting {
            self.record_turned_away(code, count, &claimed);
        }
    }

    fn record_turned_away(&self, code: Refusal, count: u64, claimed: &str) {
        let sizes = self
            .databases()
            .map(|database| database.world().control_size());
        let control_size = sizes.max().unwrap_or(0);
        self.recorder()
            .turned_away(control_size, code, None, count, claimed);
    }
}

impl Count {
    fn take(&mut self) -> (u64, String) {
        self.last = Some(Instant::now());
        (
            std::mem::take(&mut self.waiting),
            std::mem::take(&mut self.claimed),
        )
    }
}
