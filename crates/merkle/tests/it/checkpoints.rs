//! Checkpoints, their log's signature and cosignatures.

use ed25519_dalek::{Signer as _, SigningKey};
use merkle::{
    Checkpoint, Error, Format, Hash, SignedCheckpoint, SignerKey, TREE_SIZE_MAX, TreeHead,
    leaf_hash, parse_signature_lines,
};
use proptest::prelude::*;

use crate::made::{ORIGIN, head_at, is_malformed, log_key, signed, witness_key};

/// The example of C2SP tlog-cosignature.
const EXAMPLE: &str = "example.com/behind-the-sofa\n\
    20852163\n\
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\
    \n\
    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

#[test]
fn the_specifications_example_is_read_and_written() {
    let read: SignedCheckpoint = EXAMPLE.parse().unwrap();
    let checkpoint = read.checkpoint();
    assert_eq!(checkpoint.origin(), "example.com/behind-the-sofa");
    assert_eq!(checkpoint.head().size, 20_852_163);
    let root = "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62";
    assert_eq!(checkpoint.head().root.to_hex(), root);
    assert!(checkpoint.extensions().is_empty());
    let names: Vec<&str> = read.signatures().iter().map(|line| line.name()).collect();
    assert_eq!(
        names,
        ["example.com/behind-the-sofa", "witness.example.com/w1"]
    );
    // The example's time: 1679315147 seconds.
    assert_eq!(
        read.signatures()[1].bytes()[..8],
        1_679_315_147_u64.to_be_bytes()
    );
    assert_eq!(read.to_string(), EXAMPLE);
}

#[test]
fn malformed_checkpoints_are_refused() {
    let root = Hash::EMPTY;
    for text in [
        String::new(),
        "\n".to_owned(),
        format!("{ORIGIN}\n0\n"),
        format!("{ORIGIN}\n0\n{root}"),
        format!("\n0\n{root}\n"),
        format!("{ORIGIN}\n00\n{root}\n"),
        format!("{ORIGIN}\n+1\n{root}\n"),
        format!("{ORIGIN}\n-1\n{root}\n"),
        format!("{ORIGIN}\n 1\n{root}\n"),
        format!("{ORIGIN}\n0x1\n{root}\n"),
        format!("{ORIGIN}\n18446744073709551616\n{root}\n"),
        format!("{ORIGIN}\n1\n{root}=\n"),
        format!("{ORIGIN}\n1\n{}\n", root.to_string().trim_end_matches('=')),
        format!("{ORIGIN}\n1\n{}\n", root.to_string().replace("FU=", "FV=")),
        format!("{ORIGIN}\n1\n{root} \n"),
        format!("{ORIGIN}\r\n1\r\n{root}\r\n"),
        format!("{ORIGIN}\n1\n{root}\n\n"),
        format!("{ORIGIN}\n1\n{root}\nextension"),
        format!("{ORIGIN}\n1\n{root}\n\nextension\n"),
        format!("{ORIGIN}\u{1}\n1\n{root}\n"),
        format!("{}\n1\n{root}\n", "x".repeat(256)),
    ] {
        assert!(
            is_malformed(Checkpoint::parse(&text), Format::Checkpoint),
            "{text:?}"
        );
    }
    let large = format!("{ORIGIN}\n{}\n{root}\n", TREE_SIZE_MAX + 1);
    assert!(matches!(
        Checkpoint::parse(&large),
        Err(Error::TreeTooLarge { .. })
    ));
    let long = format!("{ORIGIN}\n1\n{root}\n{}\n", "x".repeat(5000));
    assert!(matches!(
        Checkpoint::parse(&long),
        Err(Error::TooLarge { .. })
    ));
    let split = Checkpoint::new("two\nlines", head_at(1));
    assert!(is_malformed(split, Format::Checkpoint));
}

#[test]
fn a_log_signs_under_its_own_name_only() {
    let other = SignerKey::from_seed("example.org/other", &[1; 32]).unwrap();
    let checkpoint = Checkpoint::new(ORIGIN, head_at(3)).unwrap();
    let refused = SignedCheckpoint::sign(checkpoint, &other).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!(
            "the checkpoint is of `{ORIGIN}`, the key of `example.org/other`; use the log's own key"
        )
    );
    let of_other = signed(head_at(3)).verify_log(other.verifier()).unwrap_err();
    assert!(matches!(of_other, Error::OtherOrigin { .. }));
}

#[test]
fn a_signed_checkpoint_verifies_with_its_logs_key_alone() {
    let checkpoint = signed(head_at(257));
    let read: SignedCheckpoint = checkpoint.to_string().parse().unwrap();
    assert_eq!(read, checkpoint);
    assert_eq!(
        *read.verify_log(log_key().verifier()).unwrap().head(),
        head_at(257)
    );
    let stranger = SignerKey::from_seed(ORIGIN, &[2; 32]).unwrap();
    let refused = read.verify_log(stranger.verifier()).unwrap_err();
    assert!(matches!(refused, Error::NotSigned { .. }));
    let as_witness = read.verify_cosignature(log_key().verifier()).unwrap_err();
    assert!(matches!(as_witness, Error::WrongAlgorithm { .. }));
}

#[test]
fn a_checkpoint_with_another_size_or_root_is_not_signed() {
    let text = signed(head_at(257)).to_string();
    let other_root = head_at(256).root.to_string();
    for wrong in [
        text.replace("\n257\n", "\n258\n"),
        text.replace(&head_at(257).root.to_string(), &other_root),
        text.replace("\n\n—", "\nextension\n\n—"),
    ] {
        let read: SignedCheckpoint = wrong.parse().unwrap();
        let refused = read.verify_log(log_key().verifier());
        assert!(
            matches!(refused, Err(Error::WrongSignature { .. })),
            "{wrong}"
        );
    }
}

#[test]
fn a_cosignature_is_over_its_time_and_the_whole_checkpoint() {
    let head = head_at(5);
    let extensions = vec!["extension 1".to_owned(), "extension 2".to_owned()];
    let checkpoint = Checkpoint::with_extensions(ORIGIN, head, extensions).unwrap();
    let line = witness_key(1).cosign(&checkpoint, 1_679_315_147).unwrap();
    // Made by hand from the specification.
    let message = format!(
        "cosignature/v1\ntime 1679315147\n{ORIGIN}\n5\n{}\nextension 1\nextension 2\n",
        head.root
    );
    let by_hand = SigningKey::from_bytes(&[101; 32]).sign(message.as_bytes());
    let expected = [&1_679_315_147_u64.to_be_bytes()[..], &by_hand.to_bytes()].concat();
    assert_eq!(line.bytes(), expected);
    assert_eq!(line.bytes().len(), 72);
}

#[test]
fn a_cosignature_verifies_and_tells_its_time() {
    let mut checkpoint = signed(head_at(9));
    checkpoint.cosign(&witness_key(1), 1_700_000_000).unwrap();
    let read: SignedCheckpoint = checkpoint.to_string().parse().unwrap();
    let key = witness_key(1);
    let cosignature = read.verify_cosignature(key.verifier()).unwrap();
    assert_eq!(cosignature.time_s(), 1_700_000_000);
    assert_eq!(cosignature.witness(), key.verifier());
    read.verify_log(log_key().verifier()).unwrap();
    let absent = read.verify_cosignature(witness_key(2).verifier());
    assert!(matches!(absent, Err(Error::NotSigned { .. })));
    let as_log = read.verify_log(key.verifier());
    assert!(matches!(as_log, Err(Error::WrongAlgorithm { .. })));
}

#[test]
fn a_later_cosignature_takes_the_place_of_the_earlier() {
    let mut checkpoint = signed(head_at(9));
    let key = witness_key(1);
    checkpoint.cosign(&key, 10).unwrap();
    checkpoint.cosign(&key, 20).unwrap();
    assert_eq!(checkpoint.signatures().len(), 2);
    assert_eq!(
        checkpoint
            .verify_cosignature(key.verifier())
            .unwrap()
            .time_s(),
        20
    );
    // A foreign note may have both: the latest counts.
    let early = key.cosign(checkpoint.checkpoint(), 10).unwrap();
    let both: SignedCheckpoint = format!("{checkpoint}{early}").parse().unwrap();
    assert_eq!(both.signatures().len(), 3);
    assert_eq!(
        both.verify_cosignature(key.verifier()).unwrap().time_s(),
        20
    );
}

#[test]
fn a_cosignature_of_another_tree_or_time_is_wrong() {
    let key = witness_key(1);
    let elsewhere = Checkpoint::new(ORIGIN, head_at(8)).unwrap();
    let mut checkpoint = signed(head_at(9));
    let line = key.cosign(&elsewhere, 1_700_000_000).unwrap();
    let refused = checkpoint.check_line(&line, key.verifier());
    assert!(matches!(refused, Err(Error::WrongSignature { .. })));
    checkpoint.add(line).unwrap();
    let refused = checkpoint.verify_cosignature(key.verifier());
    assert!(matches!(refused, Err(Error::WrongSignature { .. })));

    let other_line = witness_key(2).cosign(checkpoint.checkpoint(), 1).unwrap();
    let refused = checkpoint.check_line(&other_line, key.verifier());
    assert!(matches!(refused, Err(Error::NotSigned { .. })));
    checkpoint
        .check_line(&other_line, witness_key(2).verifier())
        .unwrap();
}

#[test]
fn a_log_signature_does_not_pass_for_a_cosignature() {
    // The same seed and name in both roles: the type keeps them apart.
    let seed = [9; 32];
    let as_witness = merkle::CosignerKey::from_seed(ORIGIN, &seed).unwrap();
    let as_log = SignerKey::from_seed(ORIGIN, &seed).unwrap();
    let checkpoint = Checkpoint::new(ORIGIN, head_at(4)).unwrap();
    let signed = SignedCheckpoint::sign(checkpoint, &as_log).unwrap();
    let refused = signed.verify_cosignature(as_witness.verifier());
    assert!(matches!(refused, Err(Error::NotSigned { .. })));
}

#[test]
fn a_time_above_the_specifications_is_refused() {
    let checkpoint = Checkpoint::new(ORIGIN, head_at(4)).unwrap();
    assert!(witness_key(1).cosign(&checkpoint, (1 << 63) - 1).is_ok());
    let refused = witness_key(1).cosign(&checkpoint, 1 << 63);
    assert!(is_malformed(refused, Format::Cosignature));

    // Somebody else may sign such a time all the same.
    let time_s = 1_u64 << 63;
    let message = format!("cosignature/v1\ntime {time_s}\n{checkpoint}");
    let by_hand = SigningKey::from_bytes(&[101; 32]).sign(message.as_bytes());
    let key = witness_key(1);
    let line = signed_note::Signature::new(
        key.verifier().name().to_owned(),
        key.verifier().id().number(),
        [&time_s.to_be_bytes()[..], &by_hand.to_bytes()].concat(),
    );
    let note = [
        signed(head_at(4)).to_string().as_bytes(),
        &line.unwrap().to_bytes(),
    ]
    .concat();
    let read = SignedCheckpoint::parse(&note).unwrap();
    let refused = read.verify_cosignature(key.verifier());
    assert!(matches!(refused, Err(Error::WrongSignature { .. })));
}

#[test]
fn cosignatures_are_read_as_a_witness_answers_them() {
    let checkpoint = Checkpoint::new(ORIGIN, head_at(4)).unwrap();
    let lines = [1, 2].map(|number| witness_key(number).cosign(&checkpoint, 7).unwrap());
    let answer: String = lines.iter().map(ToString::to_string).collect();
    assert_eq!(parse_signature_lines(answer.as_bytes()).unwrap(), lines);
    for wrong in ["", "\n", "\n\n", "x\n", answer.trim_end()] {
        let read = parse_signature_lines(wrong.as_bytes());
        assert!(is_malformed(read, Format::Note), "{wrong:?}");
    }
    assert!(is_malformed(parse_signature_lines(b"\xff\n"), Format::Note));
}

proptest! {
    #[test]
    fn every_checkpoint_is_read_as_it_was_written(
        origin in "[^\\p{Cc}]{1,60}", size in 0..=TREE_SIZE_MAX, seed: [u8; 8],
        extensions in prop::collection::vec("[^\\p{Cc}]{1,40}", 0..4),
    ) {
        let head = TreeHead { size, root: leaf_hash(&seed) };
        let checkpoint = Checkpoint::with_extensions(&origin, head, extensions).unwrap();
        prop_assert_eq!(Checkpoint::parse(&checkpoint.to_string()).unwrap(), checkpoint);
    }
}
