//! Follows a log from another process: what is published, read from the directory, trusted by nobody.
//!
//! Only published entries are seen. What is durable and not published yet may be read in the process
//! that writes the log alone, because no other can know which of the bytes it sees were synced.

use std::path::Path;
use std::sync::Arc;

use merkle::{
    BUNDLE_WIDTH_MAX, Frontier, SignedCheckpoint, TreeHead, VerifierKey, bundles_changed,
    decode_bundle, leaf_hash,
};

use crate::directory::DirectoryObjects;
use crate::disk::Disk;
use crate::error::LedgerError;
use crate::storage::{CHECKPOINT, Objects};

/// A published log as somebody sees it who has its directory and its verifier key.
///
/// Every entry is hashed as it is read, and each checkpoint must have the root of all entries read so
/// far: a log that was changed or cut behind our back is noticed at the next look.
pub struct PublishedLog {
    objects: DirectoryObjects,
    key: VerifierKey,
    frontier: Frontier,
    published: u64,
}

impl PublishedLog {
    /// Begins with the first entry of the log in a folder.
    pub fn new(disk: Arc<dyn Disk>, folder: &Path, key: VerifierKey) -> Self {
        Self {
            objects: DirectoryObjects::new(disk, folder),
            key,
            frontier: Frontier::new(),
            published: 0,
        }
    }

    /// How many entries were read, and how many were published at the last look.
    pub fn progress(&self) -> (u64, u64) {
        (self.frontier.size(), self.published)
    }

    /// Looks once: shows every entry that was published since the last look, in order, and only after
    /// all of them have the signed root. Gives the head that is reached. An error leaves the place
    /// where it was; a contradiction does not go away.
    pub fn look(&mut self, visit: &mut dyn FnMut(u64, &[u8])) -> Result<TreeHead, LedgerError> {
        let head = self.signed_head()?;
        self.published = head.size;
        let first = self.frontier.size();
        if head.size < first {
            return Err(self.contradiction(format!(
                "it had {first} entries and now signs {}",
                head.size
            )));
        }
        let mut frontier = self.frontier.clone();
        let mut entries = Vec::new();
        for path in bundles_changed(first, head.size) {
            let name = path.to_string();
            // A partial bundle goes when the full one comes.
            let found = match self.objects.read(&name)? {
                None => self
                    .objects
                    .read(&path.as_full().to_string())?
                    .map(|bytes| (bytes, BUNDLE_WIDTH_MAX)),
                found => found.map(|bytes| (bytes, path.width())),
            };
            let missing = || LedgerError::Tree {
                cause: format!("`{name}` is missing"),
            };
            let (bytes, width) = found.ok_or_else(missing)?;
            let start = path.index() << 8;
            let known = usize::try_from(first.saturating_sub(start)).unwrap_or(usize::MAX);
            let all = decode_bundle(&bytes, width).map_err(LedgerError::tree)?;
            for entry in all.into_iter().take(usize::from(path.width())).skip(known) {
                frontier.push(leaf_hash(entry));
                entries.push(entry.to_vec());
            }
        }
        if frontier.head() != head {
            return Err(
                self.contradiction("its entries do not have the root that it signed".to_owned())
            );
        }
        self.frontier = frontier;
        for (index, entry) in (first..).zip(&entries) {
            visit(index, entry);
        }
        Ok(head)
    }

    fn signed_head(&self) -> Result<TreeHead, LedgerError> {
        let none = || LedgerError::Tree {
            cause: "there is no checkpoint yet".to_owned(),
        };
        let bytes = self.objects.read(CHECKPOINT)?.ok_or_else(none)?;
        let signed = SignedCheckpoint::parse(&bytes).map_err(LedgerError::tree)?;
        let checkpoint = signed.verify_log(&self.key).map_err(LedgerError::tree)?;
        Ok(*checkpoint.head())
    }

    fn contradiction(&self, cause: String) -> LedgerError {
        LedgerError::Contradiction {
            origin: self.key.name().to_owned(),
            cause,
        }
    }
}
