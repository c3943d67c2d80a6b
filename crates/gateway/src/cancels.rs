//! How many cancel requests an address may send: their secrets must not be guessed, and each that is
//! right costs a connection to the data store.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::strangers::network_of;

/// LIMIT: wrong cancel requests of one address at once. People press a key now and then, and programs
/// that end cancel a pool's worth of statements.
const BURST: u32 = 100;
/// LIMIT: after those, one in so much time. A secret of four bytes then takes centuries to guess.
const PAUSE: Duration = Duration::from_millis(100);
/// LIMIT: addresses that are remembered. Beyond them all others share one.
const ADDRESSES_MAX: usize = 10_000;
/// Whom those share with that are too many to remember.
const OTHERS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);

/// What each address has left.
#[derive(Debug, Default)]
pub(crate) struct Cancels(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    addresses: HashMap<IpAddr, Left>,
    /// When those that have all left were last forgotten.
    swept: Option<Instant>,
}

#[derive(Debug)]
struct Left {
    requests: u32,
    /// Since when what is left grows again.
    since: Instant,
}

impl Cancels {
    /// Whether a request of this address is looked at. It counts as wrong until it is given back.
    pub(crate) fn take(&self, address: IpAddr, now: Instant) -> bool {
        let mut table = self.lock();
        let address = table.known(network_of(address), now);
        let left = table.addresses.entry(address).or_insert(Left {
            requests: BURST,
            since: now,
        });
        left.grow(now);
        if left.requests == 0 {
            return false;
        }
        left.requests -= 1;
        true
    }

    /// A request of this address was right.
    pub(crate) fn give_back(&self, address: IpAddr) {
        let mut table = self.lock();
        let address = network_of(address);
        if let Some(left) = table.addresses.get_mut(&address) {
            left.requests = BURST.min(left.requests + 1);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// The entry of an address: its own, if there is room.
    fn known(&mut self, address: IpAddr, now: Instant) -> IpAddr {
        if self.addresses.len() >= ADDRESSES_MAX && !self.addresses.contains_key(&address) {
            self.sweep(now);
            if self.addresses.len() >= ADDRESSES_MAX {
                return OTHERS;
            }
        }
        address
    }

    /// Forgets who has all left; not more often than that can change something.
    fn sweep(&mut self, now: Instant) {
        let is_due = self
            .swept
            .is_none_or(|at| now.saturating_duration_since(at) >= PAUSE);
        if is_due {
            self.swept = Some(now);
            self.addresses.retain(|_, left| {
                left.grow(now);
                left.requests < BURST
            });
        }
    }
}

impl Left {
    fn grow(&mut self, now: Instant) {
        let pauses = now.saturating_duration_since(self.since).as_millis() / PAUSE.as_millis();
        let more = u32::try_from(pauses).unwrap_or(u32::MAX).min(BURST);
        self.requests = BURST.min(self.requests + more);
        self.since = if self.requests == BURST {
            now
        } else {
            self.since + PAUSE * more
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(0x0a00_0000 + n).into()
    }

    #[test]
    fn wrong_requests_run_out_and_right_ones_do_not() {
        let cancels = Cancels::default();
        let now = Instant::now();
        for _ in 0..5 * BURST {
            assert!(cancels.take(address(1), now));
            cancels.give_back(address(1));
        }
        for _ in 0..BURST {
            assert!(cancels.take(address(1), now));
        }
        assert!(!cancels.take(address(1), now));
        assert!(cancels.take(address(2), now), "others are not concerned");
        let later = now + PAUSE * 3;
        let taken = (0..10).filter(|_| cancels.take(address(1), later)).count();
        assert_eq!(taken, 3);
        let much_later = now + PAUSE * 10 * BURST;
        let taken = (0..5 * BURST).filter(|_| cancels.take(address(1), much_later));
        assert_eq!(taken.count(), BURST as usize);
    }

    #[test]
    fn many_addresses_do_not_fill_the_memory() {
        let cancels = Cancels::default();
        let now = Instant::now();
        for n in 0..3 * ADDRESSES_MAX {
            cancels.take(address(u32::try_from(n).unwrap()), now);
        }
        assert_eq!(cancels.lock().addresses.len(), ADDRESSES_MAX + 1);
        // Those that are full again are forgotten.
        assert!(cancels.take(address(1 << 20), now + PAUSE * 2));
        assert_eq!(cancels.lock().addresses.len(), 2);
    }
}
