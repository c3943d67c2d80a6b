//! Follows a log from an index on, inside the process that writes it.

use tokio::sync::watch;

use crate::error::LedgerError;
use crate::open::Parts;
use crate::progress::{Progress, Standing};
use crate::read::EntryReader;

/// Durable entries in order, as they come.
pub struct Follow {
    entries: EntryReader,
    progress: watch::Receiver<Progress>,
}

impl Follow {
    pub(crate) fn new(parts: &Parts, from: u64) -> Self {
        Self {
            entries: EntryReader::new(&parts.journal, &parts.objects, from),
            progress: parts.board.watch(),
        }
    }

    /// The index of the next entry, and how many are durable.
    pub fn position(&self) -> (u64, u64) {
        (self.entries.next_index(), self.progress.borrow().durable)
    }

    /// The next entry if it is durable already, with its index.
    pub fn ready(&mut self) -> Result<Option<(u64, Vec<u8>)>, LedgerError> {
        let durable = self.progress.borrow_and_update().durable;
        let index = self.entries.next_index();
        let entry = self.entries.next_entry(durable)?;
        Ok(entry.map(|entry| (index, entry)))
    }

    /// The next entry, waiting for it. None once the log takes no more.
    pub async fn next(&mut self) -> Result<Option<(u64, Vec<u8>)>, LedgerError> {
        loop {
            // Before looking, so that what comes between is not missed.
            let is_open = self.progress.borrow().standing == Standing::Open;
            if let Some(entry) = self.ready()? {
                return Ok(Some(entry));
            }
            if !is_open || self.progress.changed().await.is_err() {
                return Ok(None);
            }
        }
    }
}
