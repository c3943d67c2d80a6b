//! Logs, keys and stores that the tests use: everything follows from numbers.

use std::collections::BTreeMap;

use merkle::{
    BundleWriter, Checkpoint, CosignerKey, Error, Format, Frontier, Hash, ReadFailure,
    SignedCheckpoint, SignerKey, TilePath, TileReader, TreeHead, TreeTiles, leaf_hash, node_hash,
};

pub const ORIGIN: &str = "example.org/cordon/control/1";

/// The sizes at which tiles and bundles begin, end and cross a level.
pub const SIZES: [u64; 8] = [0, 1, 255, 256, 257, 65_536, 65_537, 70_000];

/// An entry that no other index has; some are empty, some long.
pub fn entry(index: u64) -> Vec<u8> {
    match index % 7 {
        _ if index == 3 => Vec::new(),
        0 => index.to_be_bytes().repeat(40),
        _ => format!("entry {index}").into_bytes(),
    }
}

pub fn leaf(index: u64) -> Hash {
    leaf_hash(&entry(index))
}

/// Tiles by name, as a directory has them.
#[derive(Clone, Default)]
pub struct Store(pub BTreeMap<String, Vec<u8>>);

impl TileReader for Store {
    fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, ReadFailure> {
        Ok(self.0.get(&path.to_string()).cloned())
    }
}

/// A log that was published once, at this size.
pub struct Log {
    pub tiles: Store,
    pub bundles: BTreeMap<String, Vec<u8>>,
    pub frontier: Frontier,
}

impl Log {
    pub fn of(size: u64) -> Self {
        let mut tree = TreeTiles::new();
        let mut bundles = BundleWriter::new();
        for index in 0..size {
            tree.push(leaf(index));
            bundles.push(&entry(index)).unwrap();
        }
        let tiles = tree.take_changed().into_iter();
        let bundles = bundles.take_changed().into_iter();
        Self {
            tiles: Store(
                tiles
                    .map(|(path, bytes)| (path.to_string(), bytes))
                    .collect(),
            ),
            bundles: bundles
                .map(|(path, bytes)| (path.to_string(), bytes))
                .collect(),
            frontier: tree.frontier().clone(),
        }
    }

    pub fn head(&self) -> TreeHead {
        self.frontier.head()
    }
}

/// The root by the definition in RFC 6962 section 2.1, without any cleverness.
pub fn root_by_definition(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::EMPTY,
        [leaf] => *leaf,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            node_hash(
                &root_by_definition(&leaves[..split]),
                &root_by_definition(&leaves[split..]),
            )
        }
    }
}

pub fn head_at(size: u64) -> TreeHead {
    let mut frontier = Frontier::new();
    (0..size).for_each(|index| frontier.push(leaf(index)));
    frontier.head()
}

pub fn log_key() -> SignerKey {
    SignerKey::from_seed(ORIGIN, &[1; 32]).unwrap()
}

pub fn witness_key(number: u8) -> CosignerKey {
    let name = format!("witness.example/w{number}");
    CosignerKey::from_seed(&name, &[100 + number; 32]).unwrap()
}

pub fn signed(head: TreeHead) -> SignedCheckpoint {
    let checkpoint = Checkpoint::new(ORIGIN, head).unwrap();
    SignedCheckpoint::sign(checkpoint, &log_key()).unwrap()
}

/// Whether it was refused as not being of this format.
pub fn is_malformed<T>(result: Result<T, Error>, expected: Format) -> bool {
    matches!(result, Err(Error::Malformed { format, .. }) if format == expected)
}
