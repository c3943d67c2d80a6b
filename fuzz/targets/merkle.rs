#![no_main]
//! Any bytes may come as a checkpoint, a proof file, a policy, a request, a bundle or a name: they
//! are refused, or they are written back as they were read.

use libfuzzer_sys::fuzz_target;
use merkle::{
    AddCheckpoint, BundlePath, Checkpoint, CosignerKey, Hash, Note, Policy, ProofFile,
    SignedCheckpoint, SignerKey, TilePath, VerifierKey,
};

fuzz_target!(|bytes: &[u8]| {
    let same = |written: String| assert_eq!(written.as_bytes(), bytes);
    let _ = Note::parse(bytes).map(|read| same(read.to_string()));
    let _ = AddCheckpoint::parse(bytes).map(|read| same(read.to_string()));
    let _ = merkle::parse_size(bytes).map(|size| same(merkle::format_size(size)));
    let _ = merkle::parse_signature_lines(bytes)
        .map(|lines| same(lines.iter().map(ToString::to_string).collect()));
    if let Ok(proof) = ProofFile::parse(bytes) {
        same(proof.to_string());
        let _ = proof.check_inclusion(&merkle::leaf_hash(bytes));
    }
    if let Ok(checkpoint) = SignedCheckpoint::parse(bytes) {
        same(checkpoint.to_string());
        let head = checkpoint.checkpoint().head();
        let _ = merkle::check_consistency(&[], head, head);
    }
    let _ = Policy::parse(bytes);
    for width in [1, 2, 256] {
        if let Ok(entries) = merkle::decode_bundle(bytes, width) {
            assert_eq!(merkle::encode_bundle(&entries).as_deref().ok(), Some(bytes));
        }
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let _ = Checkpoint::parse(text).map(|read| same(read.to_string()));
    let _ = text.parse::<TilePath>().map(|read| same(read.to_string()));
    let _ = text.parse::<BundlePath>().map(|read| same(read.to_string()));
    let _ = Hash::from_base64(text).map(|read| same(read.to_string()));
    // The digits of a key id may be of either case.
    let _ = text.parse::<VerifierKey>();
    let _ = text.parse::<SignerKey>();
    let _ = text.parse::<CosignerKey>();
});
