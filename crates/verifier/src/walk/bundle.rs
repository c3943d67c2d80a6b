//! One bundle: its entries hashed and decoded, its hashes compared with its tile.

use merkle::{BundlePath, Hash, TilePath, decode_bundle, leaf_hash};
use record::Entry;

use super::{Found, Suspect};
use crate::finding::At;
use crate::source::Files;
use crate::{Code, Error};

/// A bundle that was looked at, by itself.
pub(super) struct BundleRead {
    pub path: BundlePath,
    pub entries: Vec<Found>,
    /// From the entries; from the tile where the entries are gone; none where both are.
    pub leaves: Vec<Hash>,
    pub suspects: Vec<Suspect>,
    pub problems: Vec<(Code, At, String)>,
    pub bytes: u64,
}

/// Reads a bundle and the tile of its hashes.
pub(super) fn read(files: &Files<'_>, path: &BundlePath) -> Result<BundleRead, Error> {
    let mut read = BundleRead {
        path: *path,
        entries: Vec::new(),
        leaves: Vec::new(),
        suspects: Vec::new(),
        problems: Vec::new(),
        bytes: 0,
    };
    let name = path.to_string();
    match files.bundle(path)? {
        Some((bytes, width)) => read.decode(&bytes, width, &name),
        None => {
            let text = format!("entries {} are not there", range(path));
            read.problem(Code::BundleMissing, name, text);
        }
    }
    // A bundle and the tile of its hashes have one index and one width.
    if let Ok(path) = TilePath::new(0, path.index(), path.width()) {
        read.compare(files, &path)?;
    }
    let width = usize::from(path.width());
    read.entries.resize_with(width, || None);
    Ok(read)
}

impl BundleRead {
    fn problem(&mut self, code: Code, file: String, text: String) {
        self.problems.push((code, At::File(file), text));
    }

    fn decode(&mut self, bytes: &[u8], width: u16, name: &str) {
        match decode_bundle(bytes, width) {
            Ok(entries) => {
                for entry in entries.into_iter().take(usize::from(self.path.width())) {
                    self.leaves.push(leaf_hash(entry));
                    self.entries.push(Some(Entry::decode(entry)));
                    self.bytes += entry.len() as u64;
                }
            }
            Err(error) => {
                let text = format!("entries {} cannot be read: {error}", range(&self.path));
                self.problem(Code::BundleUnreadable, name.to_owned(), text);
            }
        }
    }

    /// Compares with the tile of level 0, or takes its hashes where the entries are gone.
    fn compare(&mut self, files: &Files<'_>, path: &TilePath) -> Result<(), Error> {
        let bytes = match files.tile(path)? {
            Some(bytes) if bytes.len() == path.bytes() => bytes,
            Some(bytes) => {
                let text = format!("it has {} bytes, not {}", bytes.len(), path.bytes());
                self.problem(Code::TileAltered, path.to_string(), text);
                return Ok(());
            }
            None => {
                let text = "the tile is not there; derive it again from the entries";
                self.problem(Code::TileMissing, path.to_string(), text.to_owned());
                return Ok(());
            }
        };
        let hashes = bytes
            .chunks_exact(32)
            .filter_map(|hash| Hash::try_from(hash).ok());
        if self.leaves.is_empty() {
            self.leaves = hashes.collect();
            return Ok(());
        }
        let first = path.index() * 256;
        for ((computed, in_tile), index) in self.leaves.iter().zip(hashes).zip(first..) {
            if *computed != in_tile {
                self.suspects.push(Suspect {
                    index,
                    computed: *computed,
                    in_tile,
                });
            }
        }
        Ok(())
    }
}

fn range(path: &BundlePath) -> String {
    let first = path.index() * 256;
    format!("{first} to {}", first + u64::from(path.width()) - 1)
}
