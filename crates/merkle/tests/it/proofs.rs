//! Inclusion and consistency proofs: against a second implementation, and against every change.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use merkle::{
    Error, Hash, PROOF_HASHES_MAX, ReadFailure, TREE_SIZE_MAX, TilePath, TileReader, TreeHead,
    check_consistency, check_inclusion, consistency_proof, inclusion_proof, leaf_hash, root_at,
};
use proptest::prelude::*;
use sha2::Sha256;

use crate::made::{Log, SIZES, Store, entry, head_at, leaf};
use crate::tree::known_entry;

type Second = MemoryBackedTree<Sha256, Vec<u8>>;

fn second(size: u64) -> Second {
    let mut tree = Second::new();
    (0..size).for_each(|index| tree.push(entry(index)));
    tree
}

fn bytes(proof: &[Hash]) -> Vec<u8> {
    proof.iter().flat_map(|hash| *hash.bytes()).collect()
}

#[test]
fn proofs_equal_those_of_a_second_implementation() {
    for size in (1..=70).chain([255, 256, 257, 511, 513, 1000]) {
        let log = Log::of(size);
        let other = second(size);
        let head = log.head();
        assert_eq!(
            &head.root.bytes()[..],
            &other.root().as_bytes()[..],
            "{size}"
        );
        let step = usize::try_from(size / 60 + 1).unwrap();
        for index in (0..size).step_by(step).chain([size - 1]) {
            let at = usize::try_from(index).unwrap();
            let proof = inclusion_proof(&log.tiles, &head, index).unwrap();
            assert_eq!(bytes(&proof), other.prove_inclusion(at).as_bytes());
            check_inclusion(&proof, &head, index, &leaf(index)).unwrap();
        }
        for old in (1..=size).step_by(step) {
            let added = usize::try_from(size - old).unwrap();
            let proof = consistency_proof(&log.tiles, old, &head).unwrap();
            assert_eq!(bytes(&proof), other.prove_consistency(added).as_bytes());
            check_consistency(&proof, &head_at(old), &head).unwrap();
        }
    }
}

#[test]
fn proofs_hold_where_levels_of_tiles_begin_and_end() {
    let whole = head_at(70_000);
    let log = Log::of(70_000);
    for size in SIZES {
        assert_eq!(
            root_at(&log.tiles, size, &whole).unwrap(),
            head_at(size).root
        );
        let proof = consistency_proof(&log.tiles, size, &whole).unwrap();
        check_consistency(&proof, &head_at(size), &whole).unwrap();
        let index = size.saturating_sub(1);
        let proof = inclusion_proof(&log.tiles, &whole, index).unwrap();
        check_inclusion(&proof, &whole, index, &leaf(index)).unwrap();
        // The store has the full tiles of the later tree only, and they serve the earlier one.
        if size > 0 && size.is_multiple_of(256) {
            let head = head_at(size);
            let proof = inclusion_proof(&log.tiles, &head, 0).unwrap();
            check_inclusion(&proof, &head, 0, &leaf(0)).unwrap();
        }
    }
}

#[test]
fn known_proofs_have_the_published_hashes() {
    let mut tree = merkle::TreeTiles::new();
    (0..8).for_each(|index| tree.push(leaf_hash(&known_entry(index))));
    let changed = tree.take_changed().into_iter();
    let store = Store(
        changed
            .map(|(path, bytes)| (path.to_string(), bytes))
            .collect(),
    );
    let head = tree.frontier().head();
    let hex = |proof: Vec<Hash>| -> Vec<String> { proof.iter().map(Hash::to_hex).collect() };
    let from_0 = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ];
    assert_eq!(hex(inclusion_proof(&store, &head, 0).unwrap()), from_0);
    assert_eq!(hex(consistency_proof(&store, 1, &head).unwrap()), from_0);
    assert_eq!(
        hex(consistency_proof(&store, 6, &head).unwrap()),
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
}

#[test]
fn empty_and_equal_trees_are_consistent_by_an_empty_proof_alone() {
    let (empty, one, five) = (head_at(0), head_at(1), head_at(5));
    for (old, new) in [
        (empty, empty),
        (empty, one),
        (empty, five),
        (one, one),
        (five, five),
    ] {
        check_consistency(&[], &old, &new).unwrap();
        assert!(check_consistency(&[leaf(0)], &old, &new).is_err());
    }
    let false_empty = TreeHead {
        size: 0,
        root: leaf(0),
    };
    assert!(check_consistency(&[], &false_empty, &five).is_err());
    assert!(check_consistency(&[], &empty, &false_empty).is_err());
    let fork = TreeHead {
        size: 5,
        root: leaf(0),
    };
    let refused = check_consistency(&[], &five, &fork).unwrap_err();
    assert!(matches!(refused, Error::NotConsistent { old: 5, new: 5 }));
}

#[test]
fn sizes_and_indexes_out_of_range_are_refused_by_name() {
    let log = Log::of(10);
    let head = log.head();
    let outside = inclusion_proof(&log.tiles, &head, 10).unwrap_err();
    assert!(matches!(
        outside,
        Error::IndexOutsideTree {
            index: 10,
            size: 10
        }
    ));
    let empty = inclusion_proof(&log.tiles, &head_at(0), 0).unwrap_err();
    assert!(matches!(
        empty,
        Error::IndexOutsideTree { index: 0, size: 0 }
    ));
    let swapped = consistency_proof(&log.tiles, 11, &head).unwrap_err();
    assert!(matches!(swapped, Error::SizesSwapped { old: 11, new: 10 }));
    for size in [TREE_SIZE_MAX + 1, u64::MAX] {
        let root = head.root;
        let large = TreeHead { size, root };
        let too_large = |error| matches!(error, Error::TreeTooLarge { .. });
        assert!(too_large(
            inclusion_proof(&log.tiles, &large, 0).unwrap_err()
        ));
        assert!(too_large(
            consistency_proof(&log.tiles, 1, &large).unwrap_err()
        ));
        assert!(too_large(root_at(&log.tiles, 1, &large).unwrap_err()));
        assert!(too_large(
            check_inclusion(&[], &large, 0, &root).unwrap_err()
        ));
        assert!(too_large(
            check_consistency(&[], &head, &large).unwrap_err()
        ));
    }
}

#[test]
fn a_proof_longer_than_any_tree_needs_is_refused() {
    let head = TreeHead {
        size: TREE_SIZE_MAX,
        root: leaf(0),
    };
    let long = vec![leaf(1); PROOF_HASHES_MAX + 1];
    assert!(matches!(
        check_inclusion(&long, &head, 0, &leaf(0)),
        Err(Error::NotIncluded { .. })
    ));
    let endless = vec![leaf(1); 1_000_000];
    assert!(check_inclusion(&endless, &head, 0, &leaf(0)).is_err());
    assert!(check_consistency(&endless, &head_at(3), &head).is_err());
}

#[test]
fn tiles_that_somebody_changed_make_no_proof() {
    let log = Log::of(70_000);
    let head = log.head();
    for (path, index) in [
        ("tile/0/000", 7),
        ("tile/1/000", 300),
        ("tile/2/000.p/1", 69_000),
    ] {
        let mut store = log.tiles.clone();
        store.0.get_mut(path).unwrap()[8] ^= 1;
        let refused = inclusion_proof(&store, &head, index).unwrap_err();
        assert!(
            matches!(refused, Error::TilesContradictRoot { size: 70_000 }),
            "{path}: {refused}"
        );
    }
    let other = TreeHead {
        root: leaf(0),
        ..head
    };
    let refused = consistency_proof(&log.tiles, 5, &other).unwrap_err();
    assert!(matches!(refused, Error::TilesContradictRoot { .. }));
}

/// The reader of the ported package leaves this tile unverified: the right edge of 259 entries has
/// two subtrees in one tile.
#[test]
fn a_changed_full_tile_beside_a_ragged_edge_makes_no_proof() {
    for size in [259, 263, 511, 65_795] {
        let mut log = Log::of(size);
        let head = log.head();
        log.tiles.0.get_mut("tile/0/000").unwrap()[0] ^= 1;
        for index in [0, 1, 2, 200] {
            let made = inclusion_proof(&log.tiles, &head, index);
            let is_refused = matches!(made, Err(Error::TilesContradictRoot { .. }));
            assert!(is_refused, "entry {index} of {size}: {made:?}");
        }
        for old in [1, 100, 255] {
            let made = consistency_proof(&log.tiles, old, &head);
            let is_refused = matches!(made, Err(Error::TilesContradictRoot { .. }));
            assert!(is_refused, "{old} to {size}: {made:?}");
            let root = root_at(&log.tiles, old, &head);
            assert!(matches!(root, Err(Error::TilesContradictRoot { .. })));
        }
    }
}

struct Failing;

impl TileReader for Failing {
    fn tile(&self, _: &TilePath) -> Result<Option<Vec<u8>>, ReadFailure> {
        Err("the cable is out".into())
    }
}

#[test]
fn why_a_tile_could_not_be_read_is_passed_on() {
    let failed = inclusion_proof(&Failing, &head_at(300), 7).unwrap_err();
    let source = std::error::Error::source(&failed).unwrap().to_string();
    assert_eq!(source, "the cable is out");
    assert!(matches!(failed, Error::Read { .. }));
    let missing = inclusion_proof(&Store::default(), &head_at(300), 7).unwrap_err();
    assert!(matches!(missing, Error::MissingTile { .. }), "{missing}");
}

#[test]
fn the_largest_trees_ask_for_tiles_and_do_not_overflow() {
    for size in [
        TREE_SIZE_MAX,
        TREE_SIZE_MAX - 1,
        (1 << 56) + 1,
        1 << 56,
        1 << 48,
    ] {
        let head = TreeHead {
            size,
            root: leaf(0),
        };
        for index in [0, size / 2, size - 1] {
            let missing = inclusion_proof(&Store::default(), &head, index).unwrap_err();
            assert!(
                matches!(missing, Error::MissingTile { .. }),
                "{size}: {missing}"
            );
            let missing = consistency_proof(&Store::default(), index + 1, &head);
            // The same size needs no proof and no tile.
            assert_eq!(missing.is_ok(), index + 1 == size);
            let missing = root_at(&Store::default(), index + 1, &head);
            assert_eq!(missing.is_ok(), index + 1 == size);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_inclusion_proof_holds_for_its_entry_and_for_nothing_else(
        size in 1_u64..700, seed: u64, flip: prop::sample::Index, bit in 0_usize..256,
    ) {
        let index = seed % size;
        let log = Log::of(size);
        let head = log.head();
        let proof = inclusion_proof(&log.tiles, &head, index).unwrap();
        let mine = leaf(index);
        prop_assert!(check_inclusion(&proof, &head, index, &mine).is_ok());

        let flipped = |hash: &Hash| {
            let mut bytes = *hash.bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            Hash::new(bytes)
        };
        prop_assert!(check_inclusion(&proof, &head, index, &flipped(&mine)).is_err());
        let root = TreeHead { root: flipped(&head.root), ..head };
        prop_assert!(check_inclusion(&proof, &root, index, &mine).is_err());
        for other in (0..size).filter(|other| *other != index) {
            prop_assert!(check_inclusion(&proof, &head, other, &mine).is_err());
        }
        let longer = [proof.as_slice(), &[mine]].concat();
        prop_assert!(check_inclusion(&longer, &head, index, &mine).is_err());
        if !proof.is_empty() {
            let mut wrong = proof.clone();
            let at = flip.index(wrong.len());
            wrong[at] = flipped(&wrong[at]);
            prop_assert!(check_inclusion(&wrong, &head, index, &mine).is_err());
            prop_assert!(check_inclusion(&proof[1..], &head, index, &mine).is_err());
            prop_assert!(check_inclusion(&proof[..proof.len() - 1], &head, index, &mine).is_err());
        }
    }

    #[test]
    fn a_consistency_proof_holds_for_its_trees_and_for_no_others(
        new in 2_u64..700, seed: u64, flip: prop::sample::Index, bit in 0_usize..256,
    ) {
        let old = 1 + seed % (new - 1);
        let log = Log::of(new);
        let (old_head, new_head) = (head_at(old), log.head());
        let proof = consistency_proof(&log.tiles, old, &new_head).unwrap();
        prop_assert!(check_consistency(&proof, &old_head, &new_head).is_ok());

        let flipped = |hash: &Hash| {
            let mut bytes = *hash.bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            Hash::new(bytes)
        };
        let wrong_old = TreeHead { root: flipped(&old_head.root), ..old_head };
        let wrong_new = TreeHead { root: flipped(&new_head.root), ..new_head };
        prop_assert!(check_consistency(&proof, &wrong_old, &new_head).is_err());
        prop_assert!(check_consistency(&proof, &old_head, &wrong_new).is_err());
        for size in (1..new).filter(|size| *size != old) {
            let other = TreeHead { size, ..old_head };
            prop_assert!(check_consistency(&proof, &other, &new_head).is_err());
        }
        let longer = [proof.as_slice(), &[old_head.root]].concat();
        prop_assert!(check_consistency(&longer, &old_head, &new_head).is_err());
        let mut wrong = proof.clone();
        let at = flip.index(wrong.len());
        wrong[at] = flipped(&wrong[at]);
        prop_assert!(check_consistency(&wrong, &old_head, &new_head).is_err());
        prop_assert!(check_consistency(&proof[1..], &old_head, &new_head).is_err());
    }
}
