//! Connections that have not proved who they are: so many at once in all and from one address, and so
//! many more that wait for their turn. A crowd from one address waits behind itself alone.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// LIMIT: connections that are open and wait, as a multiple of those that are served. Each costs a
/// file and a small task; a thousand honest clients that come at one moment fit.
const ARRIVALS_FACTOR: usize = 5;

/// Everybody who is on the way in.
#[derive(Debug)]
pub(crate) struct Strangers {
    /// Places in all.
    places: Arc<Semaphore>,
    of_one: usize,
    arrivals_max: usize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    arrivals: usize,
    addresses: HashMap<IpAddr, Address>,
}

#[derive(Debug)]
struct Address {
    arrivals: usize,
    places: Arc<Semaphore>,
}

/// Somebody who has come and may wait. They are forgotten when this is dropped.
#[derive(Debug)]
pub(crate) struct Arrival {
    strangers: Arc<Strangers>,
    address: IpAddr,
    places: Arc<Semaphore>,
}

/// A place in which somebody proves who they are.
#[derive(Debug)]
pub(crate) struct Place {
    _of_address: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
    _arrival: Arrival,
}

impl Strangers {
    /// So many places in all, and of one address.
    pub(crate) fn new(places_max: usize, of_one: usize) -> Self {
        let places_max = places_max.clamp(1, Semaphore::MAX_PERMITS / ARRIVALS_FACTOR);
        Self {
            places: Arc::new(Semaphore::new(places_max)),
            of_one: of_one.clamp(1, places_max),
            arrivals_max: places_max * ARRIVALS_FACTOR,
            table: Mutex::default(),
        }
    }

    /// Somebody connects. `None` if too many wait already; of one address at most half of all.
    pub(crate) fn arrive(self: &Arc<Self>, address: IpAddr) -> Option<Arrival> {
        let address = network_of(address);
        let mut table = self.lock();
        if table.arrivals >= self.arrivals_max {
            return None;
        }
        let entry = table.addresses.entry(address).or_insert_with(|| Address {
            arrivals: 0,
            places: Arc::new(Semaphore::new(self.of_one)),
        });
        if entry.arrivals >= self.of_one.max(self.arrivals_max / 2) {
            return None;
        }
        entry.arrivals += 1;
        let places = Arc::clone(&entry.places);
        table.arrivals += 1;
        Some(Arrival {
            strangers: Arc::clone(self),
            address,
            places,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Arrival {
    /// Waits for a place, first among those of the same address, then among all.
    pub(crate) async fn place(self) -> Option<Place> {
        // Nobody closes the semaphores.
        let of_address = Arc::clone(&self.places).acquire_owned().await.ok()?;
        let of_all = Arc::clone(&self.strangers.places).acquire_owned().await;
        Some(Place {
            _of_address: of_address,
            _of_all: of_all.ok()?,
            _arrival: self,
        })
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        let mut table = self.strangers.lock();
        table.arrivals = table.arrivals.saturating_sub(1);
        if let Some(entry) = table.addresses.get_mut(&self.address) {
            entry.arrivals = entry.arrivals.saturating_sub(1);
            if entry.arrivals == 0 {
                table.addresses.remove(&self.address);
            }
        }
    }
}

/// Whose address it is: of IPv6 one customer has at least the last 64 bits to choose from.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn is_placed(arrival: Arrival) -> Option<Place> {
        let mut placing = pin!(arrival.place());
        match placing
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(place) => place,
            Poll::Pending => None,
        }
    }

    #[test]
    fn one_address_takes_its_share_and_leaves_the_rest_to_others() {
        let strangers = Arc::new(Strangers::new(10, 3));
        let place = |text: &str| is_placed(strangers.arrive(address(text)).unwrap());
        let crowd: Vec<Place> = (0..3).map(|_| place("192.0.2.1").unwrap()).collect();
        assert!(place("192.0.2.1").is_none());
        assert!(place("::ffff:192.0.2.1").is_none());
        let others: Vec<Place> = (2..9)
            .map(|n| place(&format!("192.0.2.{n}")).unwrap())
            .collect();
        assert!(place("192.0.2.99").is_none(), "there are ten places");
        drop(others);
        assert!(place("192.0.2.1").is_none());
        drop(crowd);
        assert!(place("192.0.2.1").is_some());
        let table = strangers.lock();
        assert_eq!((table.arrivals, table.addresses.len()), (0, 0));
    }

    #[test]
    fn who_waits_is_counted_too() {
        let strangers = Arc::new(Strangers::new(10, 3));
        let crowd: Vec<Arrival> = (0..25)
            .map(|_| strangers.arrive(address("192.0.2.1")).unwrap())
            .collect();
        assert!(strangers.arrive(address("192.0.2.1")).is_none());
        let others: Vec<Arrival> = (0..25)
            .map(|n| strangers.arrive(address(&format!("192.0.3.{n}"))).unwrap())
            .collect();
        assert!(strangers.arrive(address("192.0.4.1")).is_none());
        drop((crowd, others));
        assert!(strangers.arrive(address("192.0.4.1")).is_some());
    }

    #[test]
    fn an_ipv6_customer_is_one_address() {
        let network = network_of(address("2001:db8:1:2:3:4:5:6"));
        assert_eq!(network, network_of(address("2001:db8:1:2::1")));
        assert_ne!(network, network_of(address("2001:db8:1:3::1")));
        assert_eq!(
            network_of(address("::ffff:192.0.2.1")),
            address("192.0.2.1")
        );
    }
}
