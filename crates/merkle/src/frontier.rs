//! The right edge of a growing tree: enough to append and to tell the root, nothing more.

use crate::tile_reader::read_tile;
use crate::{Error, Hash, TREE_SIZE_MAX, TilePath, TileReader, TreeHead, node_hash};

/// The roots of the perfect subtrees that a tree consists of, largest first: at most 62 hashes.
///
/// A push costs one node hash on average, the root at most 61; a clone copies under 2 KiB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// INVARIANT: one hash for each set bit of `size`, that of the highest bit first.
    subtrees: Vec<Hash>,
}

impl Frontier {
    /// A tree without entries.
    pub const fn new() -> Self {
        Self {
            size: 0,
            subtrees: Vec::new(),
        }
    }

    /// The right edge of the tree of this size, read from its partial tiles (at most eight).
    ///
    /// Nothing is verified: compare [`Frontier::root`] with a root that is known.
    ///
    /// # Errors
    /// [`Error::TreeTooLarge`], or what reading a tile met.
    pub fn from_tiles(size: u64, reader: &dyn TileReader) -> Result<Self, Error> {
        if size > TREE_SIZE_MAX {
            return Err(Error::TreeTooLarge { size });
        }
        let mut frontier = Self::new();
        for level in (0_u8..8).rev() {
            for hash in right_edge(size, level, reader)? {
                frontier.push_subtree(level * 8, hash, |_, _| {});
            }
        }
        Ok(frontier)
    }

    /// How many entries the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root by RFC 6962; [`Hash::EMPTY`] for a tree without entries.
    pub fn root(&self) -> Hash {
        let mut from_the_right = self.subtrees.iter().rev().copied();
        let Some(last) = from_the_right.next() else {
            return Hash::EMPTY;
        };
        from_the_right.fold(last, |right, left| node_hash(&left, &right))
    }

    /// Size and root together.
    pub fn head(&self) -> TreeHead {
        TreeHead {
            size: self.size,
            root: self.root(),
        }
    }

    /// Appends the hash of an entry ([`crate::leaf_hash`]).
    pub fn push(&mut self, leaf: Hash) {
        self.push_subtree(0, leaf, |_, _| {});
    }

    /// Appends a perfect subtree of 2^height entries and names each perfect subtree that this
    /// completes, its height first. The size must be a multiple of 2^height.
    pub(crate) fn push_subtree(
        &mut self,
        height: u8,
        root: Hash,
        mut completed: impl FnMut(u8, Hash),
    ) {
        let subtrees_before = self.size >> height;
        // Saturates at a size that no machine appends to.
        self.size = self.size.saturating_add(1 << height);
        let mut hash = root;
        completed(height, hash);
        for above in 1_u8.. {
            let is_right_child = (subtrees_before >> (above - 1)) & 1 == 1;
            let Some(left) = is_right_child.then(|| self.subtrees.pop()).flatten() else {
                break;
            };
            hash = node_hash(&left, &hash);
            completed(height + above, hash);
        }
        self.subtrees.push(hash);
    }
}

/// The hashes of the partial tile at the right end of a level; none if the level ends with a full
/// tile or has nothing.
pub(crate) fn right_edge(
    size: u64,
    level: u8,
    reader: &dyn TileReader,
) -> Result<Vec<Hash>, Error> {
    let count = size >> (u32::from(level) * 8);
    let width = u16::try_from(count & 0xff).unwrap_or_default();
    if width == 0 {
        return Ok(Vec::new());
    }
    let path = TilePath::new(level, count >> 8, width)?;
    let bytes = read_tile(reader, &path)?;
    bytes.chunks_exact(32).map(Hash::try_from).collect()
}
