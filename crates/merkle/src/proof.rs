//! Inclusion and consistency proofs (RFC 6962 section 2.1): made from tiles, checked without them.

use std::cell::RefCell;

use crate::tile_reader::read_tile;
use crate::{Error, Hash, TilePath, TileReader, TreeHead};

/// LIMIT: the largest tree. The tree's nodes are numbered in u64 below this size; a log that takes
/// a million entries a second reaches it after 146,000 years.
pub const TREE_SIZE_MAX: u64 = 1 << 62;

/// LIMIT: the longest proof, as C2SP tlog-witness has it. No tree of [`TREE_SIZE_MAX`] needs more.
pub const PROOF_HASHES_MAX: usize = 63;

/// Proves that the tree with this head has the entry: sibling hashes, from the leaf's upwards.
///
/// Every tile that is read is verified against the root, so that a proof is right or an error.
///
/// # Errors
/// [`Error::IndexOutsideTree`], [`Error::TreeTooLarge`], [`Error::TilesContradictRoot`], or what
/// reading a tile met.
pub fn inclusion_proof(
    reader: &dyn TileReader,
    head: &TreeHead,
    index: u64,
) -> Result<Vec<Hash>, Error> {
    check_index(index, head.size)?;
    let tiles = Tiles::new(reader);
    tiles.answer(head, |hashes| {
        let proof = tlog_tiles::prove_record(head.size, index, hashes)?;
        Ok(proof.into_iter().map(Hash::of_port).collect())
    })
}

/// Proves that the tree of the old size is the beginning of the one with this head. Empty if the
/// old size is 0 or the same.
///
/// # Errors
/// As [`inclusion_proof`], and [`Error::SizesSwapped`].
pub fn consistency_proof(
    reader: &dyn TileReader,
    old_size: u64,
    head: &TreeHead,
) -> Result<Vec<Hash>, Error> {
    check_sizes(old_size, head.size)?;
    if old_size == 0 {
        return Ok(Vec::new());
    }
    let tiles = Tiles::new(reader);
    tiles.answer(head, |hashes| {
        let proof = tlog_tiles::prove_tree(head.size, old_size, hashes)?;
        Ok(proof.into_iter().map(Hash::of_port).collect())
    })
}

/// The root that the tree had at an earlier size, from tiles verified against the present head.
///
/// # Errors
/// As [`consistency_proof`].
pub fn root_at(reader: &dyn TileReader, size: u64, head: &TreeHead) -> Result<Hash, Error> {
    check_sizes(size, head.size)?;
    if size == 0 {
        return Ok(Hash::EMPTY);
    }
    let tiles = Tiles::new(reader);
    tiles.answer(head, |hashes| {
        Ok(Hash::of_port(tlog_tiles::tree_hash(size, hashes)?))
    })
}

/// Checks that the tree with this head has the leaf ([`crate::leaf_hash`] of the entry) at the
/// index.
///
/// # Errors
/// [`Error::NotIncluded`]; [`Error::IndexOutsideTree`] or [`Error::TreeTooLarge`] before any hash is
/// computed.
pub fn check_inclusion(
    proof: &[Hash],
    head: &TreeHead,
    index: u64,
    leaf: &Hash,
) -> Result<(), Error> {
    check_index(index, head.size)?;
    let refused = Error::NotIncluded {
        index,
        size: head.size,
    };
    if proof.len() > PROOF_HASHES_MAX {
        return Err(refused);
    }
    let proof = proof.iter().map(|hash| hash.to_port()).collect();
    tlog_tiles::check_record(
        &proof,
        head.size,
        head.root.to_port(),
        index,
        leaf.to_port(),
    )
    .map_err(|_| refused)
}

/// Checks that the older tree is the beginning of the newer.
///
/// From an empty tree and between equal heads the proof must be empty; an empty tree has
/// [`Hash::EMPTY`] for its root.
///
/// # Errors
/// [`Error::NotConsistent`]; [`Error::SizesSwapped`] or [`Error::TreeTooLarge`] before any hash is
/// computed.
pub fn check_consistency(proof: &[Hash], old: &TreeHead, new: &TreeHead) -> Result<(), Error> {
    check_sizes(old.size, new.size)?;
    let refused = Error::NotConsistent {
        old: old.size,
        new: new.size,
    };
    if proof.len() > PROOF_HASHES_MAX {
        return Err(refused);
    }
    if old.size == 0 {
        let is_empty_right = old.root == Hash::EMPTY && (new.size > 0 || new.root == Hash::EMPTY);
        return if proof.is_empty() && is_empty_right {
            Ok(())
        } else {
            Err(refused)
        };
    }
    let proof = proof.iter().map(|hash| hash.to_port()).collect();
    tlog_tiles::check_tree(
        &proof,
        new.size,
        new.root.to_port(),
        old.size,
        old.root.to_port(),
    )
    .map_err(|_| refused)
}

const fn check_index(index: u64, size: u64) -> Result<(), Error> {
    if size > TREE_SIZE_MAX {
        return Err(Error::TreeTooLarge { size });
    }
    if index >= size {
        return Err(Error::IndexOutsideTree { index, size });
    }
    Ok(())
}

const fn check_sizes(old: u64, new: u64) -> Result<(), Error> {
    if new > TREE_SIZE_MAX {
        return Err(Error::TreeTooLarge { size: new });
    }
    if old > new {
        return Err(Error::SizesSwapped { old, new });
    }
    Ok(())
}

/// Lends our reader to `tlog_tiles`, whose own errors cannot carry why a tile could not be read.
struct Tiles<'a> {
    reader: &'a dyn TileReader,
    failure: RefCell<Option<Error>>,
}

impl<'a> Tiles<'a> {
    const fn new(reader: &'a dyn TileReader) -> Self {
        Self {
            reader,
            failure: RefCell::new(None),
        }
    }

    /// Asks for hashes of the tree with this head, which has entries: `tlog_tiles` counts on that.
    fn answer<T>(
        &self,
        head: &TreeHead,
        ask: impl FnOnce(&tlog_tiles::TileHashReader<'_>) -> Result<T, tlog_tiles::Error>,
    ) -> Result<T, Error> {
        let hashes = tlog_tiles::TileHashReader::new(head.size, head.root.to_port(), self);
        ask(&hashes).map_err(|_| {
            let failure = self.failure.borrow_mut().take();
            failure.unwrap_or(Error::TilesContradictRoot { size: head.size })
        })
    }
}

impl tlog_tiles::TileReader for Tiles<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &tlog_tiles::Tile| {
            let width = u16::try_from(tile.width()).unwrap_or_default();
            let path = TilePath::new(tile.level(), tile.level_index(), width)?;
            read_tile(self.reader, &path)
        };
        let bytes: Result<Vec<_>, Error> = tiles.iter().map(read).collect();
        bytes.map_err(|error| {
            self.failure.replace(Some(error));
            tlog_tiles::Error::InvalidTile
        })
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}
