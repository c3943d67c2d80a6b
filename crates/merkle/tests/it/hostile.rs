//! No parser panics, whatever the bytes; what is read is written back as the same bytes.

use std::sync::LazyLock;

use merkle::{
    AddCheckpoint, BundlePath, Checkpoint, CosignerKey, Hash, Note, Policy, ProofFile,
    SignedCheckpoint, SignerKey, TilePath, TreeHead, VerifierKey, check_consistency,
    check_inclusion, decode_bundle, inclusion_proof, parse_signature_lines, parse_size,
};
use proptest::prelude::*;

use crate::made::{Log, head_at, leaf, log_key, signed, witness_key};

/// Reads the bytes as everything; what is taken must be written as it was read.
fn read_as_everything(bytes: &[u8]) {
    let same = |written: String| assert_eq!(written.as_bytes(), bytes);
    let _ = Note::parse(bytes).map(|read| same(read.to_string()));
    let _ = SignedCheckpoint::parse(bytes).map(|read| same(read.to_string()));
    let _ = ProofFile::parse(bytes).map(|read| same(read.to_string()));
    let _ = AddCheckpoint::parse(bytes).map(|read| same(read.to_string()));
    let _ = parse_signature_lines(bytes)
        .map(|read| same(read.iter().map(ToString::to_string).collect()));
    let _ = parse_size(bytes);
    if let Ok(policy) = Policy::parse(bytes) {
        let _ = policy.evaluate(&signed(head_at(1))).must_hold();
    }
    for width in [0, 1, 3, 256, u16::MAX] {
        if let Ok(entries) = decode_bundle(bytes, width) {
            assert_eq!(merkle::encode_bundle(&entries).unwrap(), bytes);
        }
    }
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let _ = Checkpoint::parse(text).map(|read| same(read.to_string()));
    let _ = text.parse::<TilePath>().map(|read| same(read.to_string()));
    let _ = text
        .parse::<BundlePath>()
        .map(|read| same(read.to_string()));
    let _ = Hash::from_base64(text).map(|read| same(read.to_string()));
    // The id's digits may be of either case.
    let _ = text.parse::<VerifierKey>();
    let _ = text.parse::<SignerKey>();
    let _ = text.parse::<CosignerKey>();
}

/// One right text of each kind, to be changed.
static RIGHT_TEXTS: LazyLock<Vec<String>> = LazyLock::new(right_texts);

fn right_texts() -> Vec<String> {
    let log = Log::of(300);
    let mut checkpoint = signed(log.head());
    checkpoint.cosign(&witness_key(1), 1_700_000_000).unwrap();
    let proof = ProofFile {
        extra: Some(vec![1, 2, 3]),
        index: 7,
        hashes: inclusion_proof(&log.tiles, &log.head(), 7).unwrap(),
        checkpoint: checkpoint.clone(),
    };
    let request = AddCheckpoint {
        old_size: 7,
        proof: vec![leaf(0), leaf(1)],
        checkpoint: checkpoint.clone(),
    };
    let (log_vkey, witness_vkey) = (log_key(), witness_key(1));
    let (log_vkey, witness_vkey) = (log_vkey.verifier(), witness_vkey.verifier());
    vec![
        checkpoint.to_string(),
        proof.to_string(),
        request.to_string(),
        format!("log {log_vkey}\nwitness W {witness_vkey}\ngroup G all W\nquorum G\n"),
        log_vkey.to_string(),
        log_key().to_private_text(),
        witness_key(1).to_private_text(),
        "tile/0/x001/x234/067.p/8".to_owned(),
        "tile/entries/x001/000".to_owned(),
    ]
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "\\PC{0,200}") {
        read_as_everything(text.as_bytes());
    }

    #[test]
    fn no_change_of_a_right_text_makes_a_reader_panic(
        which: prop::sample::Index, at: prop::sample::Index, cut: prop::sample::Index,
        insert in "[ \\n+—=x0-9A-Za-z/\\x00-\\x7f]{0,12}",
    ) {
        let text = which.get(&RIGHT_TEXTS).as_bytes();
        let (at, cut) = (at.index(text.len() + 1), cut.index(12));
        let rest = text.get(at + cut..).unwrap_or_default();
        read_as_everything(&[&text[..at], insert.as_bytes(), rest].concat());
    }

    #[test]
    fn no_proof_makes_a_check_panic(
        hashes in prop::collection::vec(any::<[u8; 32]>(), 0..70),
        size: u64, other: u64, root: [u8; 32], shift in 0_u32..64,
    ) {
        let proof: Vec<Hash> = hashes.into_iter().map(Hash::new).collect();
        let new = TreeHead { size: size >> shift, root: Hash::new(root) };
        for index in [other, other % new.size.max(1), new.size.wrapping_sub(1), new.size, 0] {
            let _ = check_inclusion(&proof, &new, index, &leaf(0));
            let old = TreeHead { size: index, root: leaf(0) };
            let _ = check_consistency(&proof, &old, &new);
            let _ = inclusion_proof(&crate::made::Store::default(), &new, index);
            let _ = merkle::consistency_proof(&crate::made::Store::default(), index, &new);
        }
    }

    #[test]
    fn no_tiles_make_a_proof_that_does_not_hold(
        size in 1_u64..600, seed: u64, junk in prop::collection::vec(any::<u8>(), 32..64),
        which: prop::sample::Index,
    ) {
        let mut log = Log::of(size);
        let head = log.head();
        let path = which.get(&log.tiles.0.keys().cloned().collect::<Vec<_>>()).clone();
        let tile = log.tiles.0.get_mut(&path).unwrap();
        tile.splice(..32, junk);
        let index = seed % size;
        if let Ok(proof) = inclusion_proof(&log.tiles, &head, index) {
            check_inclusion(&proof, &head, index, &leaf(index)).unwrap();
        }
    }
}
