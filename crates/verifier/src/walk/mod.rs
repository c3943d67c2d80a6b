//! Goes through a whole log: reads every bundle, hashes every entry, compares every tile, and hands
//! the decoded entries on in order.

mod bundle;
mod judge;

use std::collections::{BTreeMap, BTreeSet};

use merkle::{BundlePath, Hash, TilePath, TreeHead, TreeTiles, bundles_of};
use record::{Entry, Malformed};

use crate::finding::{At, Findings};
use crate::source::{Files, Source};
use crate::{Code, Error};
use bundle::BundleRead;

/// Bundles that one worker reads before the entries are folded: some 16 MB of decoded entries.
const BUNDLES_A_WORKER: usize = 32;
/// LIMIT: entries that differ from their tile and are looked at one by one.
const SUSPECTS_MAX: usize = 256;

/// An entry as it was found: its bytes' length is in the counts; nothing if its bundle is gone.
pub(crate) type Found = Option<Result<Entry, Malformed>>;

/// How a log is gone through.
pub(crate) struct Walk<'a> {
    pub source: &'a dyn Source,
    pub head: TreeHead,
    /// Sizes at which the root is wanted.
    pub sizes: BTreeSet<u64>,
    pub workers: usize,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Walked {
    /// The root at each size that was wanted and reached.
    pub roots: BTreeMap<u64, Hash>,
    pub entries: u64,
    pub bytes: u64,
    pub bundles: u64,
    pub tiles: u64,
}

/// An entry whose hash is not the one in its tile.
#[derive(Clone, Copy, Debug)]
struct Suspect {
    index: u64,
    computed: Hash,
    in_tile: Hash,
}

/// What is known while the log is gone through.
struct Progressing<'a> {
    files: Files<'a>,
    tree: TreeTiles,
    /// Partial tiles above level 0 that may still grow.
    edges: BTreeMap<(u8, u64), (TilePath, Vec<u8>)>,
    suspects: Vec<Suspect>,
    /// Tiles above level 0 that are not what the entries give.
    altered: Vec<TilePath>,
    walked: Walked,
}

impl Walk<'_> {
    /// Goes through the log. `take` gets each entry in order, `tell` how many are done.
    pub fn run(
        &self,
        findings: &mut Findings,
        take: &mut dyn FnMut(u64, Found, &mut Findings),
        tell: &mut dyn FnMut(u64),
    ) -> Result<Walked, Error> {
        let mut going = Progressing {
            files: Files {
                source: self.source,
                size: self.head.size,
            },
            tree: TreeTiles::new(),
            edges: BTreeMap::new(),
            suspects: Vec::new(),
            altered: Vec::new(),
            walked: Walked::default(),
        };
        let mut sizes = self.sizes.iter().copied().peekable();
        if sizes.next_if_eq(&0).is_some() {
            going.walked.roots.insert(0, Hash::EMPTY);
        }
        let mut paths = bundles_of(self.head.size);
        loop {
            let batch: Vec<BundlePath> = paths
                .by_ref()
                .take(BUNDLES_A_WORKER * self.workers.max(1))
                .collect();
            if batch.is_empty() {
                break;
            }
            for read in self.read_batch(&going.files, &batch)? {
                let is_whole = going.add_bundle(&read, &mut sizes, findings);
                let mut index = read.path.index() * 256;
                for entry in read.entries {
                    take(index, entry, findings);
                    index += 1;
                }
                if !is_whole {
                    return Ok(going.walked);
                }
            }
            going.compare_tiles(false, findings)?;
            tell(going.walked.entries);
        }
        going.compare_tiles(true, findings)?;
        going.conclude(&self.head, findings)?;
        Ok(going.walked)
    }

    /// Reads, hashes and decodes bundles, in their order.
    fn read_batch(
        &self,
        files: &Files<'_>,
        batch: &[BundlePath],
    ) -> Result<Vec<BundleRead>, Error> {
        let each = |part: &[BundlePath]| -> Result<Vec<BundleRead>, Error> {
            part.iter().map(|path| bundle::read(files, path)).collect()
        };
        if self.workers <= 1 {
            return each(batch);
        }
        let part = batch.len().div_ceil(self.workers);
        let parts = std::thread::scope(|scope| {
            let workers: Vec<_> = batch
                .chunks(part)
                .map(|part| scope.spawn(move || each(part)))
                .collect();
            let join = |worker: std::thread::ScopedJoinHandle<'_, _>| match worker.join() {
                Ok(read) => read,
                // A worker that panics is our own fault; it must not look like a clean log.
                Err(panic) => std::panic::resume_unwind(panic),
            };
            workers
                .into_iter()
                .map(join)
                .collect::<Result<Vec<_>, Error>>()
        })?;
        Ok(parts.into_iter().flatten().collect())
    }
}

impl Progressing<'_> {
    /// Adds a bundle's leaves to the tree; false if they are not known.
    fn add_bundle(
        &mut self,
        read: &BundleRead,
        sizes: &mut std::iter::Peekable<impl Iterator<Item = u64>>,
        findings: &mut Findings,
    ) -> bool {
        for (code, at, text) in &read.problems {
            findings.add(*code, at.clone(), text.clone());
        }
        let room = SUSPECTS_MAX.saturating_sub(self.suspects.len());
        self.suspects.extend(read.suspects.iter().take(room));
        self.walked.bundles += 1;
        self.walked.tiles += 1;
        self.walked.bytes += read.bytes;
        self.walked.entries += read.entries.iter().flatten().count() as u64;
        for leaf in &read.leaves {
            self.tree.push(*leaf);
            let size = self.tree.frontier().size();
            if sizes.next_if_eq(&size).is_some() {
                self.walked.roots.insert(size, self.tree.frontier().root());
            }
        }
        read.leaves.len() == usize::from(read.path.width())
    }

    /// Compares the tiles above level 0 that cannot grow any more; at the end also those that could.
    fn compare_tiles(&mut self, is_end: bool, findings: &mut Findings) -> Result<(), Error> {
        let mut ready = Vec::new();
        for (path, bytes) in self.tree.take_changed() {
            if path.level() == 0 {
                continue;
            }
            if path.is_partial() {
                self.edges
                    .insert((path.level(), path.index()), (path, bytes));
            } else {
                self.edges.remove(&(path.level(), path.index()));
                ready.push((path, bytes));
            }
        }
        if is_end {
            ready.extend(std::mem::take(&mut self.edges).into_values());
        }
        for (path, bytes) in ready {
            self.walked.tiles += 1;
            match self.files.tile(&path)? {
                Some(found) if found == bytes => {}
                Some(_) => self.altered.push(path),
                None => findings.add(
                    Code::TileMissing,
                    At::File(path.to_string()),
                    "the tile is not there; derive it again from the entries",
                ),
            }
        }
        Ok(())
    }
}
