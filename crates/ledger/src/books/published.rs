//! The state of a control log that another process writes, from its directory alone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use merkle::VerifierKey;
use record::{Entry, State};
use tokio::sync::watch;

use crate::books::freshness::Sight;
use crate::books::sign_of_life::SignOfLife;
use crate::books::states::{ControlView, apply};
use crate::error::LedgerError;
use crate::other_process::PublishedLog;
use crate::surroundings::Surroundings;

/// Folds what is published.
pub(crate) struct Published {
    log: PublishedLog,
    key: VerifierKey,
    folder: PathBuf,
    surroundings: Surroundings,
    sight: Arc<Sight>,
    /// The time of the latest entry.
    entry_ms: u64,
    sender: watch::Sender<ControlView>,
    /// Nothing after a contradiction is to be trusted.
    is_over: bool,
}

impl Published {
    pub(crate) fn new(
        folder: &Path,
        key: VerifierKey,
        surroundings: &Surroundings,
        sight: Arc<Sight>,
    ) -> (Self, watch::Receiver<ControlView>) {
        let (sender, receiver) = watch::channel(ControlView::of(State::default()));
        let disk = Arc::clone(&surroundings.disk);
        let published = Self {
            log: PublishedLog::new(disk, folder, key.clone()),
            key,
            folder: folder.to_owned(),
            surroundings: surroundings.clone(),
            sight,
            entry_ms: 0,
            sender,
            is_over: false,
        };
        (published, receiver)
    }

    /// Looks once.
    pub(crate) fn look(&mut self) {
        if self.is_over {
            return;
        }
        let trouble = match self.look_again() {
            Ok(()) => None,
            Err(error) => {
                self.is_over = is_final(&error);
                Some(error.to_string())
            }
        };
        if self.is_over {
            self.sight.forget();
        }
        self.sender.send_if_modified(|view| {
            let is_new = view.trouble != trouble;
            view.trouble = trouble;
            is_new
        });
    }

    fn look_again(&mut self) -> Result<(), LedgerError> {
        // The sign first: the log that is read after it is at least as far as the sign says.
        let disk = self.surroundings.disk.as_ref();
        let sign = SignOfLife::read(disk, &self.folder, &self.key)?;
        let mut entries = Vec::new();
        let head = self
            .log
            .look(&mut |index, bytes| entries.push((index, bytes.to_vec())))?;
        self.take(entries)?;
        let alive_ms = match sign {
            Some(sign) if sign.size <= head.size => sign.time_ms,
            Some(sign) => {
                return Err(LedgerError::Tree {
                    cause: format!(
                        "its writer was at {} entries, {} are here",
                        sign.size, head.size
                    ),
                });
            }
            None => 0,
        };
        let shown_ms = alive_ms.max(self.entry_ms);
        self.sight.shows(shown_ms, self.surroundings.clock.now_ms());
        Ok(())
    }

    fn take(&mut self, entries: Vec<(u64, Vec<u8>)>) -> Result<(), LedgerError> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut decoded = Vec::with_capacity(entries.len());
        for (index, bytes) in entries {
            let entry = Entry::decode(&bytes).map_err(|error| LedgerError::Refused {
                reason: format!("entry {index}: {error}"),
            })?;
            self.entry_ms = entry.time_ms;
            decoded.push((index, entry));
        }
        let mut taken = Ok(());
        self.sender.send_modify(|view| {
            taken = apply(&mut view.published, decoded);
            view.durable = Arc::clone(&view.published);
        });
        taken.map_err(|reason| LedgerError::Refused { reason })
    }
}

/// Whether looking again cannot help: what was read is signed and wrong. A file that is missing or
/// half copied may come.
fn is_final(error: &LedgerError) -> bool {
    matches!(
        error,
        LedgerError::Contradiction { .. } | LedgerError::Refused { .. }
    )
}
