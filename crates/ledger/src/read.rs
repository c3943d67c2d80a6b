//! Reads durable entries in order, wherever they lie: first in bundles, then in the journal.

use std::collections::VecDeque;
use std::sync::Arc;

use merkle::{BUNDLE_WIDTH_MAX, BundlePath, decode_bundle};

use crate::error::LedgerError;
use crate::storage::{Journal, Objects, ReadJournal};

/// A place in a log.
pub(crate) struct EntryReader {
    journal: Arc<dyn Journal>,
    objects: Arc<dyn Objects>,
    reader: Option<Box<dyn ReadJournal>>,
    next: u64,
    read: VecDeque<Vec<u8>>,
}

impl EntryReader {
    pub(crate) fn new(journal: &Arc<dyn Journal>, objects: &Arc<dyn Objects>, from: u64) -> Self {
        Self {
            journal: Arc::clone(journal),
            objects: Arc::clone(objects),
            reader: None,
            next: from,
            read: VecDeque::new(),
        }
    }

    pub(crate) fn next_index(&self) -> u64 {
        self.next
    }

    /// The next entry, if it lies below a size that is durable.
    pub(crate) fn next_entry(&mut self, durable: u64) -> Result<Option<Vec<u8>>, LedgerError> {
        if self.read.is_empty() && self.next < durable {
            self.read_on(durable)?;
        }
        let entry = self.read.pop_front();
        self.next += u64::from(entry.is_some());
        Ok(entry)
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
            Ok(frame) => {
                if let Some(frame) = frame {
                    let skip = usize::try_from(self.next.saturating_sub(frame.first));
                    let skip = skip.unwrap_or(usize::MAX);
                    self.read = frame.entries.into_iter().skip(skip).collect();
                }
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
        let missing = || LedgerError::Tree {
            cause: format!("`{path}` is missing"),
        };
        let bytes = self.objects.read(&path.to_string())?.ok_or_else(missing)?;
        let entries = decode_bundle(&bytes, BUNDLE_WIDTH_MAX).map_err(LedgerError::tree)?;
        let skip = usize::try_from(self.next & 0xff).unwrap_or(0);
        self.read = entries.into_iter().skip(skip).map(<[u8]>::to_vec).collect();
        Ok(())
    }
}
