//! The tree: known roots, appending, tiles of every size, going on after a restart.

use merkle::{Error, Frontier, Hash, TREE_SIZE_MAX, TilePath, TreeTiles, leaf_hash, tiles_of};

use crate::made::{Log, SIZES, Store, leaf, root_by_definition};

/// Entries and roots for sizes 1 to 8, as the Certificate Transparency projects publish them.
const KNOWN: [(&str, &str); 8] = [
    (
        "",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    ),
    (
        "00",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    ),
    (
        "10",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    ),
    (
        "2021",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (
        "3031",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    ),
    (
        "40414243",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    ),
    (
        "5051525354555657",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    ),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
];

pub fn known_entry(index: usize) -> Vec<u8> {
    let hex = KNOWN[index].0.as_bytes().chunks(2);
    hex.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn known_entries_have_the_published_roots() {
    let mut frontier = Frontier::new();
    assert_eq!(
        frontier.root().to_hex(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    for (index, (_, root)) in KNOWN.iter().enumerate() {
        frontier.push(leaf_hash(&known_entry(index)));
        assert_eq!(frontier.root().to_hex(), *root, "size {}", index + 1);
    }
}

#[test]
fn the_frontier_has_the_root_of_the_definition_at_every_size() {
    let leaves: Vec<Hash> = (0..600).map(leaf).collect();
    let mut frontier = Frontier::new();
    for size in 0..=leaves.len() {
        assert_eq!(frontier.size(), size as u64);
        assert_eq!(
            frontier.root(),
            root_by_definition(&leaves[..size]),
            "size {size}"
        );
        if let Some(next) = leaves.get(size) {
            frontier.push(*next);
        }
    }
}

#[test]
fn a_published_tree_has_exactly_the_tiles_of_its_size_and_the_right_hashes() {
    let leaves: Vec<Hash> = (0..70_000).map(leaf).collect();
    for size in SIZES {
        let log = Log::of(size);
        let count = usize::try_from(size).unwrap();
        assert_eq!(
            log.head().root,
            root_by_definition(&leaves[..count]),
            "size {size}"
        );
        let mut listed: Vec<String> = tiles_of(size).map(|path| path.to_string()).collect();
        listed.sort();
        let stored: Vec<String> = log.tiles.0.keys().cloned().collect();
        assert_eq!(stored, listed, "size {size}");
        for path in tiles_of(size) {
            check_tile(&log.tiles.0[&path.to_string()], &path, &leaves);
        }
    }
}

/// The formula of C2SP tlog-tiles: MTH(D[(n * 256 + i) * 256**l : (n * 256 + i + 1) * 256**l]).
fn check_tile(bytes: &[u8], path: &TilePath, leaves: &[Hash]) {
    assert_eq!(bytes.len(), path.bytes());
    let span = 256_usize.pow(u32::from(path.level()));
    let first = usize::try_from(path.index()).unwrap() * 256;
    for (place, hash) in bytes.chunks(32).enumerate() {
        let begin = (first + place) * span;
        let expected = root_by_definition(&leaves[begin..begin + span]);
        assert_eq!(hash, expected.bytes(), "{path} at {place}");
    }
}

#[test]
fn the_frontier_is_read_again_from_partial_tiles() {
    for size in SIZES {
        let log = Log::of(size);
        let read = Frontier::from_tiles(size, &log.tiles).unwrap();
        assert_eq!(read, log.frontier, "size {size}");
    }
}

#[test]
fn a_full_tile_serves_where_the_partial_one_is_gone() {
    let store = Log::of(65_536).tiles;
    assert!(!store.0.contains_key("tile/0/000.p/100"));
    let old = Frontier::from_tiles(100, &store).unwrap();
    assert_eq!(old, Log::of(100).frontier);
}

#[test]
fn a_missing_short_or_long_tile_is_named() {
    let mut store = Log::of(300).tiles;
    store.0.insert("tile/1/000.p/1".to_owned(), vec![0; 31]);
    let short = Frontier::from_tiles(300, &store).unwrap_err();
    assert!(
        matches!(short, Error::TileLength { bytes: 31, .. }),
        "{short}"
    );
    store.0.insert("tile/1/000.p/1".to_owned(), vec![0; 33]);
    let long = Frontier::from_tiles(300, &store).unwrap_err();
    assert!(
        matches!(long, Error::TileLength { bytes: 33, .. }),
        "{long}"
    );
    store.0.remove("tile/1/000.p/1");
    let missing = Frontier::from_tiles(300, &store).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "`tile/1/000.p/1` is missing; restore it or derive it again from the entries"
    );
}

#[test]
fn a_tree_grown_in_steps_with_restarts_has_the_same_tiles() {
    let end = 66_000;
    let whole = Log::of(end).tiles.0;
    let mut store = Store::default();
    let mut size = 0;
    for step in [1, 1, 253, 1, 1, 255, 300, 512, 64_000, 1, 674, 1] {
        let mut tree = TreeTiles::resume(size, &store).unwrap();
        for index in size..size + step {
            tree.push(leaf(index));
        }
        size += step;
        for (path, bytes) in tree.take_changed() {
            let before = store.0.insert(path.to_string(), bytes.clone());
            assert!(
                before.is_none_or(|before| before == bytes),
                "{path} changed"
            );
        }
        assert!(tree.take_changed().is_empty());
        let listed = tiles_of(size).all(|path| store.0.contains_key(&path.to_string()));
        assert!(listed, "size {size}");
    }
    assert_eq!(size, end);
    assert!(whole.iter().all(|(path, bytes)| store.0[path] == *bytes));
}

#[test]
fn each_step_hands_out_exactly_the_tiles_that_changed() {
    let mut tree = TreeTiles::new();
    let mut size = 0;
    for next in [1, 2, 255, 256, 257, 512, 700, 65_535, 65_536, 65_537] {
        (size..next).for_each(|index| tree.push(leaf(index)));
        let mut taken: Vec<TilePath> = tree.take_changed().iter().map(|(path, _)| *path).collect();
        let mut listed: Vec<TilePath> = merkle::tiles_changed(size, next).collect();
        taken.sort();
        listed.sort();
        assert_eq!(taken, listed, "{size} to {next}");
        size = next;
    }
}

#[test]
fn a_tree_beyond_the_limit_is_refused() {
    let error = Frontier::from_tiles(TREE_SIZE_MAX + 1, &Store::default()).unwrap_err();
    assert!(matches!(error, Error::TreeTooLarge { .. }));
    // At the limit one tile is asked for, the only one on the right edge.
    let error = Frontier::from_tiles(TREE_SIZE_MAX, &Store::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`tile/7/000.p/64` is missing; restore it or derive it again from the entries"
    );
}
