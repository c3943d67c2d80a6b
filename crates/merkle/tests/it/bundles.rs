//! Entry bundles.

use merkle::{
    BundleWriter, ENTRY_BYTES_MAX, Error, Format, bundles_of, decode_bundle, encode_bundle,
    leaf_hash,
};
use proptest::prelude::*;

use crate::made::{Log, SIZES, entry, is_malformed, leaf};

#[test]
fn an_entry_stands_behind_its_big_endian_length() {
    let bytes = encode_bundle(&[b"ab".as_slice(), b"", &[7; 258]]).unwrap();
    assert_eq!(bytes[..8], [0, 2, b'a', b'b', 0, 0, 1, 2]);
    let entries = decode_bundle(&bytes, 3).unwrap();
    assert_eq!(entries, [b"ab".as_slice(), b"", &[7; 258]]);
}

#[test]
fn every_entry_of_every_bundle_is_there_at_every_size() {
    for size in SIZES {
        let log = Log::of(size);
        let mut index = 0;
        for path in bundles_of(size) {
            let entries = decode_bundle(&log.bundles[&path.to_string()], path.width()).unwrap();
            let tile_path = path.to_string().replace("entries", "0");
            let hashes = log.tiles.0[&tile_path].chunks(32);
            for (found, hash) in entries.iter().zip(hashes) {
                assert_eq!(*found, entry(index));
                assert_eq!(leaf_hash(found), leaf(index));
                assert_eq!(hash, leaf(index).bytes());
                index += 1;
            }
        }
        assert_eq!(index, size);
        assert_eq!(log.bundles.len(), bundles_of(size).count());
    }
}

#[test]
fn a_log_grown_with_restarts_has_the_same_bundles() {
    let mut size = 0;
    let mut partial = Vec::new();
    let mut stored = std::collections::BTreeMap::new();
    for step in [1, 254, 1, 1, 255, 256, 130] {
        let mut writer = BundleWriter::resume(size, &partial).unwrap();
        assert_eq!(writer.size(), size);
        for index in size..size + step {
            writer.push(&entry(index)).unwrap();
        }
        size += step;
        assert_eq!(writer.size(), size);
        partial = Vec::new();
        for (path, bytes) in writer.take_changed() {
            if path.is_partial() {
                partial.clone_from(&bytes);
            }
            stored.insert(path.to_string(), bytes);
        }
        assert!(writer.take_changed().is_empty());
    }
    let whole = Log::of(size).bundles;
    assert!(whole.iter().all(|(path, bytes)| stored[path] == *bytes));
}

#[test]
fn a_writer_goes_on_only_with_the_bundle_of_its_size() {
    let two = encode_bundle(&[b"a", b"b"]).unwrap();
    assert!(BundleWriter::resume(258, &two).is_ok());
    for size in [0, 1, 3, 256, 257, 259] {
        let refused = BundleWriter::resume(size, &two);
        assert!(is_malformed(refused, Format::Bundle), "size {size}");
    }
}

#[test]
fn the_longest_entry_fits_and_one_byte_more_is_refused() {
    let mut writer = BundleWriter::new();
    writer.push(&vec![1; ENTRY_BYTES_MAX]).unwrap();
    let refused = writer.push(&vec![1; ENTRY_BYTES_MAX + 1]).unwrap_err();
    assert!(matches!(refused, Error::TooLarge { limit: 65_535, .. }));
    assert_eq!(writer.size(), 1);
    let bundles = writer.take_changed();
    let entries = decode_bundle(&bundles[0].1, 1).unwrap();
    assert_eq!(entries, [vec![1; ENTRY_BYTES_MAX]]);
}

#[test]
fn a_bundle_has_1_to_256_entries() {
    let none: [&[u8]; 0] = [];
    assert!(is_malformed(encode_bundle(&none), Format::Bundle));
    assert!(is_malformed(encode_bundle(&[b"x"; 257]), Format::Bundle));
    assert!(is_malformed(decode_bundle(&[], 0), Format::Bundle));
    assert!(is_malformed(decode_bundle(&[0; 514], 257), Format::Bundle));
    assert_eq!(decode_bundle(&[0; 512], 256).unwrap().len(), 256);
}

proptest! {
    #[test]
    fn a_cut_or_longer_bundle_is_refused(
        entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..9),
        more in prop::collection::vec(any::<u8>(), 1..5),
    ) {
        let width = u16::try_from(entries.len()).unwrap();
        let bytes = encode_bundle(&entries).unwrap();
        prop_assert_eq!(decode_bundle(&bytes, width).unwrap(), entries);
        for end in 0..bytes.len() {
            prop_assert!(decode_bundle(&bytes[..end], width).is_err());
        }
        let longer = [bytes, more].concat();
        prop_assert!(decode_bundle(&longer, width).is_err());
    }
}
