//! How old a view of the control log is, and what may still be done with it. Enforcing it is the
//! gateway's.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// How long ago the control log showed for the last time that its writer lives and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// The age, in milliseconds. `u64::MAX` if nothing was ever shown, or if the log contradicts
    /// itself.
    pub age_ms: u64,
}

impl Freshness {
    /// How long a gateway uses grants without news of the control log (ledger.md, rule 3).
    pub const LEASE: Duration = Duration::from_secs(10);
    /// How long it goes on with views that need no grant.
    pub const WITHOUT_GRANTS: Duration = Duration::from_secs(5 * 60);

    /// Whether grants may be used. Without it every grant lapses.
    pub fn holds(&self, lease: Duration) -> bool {
        self.is_within(lease)
    }

    /// Whether views that need no grant may still be given.
    pub fn allows_without_grants(&self, bound: Duration) -> bool {
        self.is_within(bound)
    }

    fn is_within(&self, bound: Duration) -> bool {
        u128::from(self.age_ms) <= bound.as_millis()
    }
}

/// When the control log was seen alive, by its clock and by ours.
///
/// A writer whose clock is ahead must not look alive after its death, and a copy that stands still
/// must not look fresh because somebody has just read it; so the older of the two counts.
#[derive(Debug, Default)]
pub(crate) struct Sight {
    shown_ms: AtomicU64,
    seen_ms: AtomicU64,
    is_forgotten: AtomicBool,
}

impl Sight {
    /// The log showed a time of its own; it counts if it is another than the one before. That it may
    /// be an earlier one lets a clock be set back; an old time is old all the same.
    pub(crate) fn shows(&self, shown_ms: u64, now_ms: u64) {
        if self.shown_ms.swap(shown_ms, Ordering::AcqRel) != shown_ms {
            self.seen_ms.store(now_ms, Ordering::Release);
        }
    }

    /// Nothing that was or will be shown counts any more.
    pub(crate) fn forget(&self) {
        self.is_forgotten.store(true, Ordering::Release);
    }

    pub(crate) fn freshness(&self, now_ms: u64) -> Freshness {
        let seen_ms = self.seen_ms.load(Ordering::Acquire);
        if seen_ms == 0 || self.is_forgotten.load(Ordering::Acquire) {
            return Freshness { age_ms: u64::MAX };
        }
        let oldest = seen_ms.min(self.shown_ms.load(Ordering::Acquire));
        Freshness {
            age_ms: now_ms.saturating_sub(oldest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Freshness::LEASE;

    #[test]
    fn a_lease_holds_for_ten_seconds_and_views_without_grants_for_five_minutes() {
        for (age_ms, lease, views) in [
            (0, true, true),
            (10_000, true, true),
            (10_001, false, true),
            (300_000, false, true),
            (300_001, false, false),
            (u64::MAX, false, false),
        ] {
            let freshness = Freshness { age_ms };
            assert_eq!(freshness.holds(LEASE), lease, "{age_ms}");
            let bound = Freshness::WITHOUT_GRANTS;
            assert_eq!(freshness.allows_without_grants(bound), views, "{age_ms}");
        }
    }

    #[test]
    fn the_older_of_the_two_clocks_counts() {
        let sight = Sight::default();
        assert!(!sight.freshness(5).holds(LEASE), "nothing was seen");
        // A copy that stands still, read just now.
        sight.shows(1_000, 900_000);
        assert_eq!(sight.freshness(900_000).age_ms, 899_000);
        // A writer whose clock is an hour ahead, and then dies.
        sight.shows(4_500_000, 900_000);
        sight.shows(4_500_000, 950_000);
        assert_eq!(sight.freshness(950_000).age_ms, 50_000);
        sight.forget();
        sight.shows(5_000_000, 5_000_000);
        assert_eq!(sight.freshness(5_000_000).age_ms, u64::MAX);
    }
}
