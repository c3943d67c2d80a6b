//! What the log takes from outside, so that tests can fix it: disk, clock, random numbers.

use std::sync::{Arc, Mutex, PoisonError};
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

/// The host's random numbers, taken a page at a time: an entry has several salts, and asking for each
/// alone was a fiftieth of a statement's time. Each byte is given out once and wiped.
#[derive(Debug)]
pub struct SystemRandomness {
    system: SystemRandom,
    left: Mutex<Vec<u8>>,
}

/// How much is taken at a time.
const PAGE_BYTES: usize = 4096;

impl SystemRandomness {
    fn new() -> Self {
        Self {
            system: SystemRandom::new(),
            left: Mutex::new(Vec::new()),
        }
    }

    fn ask(&self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        let asked = self.system.fill(bytes);
        asked.map_err(|_| LedgerError::NoRandomness)
    }
}

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        if bytes.len() > PAGE_BYTES / 4 {
            return self.ask(bytes);
        }
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if left.len() < bytes.len() {
            left.clear();
            left.resize(PAGE_BYTES, 0);
            if let Err(error) = self.ask(&mut left) {
                left.clear();
                return Err(error);
            }
        }
        let rest = left.len() - bytes.len();
        for (byte, taken) in bytes.iter_mut().zip(left.iter_mut().skip(rest)) {
            *byte = std::mem::take(taken);
        }
        left.truncate(rest);
        Ok(())
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
            randomness: Arc::new(SystemRandomness::new()),
        }
    }
}
