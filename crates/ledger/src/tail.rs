//! Follows a log from an index on, inside the process that writes it.

use std::collections::VecDeque;
use std::sync::Arc;

use merkle::{BUNDLE_WIDTH_MAX, BundlePath, decode_bundle};
use tokio::sync::watch;

use crate::error::LedgerError;
use crate::open::Parts;
use crate::progress::{Progress, Standing};
use crate::storage::{Journal, Objects, ReadJournal};

/// Durable entries in order, as they come.
pub struct Follow {
    journal: Arc<dyn Journal>,
    objects: Arc<dyn Objects>,
    progress: watch::Receiver<Progress>,
    reader: Option<Box<dyn ReadJournal>>,
    next: u64,
    read: VecDeque<Vec<u8>>,
}

impl Follow {
    pub(crate) fn new(parts: &Parts, from: u64) -> Self {
        Self {
            journal: Arc::clone(&parts.journal),
            objects: Arc::clone(&parts.objects),
            progress: parts.board.watch(),
            reader: None,
            next: from,
            read: VecDeque::new(),
        }
    }

    /// The index of the next entry, and how many are durable.
    pub fn position(&self) -> (u64, u64) {
        (self.next, self.progress.borrow().durable)
    }

    /// The next entry if it is durable already, with its index.
    pub fn ready(&mut self) -> Result<Option<(u64, Vec<u8>)>, LedgerError> {
        let durable = self.progress.borrow_and_update().durable;
        if self.read.is_empty() && self.next < durable {
            self.read_on(durable)?;
        }
        Ok(self.read.pop_front().map(|entry| {
            self.next += 1;
            (self.next - 1, entry)
        }))
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

    fn read_on(&mut self, durable: u64) -> Result<(), LedgerError> {
        if self.reader.is_none() && self.next < self.journal.first() {
            return self.read_bundle();
        }
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => self.journal.read_from(self.next)?,
        };
        match reader.next_frame(durable) {
            Ok(Some(frame)) => {
                let skip =
                    usize::try_from(self.next.saturating_sub(frame.first)).unwrap_or(usize::MAX);
                self.read = frame.entries.into_iter().skip(skip).collect();
                self.reader = Some(reader);
                Ok(())
            }
            Ok(None) => {
                self.reader = Some(reader);
                Ok(())
            }
            // The segment went while we were between two of its frames; its bundles are there.
            Err(_) if self.next < self.journal.first() => self.read_bundle(),
            Err(error) => Err(error),
        }
    }

    fn read_bundle(&mut self) -> Result<(), LedgerError> {
        let path = BundlePath::new(self.next >> 8, BUNDLE_WIDTH_MAX).map_err(LedgerError::tree)?;
        let bytes = self.objects.read(&path.to_string())?;
        let missing = || LedgerError::Tree {
            cause: format!("`{path}` is missing"),
        };
        let bytes = bytes.ok_or_else(missing)?;
        let entries = decode_bundle(&bytes, BUNDLE_WIDTH_MAX).map_err(LedgerError::tree)?;
        let skip = usize::try_from(self.next & 0xff).unwrap_or(0);
        self.read = entries.into_iter().skip(skip).map(<[u8]>::to_vec).collect();
        Ok(())
    }
}
