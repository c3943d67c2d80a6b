//! The live sessions: how many there are, and whose statement a cancel request is about.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::Asker;
use postgres::Canceller;
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use wire::Cancel;

/// Every session of a gateway.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<Table>);

#[derive(Default)]
struct Table {
    last: u32,
    sessions: HashMap<u32, Entry>,
    askers: HashMap<Asker, usize>,
}

struct Entry {
    cancel: Cancel,
    canceller: Option<Canceller>,
    /// Cancels that may be under way.
    cancels: Arc<Semaphore>,
}

/// One session's place among them; it leaves when this is dropped.
pub(crate) struct Live {
    sessions: Arc<Sessions>,
    asker: Asker,
    cancel: Cancel,
}

/// How long a cancel may take to reach the server.
const PATIENCE: Duration = Duration::from_secs(10);
/// LIMIT: cancels of one session under way at once; each is a connection to the data store.
const CANCELS_MAX: usize = 4;

impl Sessions {
    /// Gives a session its number and secret; `None` if there are too many already.
    pub(crate) fn enter(
        self: &Arc<Self>,
        asker: &Asker,
        (sessions_max, asker_max): (usize, usize),
        key_bytes: usize,
    ) -> Option<Live> {
        let mut key = vec![0; key_bytes];
        SystemRandom::new().fill(&mut key).ok()?;
        let mut table = self.lock();
        let of_asker = table.askers.get(asker).copied().unwrap_or(0);
        if table.sessions.len() >= sessions_max || of_asker >= asker_max {
            return None;
        }
        // Numbers come round only after all others.
        let number = loop {
            table.last = table.last.wrapping_add(1) & 0x7fff_ffff;
            if table.last != 0 && !table.sessions.contains_key(&table.last) {
                break table.last;
            }
        };
        let cancel = Cancel::new(number, &key).ok()?;
        let entry = Entry {
            cancel: cancel.clone(),
            canceller: None,
            cancels: Arc::new(Semaphore::new(CANCELS_MAX)),
        };
        table.sessions.insert(number, entry);
        *table.askers.entry(asker.clone()).or_default() += 1;
        Some(Live {
            asker: asker.clone(),
            sessions: Arc::clone(self),
            cancel,
        })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().sessions.len()
    }

    /// Cancels what a session runs, if the secret is right. The answer is the same in any case: none.
    /// Whether it was right is for counting alone.
    pub(crate) async fn cancel(&self, wanted: &Cancel) -> bool {
        let (canceller, place) = {
            let table = self.lock();
            let entry = table.sessions.get(&wanted.process()).filter(|entry| {
                // Of hashes, how long a comparison takes tells nothing about the secret.
                Sha256::digest(entry.cancel.key()) == Sha256::digest(wanted.key())
            });
            let Some(entry) = entry else {
                return false;
            };
            let place = Arc::clone(&entry.cancels).try_acquire_owned().ok();
            (entry.canceller.clone(), place)
        };
        if let (Some(canceller), Some(_place)) = (canceller, place)
            && let Err(error) = canceller.cancel(PATIENCE).await
        {
            tracing::warn!(%error, "a cancel did not reach the data store");
        }
        true
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    /// What the client needs to cancel.
    pub(crate) const fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// The session's number as SQL has it.
    pub(crate) fn process_signed(&self) -> i32 {
        i32::try_from(self.cancel.process()).unwrap_or(i32::MAX)
    }

    /// The session works with this link now.
    pub(crate) fn has_link(&self, canceller: Option<Canceller>) {
        if let Some(entry) = self
            .sessions
            .lock()
            .sessions
            .get_mut(&self.cancel.process())
        {
            entry.canceller = canceller;
        }
    }

    /// The session has no link.
    pub(crate) fn forget_link(&self) {
        self.has_link(None);
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let mut table = self.sessions.lock();
        table.sessions.remove(&self.cancel.process());
        if let Some(count) = table.askers.get_mut(&self.asker) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                table.askers.remove(&self.asker);
            }
        }
    }
}
