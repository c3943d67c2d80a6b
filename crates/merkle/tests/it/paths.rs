//! Names of tiles and bundles.

use merkle::{BundlePath, Format, TilePath, bundles_changed, bundles_of, tiles_changed, tiles_of};
use proptest::prelude::*;

use crate::made::is_malformed;

#[test]
fn names_are_those_of_the_specification() {
    let tile = TilePath::new(0, 1_234_067, 8).unwrap();
    assert_eq!(tile.to_string(), "tile/0/x001/x234/067.p/8");
    assert_eq!(tile.as_full().to_string(), "tile/0/x001/x234/067");
    assert_eq!(
        TilePath::new(63, 0, 256).unwrap().to_string(),
        "tile/63/000"
    );
    let bundle = BundlePath::new(1000, 255).unwrap();
    assert_eq!(bundle.to_string(), "tile/entries/x001/000.p/255");
    assert_eq!(bundle.as_full().to_string(), "tile/entries/x001/000");
}

#[test]
fn a_tree_of_70000_has_the_tiles_of_the_specifications_example() {
    let count = |level, partial| {
        let tiles = tiles_of(70_000);
        tiles
            .filter(|tile| tile.level() == level && tile.is_partial() == partial)
            .count()
    };
    assert_eq!(
        [count(0, false), count(1, false), count(2, false)],
        [273, 1, 0]
    );
    let partial: Vec<String> = tiles_of(70_000)
        .filter(TilePath::is_partial)
        .map(|tile| tile.to_string())
        .collect();
    assert_eq!(
        partial,
        ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]
    );
    assert_eq!(bundles_of(70_000).count(), 274);
}

#[test]
fn a_tree_of_256_has_a_full_tile_and_a_partial_one_above() {
    let tiles: Vec<String> = tiles_of(256).map(|tile| tile.to_string()).collect();
    assert_eq!(tiles, ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(tiles_of(0).count() + bundles_of(0).count(), 0);
}

#[test]
fn only_the_one_spelling_of_a_name_is_taken() {
    for text in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/+0/000",
        "tile/64/000",
        "tile/256/000",
        "tile/-1/000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/x01/000",
        "tile/0/xx001/000",
        "tile/0/+01",
        "tile/0/000.p/0",
        "tile/0/000.p/00",
        "tile/0/000.p/08",
        "tile/0/000.p/+8",
        "tile/0/000.p/256",
        "tile/0/000.p/8/",
        "tile/0/000.p",
        "tile/0/000.p/8.p/8",
        "/tile/0/000",
        "tile/0/000 ",
        "tile/0/000\n",
        "tile/0/../000",
        "tile/8/0/000",
        "tile/data/000",
        "tile/entries/000",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
    ] {
        let read = text.parse::<TilePath>();
        assert!(is_malformed(read, Format::TilePath), "{text}");
    }
    for text in [
        "tile/entries",
        "tile/entries/",
        "tile/entries/00",
        "tile/0/000",
        "tile/entries/000.p/256",
    ] {
        let read = text.parse::<BundlePath>();
        assert!(is_malformed(read, Format::BundlePath), "{text}");
    }
    let largest: TilePath = "tile/0/x018/x446/x744/x073/x709/x551/615".parse().unwrap();
    assert_eq!(largest.index(), u64::MAX);
}

#[test]
fn widths_and_levels_out_of_range_are_refused() {
    assert!(is_malformed(TilePath::new(64, 0, 1), Format::TilePath));
    assert!(is_malformed(TilePath::new(0, 0, 0), Format::TilePath));
    assert!(is_malformed(TilePath::new(0, 0, 257), Format::TilePath));
    assert!(is_malformed(BundlePath::new(0, 0), Format::BundlePath));
    assert!(is_malformed(BundlePath::new(0, 257), Format::BundlePath));
}

proptest! {
    #[test]
    fn every_name_is_read_as_it_was_written(
        level in 0_u8..64, index: u64, width in 1_u16..=256,
    ) {
        let tile = TilePath::new(level, index, width).unwrap();
        prop_assert_eq!(tile.to_string().parse::<TilePath>().unwrap(), tile);
        let bundle = BundlePath::new(index, width).unwrap();
        prop_assert_eq!(bundle.to_string().parse::<BundlePath>().unwrap(), bundle);
    }

    #[test]
    fn what_changed_is_what_the_larger_tree_has_and_the_smaller_has_not(
        old in 0_u64..200_000, step in 0_u64..70_000,
    ) {
        let before: Vec<_> = tiles_of(old).collect();
        let expected: Vec<_> = tiles_of(old + step).filter(|t| !before.contains(t)).collect();
        prop_assert_eq!(tiles_changed(old, old + step).collect::<Vec<_>>(), expected);
        let before: Vec<_> = bundles_of(old).collect();
        let expected: Vec<_> = bundles_of(old + step).filter(|b| !before.contains(b)).collect();
        prop_assert_eq!(bundles_changed(old, old + step).collect::<Vec<_>>(), expected);
        prop_assert_eq!(tiles_changed(old + step, old).count(), 0);
    }
}
