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
        let files = Files {
            source: self.source,
            size: self.head.size,
        };
        let mut going = Progressing {
            files,
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
        let mut before: Vec<BundleRead> = Vec::new();
        loop {
            let batch: Vec<BundlePath> = paths
                .by_ref()
                .take(BUNDLES_A_WORKER * self.workers.max(1))
                .collect();
            // While workers read the next bundles, the entries of the last ones are folded.
            let fold = || -> Result<bool, Error> {
                for read in std::mem::take(&mut before) {
                    if !going.settle(read, &mut sizes, findings, take) {
                        return Ok(false);
                    }
                }
                going.compare_tiles(false, findings)?;
                tell(going.walked.entries);
                Ok(true)
            };
            let (read, goes_on) = self.read_while(files, &batch, fold)?;
            if !goes_on {
                return Ok(going.walked);
            }
            if batch.is_empty() {
                break;
            }
            before = read;
        }
        going.compare_tiles(true, findings)?;
        going.conclude(&self.head, findings)?;
        Ok(going.walked)
    }

    /// Reads, hashes and decodes bundles, in their order, and does something else meanwhile.
    fn read_while<T>(
        &self,
        files: Files<'_>,
        batch: &[BundlePath],
        meanwhile: impl FnOnce() -> Result<T, Error>,
    ) -> Result<(Vec<BundleRead>, T), Error> {
        let each = |part: &[BundlePath]| -> Result<Vec<BundleRead>, Error> {
            part.iter().map(|path| bundle::read(&files, path)).collect()
        };
        if self.workers <= 1 || batch.is_empty() {
            let done = meanwhile()?;
            return Ok((each(batch)?, done));
        }
        let part = batch.len().div_ceil(self.workers);
        std::thread::scope(|scope| {
            let workers: Vec<_> = batch
                .chunks(part)
                .map(|part| scope.spawn(move || each(part)))
                .collect();
            let done = meanwhile()?;
            let mut read = Vec::with_capacity(batch.len());
            for worker in workers {
                match worker.join() {
                    Ok(part) => read.extend(part?),
                    // A worker that panics is our own fault; it must not look like a clean log.
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok((read, done))
        })
    }
}

impl Progressing<'_> {
    /// Adds a bundle to the tree and hands its entries on; false if its hashes are not known, so
    /// that nothing after it can be placed.
    fn settle(
        &mut self,
        read: BundleRead,
        sizes: &mut std::iter::Peekable<impl Iterator<Item = u64>>,
        findings: &mut Findings,
        take: &mut dyn FnMut(u64, Found, &mut Findings),
    ) -> bool {
        self.add_leaves(&read, sizes, findings);
        let first = read.path.index() * 256;
        let is_whole = read.leaves.len() == usize::from(read.path.width());
        if !is_whole {
            let text = "neither these entries nor their hashes are there, so that nothing from here \
                        on could be compared with the signed root";
            findings.add(Code::RootUnknown, At::Entry(first), text);
        }
        for (index, entry) in (first..).zip(read.entries) {
            take(index, entry, findings);
        }
        is_whole
    }

    fn add_leaves(
        &mut self,
        read: &BundleRead,
        sizes: &mut std::iter::Peekable<impl Iterator<Item = u64>>,
        findings: &mut Findings,
    ) {
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
