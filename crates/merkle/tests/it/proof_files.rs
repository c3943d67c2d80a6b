//! Proof files.

use merkle::{Error, Format, Policy, ProofFile, inclusion_proof};
use proptest::prelude::*;

use crate::made::{Log, is_malformed, leaf, log_key, signed, witness_key};

fn proof(size: u64, index: u64) -> ProofFile {
    let log = Log::of(size);
    let mut checkpoint = signed(log.head());
    checkpoint.cosign(&witness_key(1), 1_700_000_000).unwrap();
    ProofFile {
        extra: None,
        index,
        hashes: inclusion_proof(&log.tiles, &log.head(), index).unwrap(),
        checkpoint,
    }
}

fn policy(threshold: usize) -> Policy {
    let witness = witness_key(1).verifier().clone();
    Policy::of_keys(&[log_key().verifier().clone()], &[witness], threshold).unwrap()
}

#[test]
fn a_proof_file_has_the_lines_of_the_specification() {
    let file = proof(3, 1);
    let text = file.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "c2sp.org/tlog-proof@v1");
    assert_eq!(lines[1], "index 1");
    assert_eq!(lines[2], leaf(0).to_string());
    assert_eq!(lines[3], leaf(2).to_string());
    assert_eq!(lines[4], "");
    assert_eq!(lines[5], crate::made::ORIGIN);
    assert!(text.ends_with(&file.checkpoint.to_string()));
    assert_eq!(ProofFile::parse(text.as_bytes()).unwrap(), file);
}

#[test]
fn extra_data_are_kept_and_change_no_verdict() {
    for extra in [vec![], b"any bytes\xff".to_vec(), vec![7; 65_535]] {
        let file = ProofFile {
            extra: Some(extra),
            ..proof(3, 1)
        };
        let read = ProofFile::parse(file.to_string().as_bytes()).unwrap();
        assert_eq!(read, file);
        read.verify(&leaf(1), &policy(1)).unwrap();
    }
    let long = ProofFile {
        extra: Some(vec![7; 65_536 + 3]),
        ..proof(3, 1)
    };
    let refused = ProofFile::parse(long.to_string().as_bytes());
    assert!(matches!(refused, Err(Error::TooLarge { .. })));
}

#[test]
fn a_proof_verifies_for_its_entry_its_log_and_its_quorum_alone() {
    let file = proof(257, 255);
    file.verify(&leaf(255), &policy(1)).unwrap();
    let refused = file.verify(&leaf(254), &policy(1)).unwrap_err();
    assert!(matches!(
        refused,
        Error::NotIncluded {
            index: 255,
            size: 257
        }
    ));

    let elsewhere = ProofFile {
        index: 254,
        ..file.clone()
    };
    assert!(elsewhere.verify(&leaf(255), &policy(1)).is_err());
    let outside = ProofFile {
        index: 257,
        ..file.clone()
    };
    let refused = outside.verify(&leaf(255), &policy(1)).unwrap_err();
    assert!(matches!(refused, Error::IndexOutsideTree { .. }));

    let unwitnessed = ProofFile {
        checkpoint: signed(Log::of(257).head()),
        ..file
    };
    unwitnessed.verify(&leaf(255), &policy(0)).unwrap();
    let refused = unwitnessed.verify(&leaf(255), &policy(1)).unwrap_err();
    assert!(matches!(refused, Error::NoQuorum));
}

#[test]
fn malformed_proof_files_are_refused() {
    let text = proof(3, 1).to_string();
    let hash = leaf(0).to_string();
    for wrong in [
        String::new(),
        "c2sp.org/tlog-proof@v1\n".to_owned(),
        text.replace("@v1", "@v2"),
        text.replace("c2sp", "\u{feff}c2sp"),
        text.replace("index 1\n", ""),
        text.replace("index 1", "index 01"),
        text.replace("index 1", "index +1"),
        text.replace("index 1", "index  1"),
        text.replace("index 1", "Index 1"),
        text.replace("index 1", "index 18446744073709551616"),
        text.replace("index 1\n", "extra eA==\nextra eA==\nindex 1\n"),
        text.replace("index 1\n", "extra eA\nindex 1\n"),
        text.replace("index 1\n", "extra eB==\nindex 1\n"),
        text.replace('\n', "\r\n"),
        text.split("\n\n").next().unwrap().to_owned(),
    ] {
        let read = ProofFile::parse(wrong.as_bytes());
        assert!(is_malformed(read, Format::ProofFile), "{wrong}");
    }
    let shorter_hash = text.replace(&hash, &hash[..40]);
    assert!(is_malformed(
        ProofFile::parse(shorter_hash.as_bytes()),
        Format::Hash
    ));
    let extra_late = text.replace("index 1\n", "index 1\nextra eA==\n");
    assert!(is_malformed(
        ProofFile::parse(extra_late.as_bytes()),
        Format::Hash
    ));
    let no_blank = text.replacen("\n\n", "\n", 1);
    assert!(ProofFile::parse(no_blank.as_bytes()).is_err());
    let two_blanks = text.replacen("\n\n", "\n\n\n", 1);
    assert!(ProofFile::parse(two_blanks.as_bytes()).is_err());
    let long = text.replace(&hash, &[hash.as_str(); 64].join("\n"));
    assert!(matches!(
        ProofFile::parse(long.as_bytes()),
        Err(Error::TooLarge { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_flipped_bit_of_a_proof_file_is_refused_or_changes_nothing_signed(
        size in 1_u64..600, seed: u64, at: prop::sample::Index, bit in 0_u8..8,
    ) {
        let index = seed % size;
        let file = proof(size, index);
        let mut bytes = file.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let verdict = ProofFile::parse(&bytes).and_then(|read| read.verify(&leaf(index), &policy(1)));
        prop_assert!(verdict.is_err(), "bit {} of byte {}", bit, at);
    }
}
