//! Inclusion and consistency proofs (RFC 6962 section 2.1): made from tiles, checked without them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::tile_reader::read_tile;
use crate::{Error, Hash, TilePath, TileReader, TreeHead};

/// LIMIT: the largest tree. The tree's nodes are numbered in u64 below this size; a log that takes
/// a million entries a second reaches it after 146,000 years.
pub const TREE_SIZE_MAX: u64 = 1 << 62;

/// LIMIT: the longest proof, as C2SP tlog-witness has it. No tree of [`TREE_SIZE_MAX`] needs more.
pub const PROOF_HASHES_MAX: usize = 63;

/// Proves that the tree with this head has the entry: sibling hashes, from the leaf's upwards.
///
/// The proof is checked before it is given, so that it is right or an error, whatever the reader
/// reads.
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
    let hashes = Hashes::new(reader, head.size);
    let leaf = hashes.leaf(index)?;
    let proof = hashes.ask(|hashes| tlog_tiles::prove_record(head.size, index, hashes))?;
    let proof: Vec<Hash> = proof.into_iter().map(Hash::of_port).collect();
    check_inclusion(&proof, head, index, &leaf)
        .map_err(|_| Error::TilesContradictRoot { size: head.size })?;
    Ok(proof)
}

/// Proves that the tree of the old size is the beginning of the one with this head. Empty if the
/// old size is 0 or the same.
///
/// The proof is checked before it is given, as that of [`inclusion_proof`].
///
/// # Errors
/// As [`inclusion_proof`], and [`Error::SizesSwapped`].
pub fn consistency_proof(
    reader: &dyn TileReader,
    old_size: u64,
    head: &TreeHead,
) -> Result<Vec<Hash>, Error> {
    check_sizes(old_size, head.size)?;
    if old_size == 0 || old_size == head.size {
        return Ok(Vec::new());
    }
    prove_beginning(reader, old_size, head).map(|(proof, _)| proof)
}

/// The root that the tree had at an earlier size, proved to belong to the present head.
///
/// # Errors
/// As [`consistency_proof`].
pub fn root_at(reader: &dyn TileReader, size: u64, head: &TreeHead) -> Result<Hash, Error> {
    check_sizes(size, head.size)?;
    if size == 0 {
        return Ok(Hash::EMPTY);
    }
    if size == head.size {
        return Ok(head.root);
    }
    prove_beginning(reader, size, head).map(|(_, root)| root)
}

/// A checked consistency proof from a size between 0 and the head's, and the root at that size.
fn prove_beginning(
    reader: &dyn TileReader,
    size: u64,
    head: &TreeHead,
) -> Result<(Vec<Hash>, Hash), Error> {
    let hashes = Hashes::new(reader, head.size);
    let root = hashes.root_at(size)?;
    let proof = hashes.ask(|hashes| tlog_tiles::prove_tree(head.size, size, hashes))?;
    let proof: Vec<Hash> = proof.into_iter().map(Hash::of_port).collect();
    check_consistency(&proof, &TreeHead { size, root }, head)
        .map_err(|_| Error::TilesContradictRoot { size: head.size })?;
    Ok((proof, root))
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
///
/// Its `TileHashReader`, which is to verify tiles against the root, leaves some of them out when
/// the right edge has several subtrees in one tile. So nothing here relies on it: what is read is
/// plain, and each answer is checked against the root before it is given.
struct Hashes<'a> {
    reader: &'a dyn TileReader,
    size: u64,
    tiles: RefCell<BTreeMap<TilePath, Vec<u8>>>,
    failure: RefCell<Option<Error>>,
}

impl<'a> Hashes<'a> {
    /// The hashes of a tree of at most [`TREE_SIZE_MAX`] entries.
    const fn new(reader: &'a dyn TileReader, size: u64) -> Self {
        Self {
            reader,
            size,
            tiles: RefCell::new(BTreeMap::new()),
            failure: RefCell::new(None),
        }
    }

    fn ask<T>(
        &self,
        question: impl FnOnce(&Self) -> Result<T, tlog_tiles::Error>,
    ) -> Result<T, Error> {
        question(self).map_err(|_| {
            let failure = self.failure.borrow_mut().take();
            failure.unwrap_or(Error::TilesContradictRoot { size: self.size })
        })
    }

    fn leaf(&self, index: u64) -> Result<Hash, Error> {
        let at = tlog_tiles::stored_hash_index(0, index);
        self.ask(|hashes| hashes.hash_at(at)).map(Hash::of_port)
    }

    fn root_at(&self, size: u64) -> Result<Hash, Error> {
        self.ask(|hashes| tlog_tiles::tree_hash(size, hashes))
            .map(Hash::of_port)
    }

    /// The hash with this number in the order of `tlog_tiles::stored_hash_index`.
    fn hash_at(&self, number: u64) -> Result<tlog_tiles::Hash, tlog_tiles::Error> {
        let tile = tlog_tiles::Tile::from_index(8, number)
            .parent(0, self.size)
            .ok_or(tlog_tiles::Error::IndexesNotInTree)?;
        let read = || {
            // At most 256, by the height that is asked for.
            let width = u16::try_from(tile.width()).unwrap_or_default();
            let path = TilePath::new(tile.level(), tile.level_index(), width)?;
            let mut tiles = self.tiles.borrow_mut();
            if let Some(bytes) = tiles.get(&path) {
                return Ok(bytes.clone());
            }
            let bytes = read_tile(self.reader, &path)?;
            tiles.insert(path, bytes.clone());
            Ok(bytes)
        };
        let bytes = read().map_err(|error| {
            self.failure.replace(Some(error));
            tlog_tiles::Error::InvalidTile
        })?;
        tile.hash_at_index(&bytes, number)
    }
}

impl tlog_tiles::HashReader for Hashes<'_> {
    fn read_hashes(&self, numbers: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        numbers.iter().map(|number| self.hash_at(*number)).collect()
    }
}
