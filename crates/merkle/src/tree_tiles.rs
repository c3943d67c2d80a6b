//! A growing tree that hands out the tiles to be stored. Does not store them.

use crate::frontier::right_edge;
use crate::{Error, Frontier, Hash, TILE_WIDTH_MAX, TilePath, TileReader};

/// A tree that grows at its right edge and remembers which tiles changed since they were last
/// taken. Holds at most 64 KiB besides the full tiles that wait to be taken.
#[derive(Clone, Debug, Default)]
pub struct TreeTiles {
    frontier: Frontier,
    /// For each level the hashes of its last tile, fewer than 256.
    edges: Vec<Edge>,
    completed: Vec<(TilePath, Vec<u8>)>,
}

#[derive(Clone, Debug, Default)]
struct Edge {
    index: u64,
    width: u16,
    bytes: Vec<u8>,
    has_grown: bool,
}

impl TreeTiles {
    /// A tree without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on with the tree of this size, whose partial tiles (at most eight) the reader has.
    ///
    /// Nothing is verified: compare the root of [`TreeTiles::frontier`] with one that is known.
    ///
    /// # Errors
    /// [`Error::TreeTooLarge`], or what reading a tile met.
    pub fn resume(size: u64, reader: &dyn TileReader) -> Result<Self, Error> {
        let frontier = Frontier::from_tiles(size, reader)?;
        let mut edges = Vec::new();
        for level in 0_u8..8 {
            let hashes = right_edge(size, level, reader)?;
            let count = size >> (u32::from(level) * 8);
            edges.push(Edge {
                index: count >> 8,
                width: u16::try_from(count & 0xff).unwrap_or_default(),
                bytes: hashes.iter().flat_map(|hash| *hash.bytes()).collect(),
                has_grown: false,
            });
        }
        Ok(Self {
            frontier,
            edges,
            completed: Vec::new(),
        })
    }

    /// Size, root and right edge as they are now.
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Appends the hash of an entry ([`crate::leaf_hash`]).
    pub fn push(&mut self, leaf: Hash) {
        let edges = &mut self.edges;
        let completed = &mut self.completed;
        self.frontier.push_subtree(0, leaf, |height, root| {
            // Every eighth height of the tree is a level of tiles.
            if height % 8 == 0 {
                add_to_level(edges, completed, height / 8, root);
            }
        });
    }

    /// The tiles that changed since they were last taken: completed ones in the order in which they
    /// were completed, then the partial ones of the right edge, level 0 first.
    ///
    /// Store all of them before a checkpoint of this size is published. Storing one twice does no
    /// harm: a name always has the same bytes.
    pub fn take_changed(&mut self) -> Vec<(TilePath, Vec<u8>)> {
        let mut changed = std::mem::take(&mut self.completed);
        for (level, edge) in (0_u8..).zip(&mut self.edges) {
            if std::mem::take(&mut edge.has_grown) {
                let path = TilePath::of_tree(level, edge.index, edge.width);
                changed.push((path, edge.bytes.clone()));
            }
        }
        changed
    }
}

fn add_to_level(
    edges: &mut Vec<Edge>,
    completed: &mut Vec<(TilePath, Vec<u8>)>,
    level: u8,
    root: Hash,
) {
    // Levels begin one after the other, so that at most one is missing.
    if usize::from(level) == edges.len() {
        edges.push(Edge::default());
    }
    let Some(edge) = edges.get_mut(usize::from(level)) else {
        return;
    };
    edge.bytes.extend_from_slice(root.bytes());
    edge.width += 1;
    edge.has_grown = true;
    if edge.width == TILE_WIDTH_MAX {
        let path = TilePath::of_tree(level, edge.index, edge.width);
        completed.push((path, std::mem::take(&mut edge.bytes)));
        edge.index += 1;
        edge.width = 0;
        edge.has_grown = false;
    }
}
