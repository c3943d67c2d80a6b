//! Derives tiles and bundles from the journal and signs checkpoints. No threads in here.
//!
//! The entries are read back from the journal and hashed again, so that what is signed is what lies
//! on the disk; the root must be the one that the writer computed.

use std::sync::{Arc, Mutex, PoisonError};

use merkle::{
    BundleWriter, Checkpoint, SignedCheckpoint, SignerKey, TreeHead, TreeTiles, leaf_hash,
};

use crate::error::LedgerError;
use crate::progress::Board;
use crate::settings::PUT_BYTES_MAX;
use crate::storage::{CHECKPOINT, Journal, Objects, ReadJournal};

/// The latest signed checkpoint, shared with those who collect cosignatures for it. Whoever replaces
/// the `checkpoint` holds the lock.
pub(crate) type Latest = Arc<Mutex<Option<SignedCheckpoint>>>;

/// The one that publishes a log.
pub struct Publisher {
    origin: String,
    signer: SignerKey,
    journal: Arc<dyn Journal>,
    objects: Arc<dyn Objects>,
    board: Board,
    latest: Latest,
    /// What was read back; at most what is durable.
    tree: TreeTiles,
    bundles: BundleWriter,
    reader: Option<Box<dyn ReadJournal>>,
    /// Tiles and bundles that are not put yet.
    pending: Vec<(String, Vec<u8>)>,
    /// Full tiles and bundles, whose partial ones may go once a checkpoint covers them.
    completed: Vec<String>,
}

impl Publisher {
    /// Goes on with a tree and bundles of the size that is published.
    pub(crate) fn new(
        signer: SignerKey,
        journal: Arc<dyn Journal>,
        objects: Arc<dyn Objects>,
        board: Board,
        latest: Latest,
        (tree, bundles): (TreeTiles, BundleWriter),
    ) -> Self {
        Self {
            origin: signer.verifier().name().to_owned(),
            signer,
            journal,
            objects,
            board,
            latest,
            tree,
            bundles,
            reader: None,
            pending: Vec::new(),
            completed: Vec::new(),
        }
    }

    /// Publishes everything up to a head that is durable. Does nothing if that is published already.
    /// After an error it may be called again: what is missing is put again. A head that contradicts
    /// what was published is an error that does not go away.
    pub fn publish(&mut self, head: TreeHead) -> Result<(), LedgerError> {
        let published = self.published();
        if published == Some(head) {
            return Ok(());
        }
        if published.is_some_and(|published| published.size >= head.size) {
            return Err(self.contradiction("a smaller or other tree was to be signed"));
        }
        self.read_up_to(head.size)?;
        if self.tree.frontier().head() != head {
            return Err(
                self.contradiction("the journal's entries do not have the root that was computed")
            );
        }
        self.put()?;
        let checkpoint = Checkpoint::new(&self.origin, head).map_err(LedgerError::tree)?;
        let signed = SignedCheckpoint::sign(checkpoint, &self.signer).map_err(LedgerError::tree)?;
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        self.objects
            .replace(CHECKPOINT, signed.to_string().as_bytes())?;
        *latest = Some(signed);
        drop(latest);
        self.board.published(head.size);
        self.clean_up(head.size)
    }

    fn published(&self) -> Option<TreeHead> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.as_ref().map(|signed| *signed.checkpoint().head())
    }

    fn read_up_to(&mut self, size: u64) -> Result<(), LedgerError> {
        let from = self.tree.frontier().size();
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => self.journal.read_from(from)?,
        };
        let mut bytes = 0;
        while let Some(frame) = reader.next_frame(size)? {
            // The first frame may begin before what is published: it is passed over in part.
            let skip = self.tree.frontier().size().saturating_sub(frame.first);
            for entry in frame
                .entries
                .iter()
                .skip(usize::try_from(skip).unwrap_or(usize::MAX))
            {
                self.tree.push(leaf_hash(entry));
                self.bundles.push(entry).map_err(LedgerError::tree)?;
                bytes += entry.len();
            }
            if bytes > PUT_BYTES_MAX {
                self.put()?;
                bytes = 0;
            }
        }
        // Kept only when all went well: after an error it would miss a frame.
        self.reader = Some(reader);
        Ok(())
    }

    /// Puts what changed. What was taken from the tree stays pending until it is there.
    fn put(&mut self) -> Result<(), LedgerError> {
        let (changed, completed) = names_of(&mut self.tree, &mut self.bundles);
        self.pending.extend(changed);
        self.completed.extend(completed);
        self.objects.put(&self.pending)?;
        self.pending.clear();
        Ok(())
    }

    /// After the checkpoint: partial tiles that full ones replace, segments that bundles replace.
    fn clean_up(&mut self, size: u64) -> Result<(), LedgerError> {
        if !self.completed.is_empty() {
            self.objects.forget_partials(&self.completed)?;
            self.completed.clear();
            self.journal.forget_before(size & !0xff)?;
        }
        Ok(())
    }

    fn contradiction(&self, cause: &str) -> LedgerError {
        LedgerError::Contradiction {
            origin: self.origin.clone(),
            cause: cause.to_owned(),
        }
    }
}

/// The objects that changed, with their names, and the names of those that are full.
pub(crate) fn names_of(
    tree: &mut TreeTiles,
    bundles: &mut BundleWriter,
) -> (Vec<(String, Vec<u8>)>, Vec<String>) {
    let mut completed = Vec::new();
    let mut changed = Vec::new();
    for (path, bytes) in tree.take_changed() {
        if !path.is_partial() {
            completed.push(path.to_string());
        }
        changed.push((path.to_string(), bytes));
    }
    for (path, bytes) in bundles.take_changed() {
        if !path.is_partial() {
            completed.push(path.to_string());
        }
        changed.push((path.to_string(), bytes));
    }
    (changed, completed)
}
