//! Commits a batch: payloads and entries, one wait for both, then the answer. One writer per log.

use std::sync::{Arc, Mutex, PoisonError};

use merkle::{Frontier, Hash, TreeHead, leaf_hash};

use crate::directory::Reserve;
use crate::error::LedgerError;
use crate::frame::Frame;
use crate::payload::Vault;
use crate::progress::{Board, Standing};
use crate::read::EntryReader;
use crate::storage::{Journal, Objects};
use crate::submission::{Admission, Fold, Receipt, Submission};
use crate::surroundings::Clock;

/// Makes the log's last entry when the disk is full: it gets the time and the index, and gives the
/// entry's bytes. None writes no entry.
pub type Notice = Box<dyn FnMut(u64, u64) -> Option<Vec<u8>> + Send>;

/// The one that appends to a log.
pub struct Writer {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) vault: Arc<Mutex<Vault>>,
    pub(crate) frontier: Frontier,
    pub(crate) objects: Arc<dyn Objects>,
    pub(crate) fold: Box<dyn Fold>,
    pub(crate) reserve: Reserve,
    pub(crate) board: Board,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) notice: Notice,
    /// Shared with the publisher: what is durable.
    pub(crate) head: Arc<Mutex<TreeHead>>,
    /// Nobody else may open the log while it can be written to.
    pub(crate) _lock: Arc<dyn Send + Sync>,
}

impl Writer {
    /// Makes a batch durable. The answers are in the order of the batch, one for each submission: its
    /// place, or why the fold refused it. An error means that the log takes no more; nothing of the
    /// batch was acknowledged, and after [`LedgerError::DiskFull`] nothing of it is kept.
    pub fn commit(
        &mut self,
        batch: &[Submission],
    ) -> Result<Vec<Result<Receipt, LedgerError>>, LedgerError> {
        self.must_stand()?;
        let mut admitted = Vec::new();
        let mut answers = Vec::with_capacity(batch.len());
        let first = self.frontier.size();
        for submission in batch {
            let index = first + admitted.len() as u64;
            let leaf = submission.leaf();
            answers.push(match self.fold.admit(index, submission) {
                Admission::New => {
                    admitted.push((submission, leaf));
                    Ok(Receipt { index, leaf })
                }
                Admission::Duplicate(index) => Ok(Receipt {
                    index,
                    leaf: self.leaf_of(index, first, &admitted)?,
                }),
                Admission::Refused(reason) => Err(LedgerError::Refused { reason }),
            });
        }
        if admitted.is_empty() {
            return Ok(answers);
        }
        let mut frontier = self.frontier.clone();
        for (_, leaf) in &admitted {
            frontier.push(*leaf);
        }
        let submissions = || admitted.iter().map(|(submission, _)| *submission);
        match self.make_durable(
            first,
            &frontier,
            submissions().map(Submission::entry),
            submissions(),
        ) {
            Ok(()) => {
                self.settle(frontier);
                Ok(answers)
            }
            Err(LedgerError::DiskFull { path }) => {
                self.say_full();
                Err(LedgerError::DiskFull { path })
            }
            Err(error) => {
                self.board.stand(Standing::Stopped(error.to_string()));
                Err(error)
            }
        }
    }

    /// The leaf of an entry that is durable or stands earlier in this batch. A repeated entry may have
    /// another time and other salts than the first, and the first is what stands.
    fn leaf_of(
        &self,
        index: u64,
        first: u64,
        admitted: &[(&Submission, Hash)],
    ) -> Result<Hash, LedgerError> {
        if let Some(at) = index.checked_sub(first) {
            let earlier = usize::try_from(at).ok().and_then(|at| admitted.get(at));
            let size = first + admitted.len() as u64;
            let (_, leaf) = earlier.ok_or(LedgerError::NoEntry { index, size })?;
            return Ok(*leaf);
        }
        let mut reader = EntryReader::new(&self.journal, &self.objects, index);
        let entry = reader.next_entry(first)?;
        entry
            .map(|entry| leaf_hash(&entry))
            .ok_or(LedgerError::NoEntry { index, size: first })
    }

    /// What is durable.
    pub fn head(&self) -> TreeHead {
        self.frontier.head()
    }

    fn must_stand(&self) -> Result<(), LedgerError> {
        match self.board.now().standing {
            Standing::Open => Ok(()),
            Standing::Full => Err(LedgerError::Stopped {
                cause: "the disk is full".to_owned(),
            }),
            Standing::Stopped(cause) => Err(LedgerError::Stopped { cause }),
            Standing::Closed => Err(LedgerError::Closed),
        }
    }

    /// Writes payloads, then the frame of their entries, and waits for both at the same time. A crash
    /// may keep either without the other; nobody was answered then, and opening the log removes what
    /// was kept alone.
    fn make_durable<'a>(
        &mut self,
        first: u64,
        frontier: &Frontier,
        entries: impl Iterator<Item = &'a [u8]>,
        submissions: impl Iterator<Item = &'a Submission>,
    ) -> Result<(), LedgerError> {
        let mut vault = self.vault.lock().unwrap_or_else(PoisonError::into_inner);
        let written = vault.write(first, submissions.map(Submission::payloads))?;
        let frame = Frame {
            first,
            entries: entries.map(<[u8]>::to_vec).collect(),
            payloads: written.as_ref().map(|written| written.range),
            size: frontier.size(),
            root: *frontier.root().bytes(),
        };
        let appended = self.journal.append(&frame);
        // Waited for in any case. Its failure counts first: a full disk is survived, this is not.
        let settled = written.map_or(Ok(()), |written| vault.settle(written));
        settled.and(appended)?;
        vault.keep();
        Ok(())
    }

    fn settle(&mut self, frontier: Frontier) {
        self.frontier = frontier;
        let head = self.frontier.head();
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = head;
        self.board.durable(head.size, self.clock.now_ms());
    }

    /// Gives the reserve up for one last entry. Whatever fails here, the log takes no more.
    fn say_full(&mut self) {
        let said = self.write_notice();
        self.board.stand(match said {
            Ok(()) => Standing::Full,
            Err(error) => Standing::Stopped(error.to_string()),
        });
    }

    fn write_notice(&mut self) -> Result<(), LedgerError> {
        let undone = self
            .vault
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .undo();
        undone?;
        self.journal.give_back()?;
        self.reserve.release()?;
        let index = self.frontier.size();
        let Some(entry) = (self.notice)(self.clock.now_ms(), index) else {
            return Ok(());
        };
        let submission = Submission::new(entry, Vec::new())?;
        let mut frontier = self.frontier.clone();
        frontier.push(submission.leaf());
        let entries = std::iter::once(submission.entry());
        self.make_durable(index, &frontier, entries, std::iter::once(&submission))?;
        self.settle(frontier);
        Ok(())
    }
}
