//! What the log takes from outside, so that tests can fix it: disk, clock, random numbers.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom, SystemRandom};

use crate::disk::{Disk, RealDisk};
use crate::error::LedgerError;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970, UTC. It may jump; the log never orders anything by it.
    fn now_ms(&self) -> u64;
}

/// Gives random bytes.
pub trait Randomness: Send + Sync {
    /// Fills a buffer with bytes that nobody can guess.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), LedgerError>;
}

/// The host's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| {
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        })
    }
}

/// The host's random numbers.
#[derive(Clone, Debug)]
pub struct SystemRandomness(SystemRandom);

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        self.0.fill(bytes).map_err(|_| LedgerError::NoRandomness)
    }
}

/// All that the log takes from outside.
#[derive(Clone)]
pub struct Surroundings {
    /// Where it writes.
    pub disk: Arc<dyn Disk>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where salts, keys and segment numbers come from.
    pub randomness: Arc<dyn Randomness>,
}

impl Surroundings {
    /// The real ones.
    pub fn real() -> Self {
        Self {
            disk: Arc::new(RealDisk),
            clock: Arc::new(SystemClock),
            randomness: Arc::new(SystemRandomness(SystemRandom::new())),
        }
    }
}
