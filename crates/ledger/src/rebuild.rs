//! Goes through every entry of a log when it is opened: hashes it, folds it, and compares the tree
//! with what was signed and with the tiles that lie there.

use std::collections::BTreeSet;
use std::sync::Arc;

use merkle::{
    BUNDLE_WIDTH_MAX, BundlePath, BundleWriter, Frontier, TreeHead, TreeTiles, decode_bundle,
    leaf_hash,
};

use crate::directory::DirectoryObjects;
use crate::error::{LedgerError, RESTORE};
use crate::frame::Frame;
use crate::publish::names_of;
use crate::storage::Objects;
use crate::submission::Fold;

/// Tiles and bundles are compared after so many entries, so that they need not all be held.
const COMPARE_EVERY: u64 = 65_536;

/// The tree as it grows while the log is read.
pub(crate) struct Rebuild<'a> {
    origin: String,
    objects: Arc<DirectoryObjects>,
    fold: &'a mut dyn Fold,
    /// Heads that were signed, ascending by size; each must be met.
    signed: Vec<TreeHead>,
    tree: TreeTiles,
    bundles: BundleWriter,
    /// Once the published size is reached, the tree as it was there.
    published: Option<(TreeTiles, BundleWriter)>,
    published_size: u64,
    frontier: Frontier,
    /// Derived objects that lie there otherwise or not at all, with the bytes they should have.
    differing: Vec<(String, Vec<u8>)>,
}

/// A log that was read from its beginning to its end.
pub(crate) struct Rebuilt {
    pub(crate) frontier: Frontier,
    pub(crate) published: (TreeTiles, BundleWriter),
    /// Derived objects that were put again.
    pub(crate) repaired: Vec<String>,
}

impl<'a> Rebuild<'a> {
    /// `published` is the head that tiles and bundles are there for; `signed` are all that are known.
    pub(crate) fn new(
        origin: &str,
        objects: Arc<DirectoryObjects>,
        fold: &'a mut dyn Fold,
        published: Option<TreeHead>,
        signed: Vec<TreeHead>,
    ) -> Result<Self, LedgerError> {
        let mut rebuild = Self {
            origin: origin.to_owned(),
            objects,
            fold,
            signed,
            tree: TreeTiles::new(),
            bundles: BundleWriter::new(),
            published: None,
            published_size: published.map_or(0, |head| head.size),
            frontier: Frontier::new(),
            differing: Vec::new(),
        };
        rebuild.signed.sort_by_key(|head| head.size);
        rebuild.at_boundary()?;
        Ok(rebuild)
    }

    /// Takes a frame of the journal, and before the first one what only bundles still have.
    pub(crate) fn take(&mut self, frame: Frame) -> Result<(), LedgerError> {
        self.read_bundles(frame.first)?;
        for entry in &frame.entries {
            self.push(entry)?;
        }
        if self.frontier.root().bytes() == &frame.root {
            return Ok(());
        }
        Err(self.contradiction(format!(
            "the journal's frame of entries {} to {} has another root than its entries",
            frame.first, frame.size
        )))
    }

    /// Takes entries below an index from the bundles.
    pub(crate) fn read_bundles(&mut self, below: u64) -> Result<(), LedgerError> {
        while self.frontier.size() < below {
            let at = self.frontier.size();
            let path = BundlePath::new(at >> 8, BUNDLE_WIDTH_MAX).map_err(LedgerError::tree)?;
            let name = path.to_string();
            let file = self.objects.path(&name);
            let missing = || LedgerError::damaged(&file, 0, "the bundle is missing", RESTORE);
            let bytes = self.objects.read(&name)?.ok_or_else(missing)?;
            let entries = decode_bundle(&bytes, BUNDLE_WIDTH_MAX)
                .map_err(|error| LedgerError::damaged(&file, 0, error.to_string(), RESTORE))?;
            let skip = usize::try_from(at & 0xff).unwrap_or(0);
            let take = usize::try_from(below - at).unwrap_or(usize::MAX);
            for entry in entries.into_iter().skip(skip).take(take) {
                self.push(entry)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, entry: &[u8]) -> Result<(), LedgerError> {
        let index = self.frontier.size();
        if let Err(reason) = self.fold.replay(index, entry) {
            return Err(self.contradiction(format!("entry {index} cannot be: {reason}")));
        }
        let leaf = leaf_hash(entry);
        self.frontier.push(leaf);
        if self.published.is_none() {
            self.tree.push(leaf);
            self.bundles.push(entry).map_err(LedgerError::tree)?;
        }
        self.at_boundary()
    }

    /// What is to be done at some sizes: compare with signed heads, compare the tiles, keep the tree
    /// for the publisher.
    fn at_boundary(&mut self) -> Result<(), LedgerError> {
        let size = self.frontier.size();
        let is_published = size == self.published_size && self.published.is_none();
        if is_published || (self.published.is_none() && size.is_multiple_of(COMPARE_EVERY)) {
            self.compare_objects(is_published)?;
        }
        while let Some(head) = self.signed.first().filter(|head| head.size == size) {
            if head.root != self.frontier.root() {
                let differing = self.differing.first().map_or_else(
                    || "all tiles fit the entries".to_owned(),
                    |(name, _)| format!("the first file that does not fit the entries is `{name}`"),
                );
                return Err(self.contradiction(format!(
                    "the entries up to {size} have another root than was signed; {differing}"
                )));
            }
            self.signed.remove(0);
        }
        if is_published {
            self.published = Some((
                std::mem::take(&mut self.tree),
                std::mem::take(&mut self.bundles),
            ));
        }
        Ok(())
    }

    /// Partial tiles are there only for sizes that were published.
    fn compare_objects(&mut self, is_published: bool) -> Result<(), LedgerError> {
        let (changed, completed) = names_of(&mut self.tree, &mut self.bundles);
        let completed: BTreeSet<String> = completed.into_iter().collect();
        for (name, bytes) in changed {
            let is_there = is_published || completed.contains(&name);
            if is_there && self.objects.read(&name)?.as_ref() != Some(&bytes) {
                self.differing.push((name, bytes));
            }
        }
        Ok(())
    }

    /// The log's end. Every head that was signed must have been met; then what can be derived is
    /// mended.
    pub(crate) fn finish(mut self) -> Result<Rebuilt, LedgerError> {
        let size = self.frontier.size();
        if let Some(head) = self.signed.first() {
            return Err(self.contradiction(format!(
                "{} entries were signed, the files have {size}: entries are lost",
                head.size
            )));
        }
        let published = self.published.take();
        let lost = || self.contradiction("the published size was not met".to_owned());
        let published = published.ok_or_else(lost)?;
        self.objects.put(&self.differing)?;
        Ok(Rebuilt {
            frontier: self.frontier,
            published,
            repaired: self.differing.into_iter().map(|(name, _)| name).collect(),
        })
    }

    fn contradiction(&self, cause: String) -> LedgerError {
        LedgerError::Contradiction {
            origin: self.origin.clone(),
            cause,
        }
    }
}
