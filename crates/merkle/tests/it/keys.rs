//! Keys and notes, with the vectors of the Go team's note package.

use merkle::{Algorithm, CosignerKey, Error, Format, Note, SignerKey, VerifierKey};
use proptest::prelude::*;
use signed_note::{Signer as _, StandardSigner, StandardVerifier, Verifier as _};

use crate::made::is_malformed;

const PETER_PRIVATE: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
const SIGNED: &str = "If you think cryptography is the answer to your problem,\n\
                      then you don't know what your problem is.\n\
                      \n\
                      — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const ENOCH_LINE: &str = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

#[test]
fn the_go_packages_key_signs_the_go_packages_note() {
    let private: SignerKey = PETER_PRIVATE.parse().unwrap();
    assert_eq!(private.verifier().to_string(), PETER);
    assert_eq!(private.to_private_text(), PETER_PRIVATE);
    let mut note = Note::new(TEXT).unwrap();
    note.add(private.sign(TEXT)).unwrap();
    assert_eq!(note.to_string(), SIGNED);
}

#[test]
fn the_go_packages_note_verifies_with_its_key() {
    let key: VerifierKey = PETER.parse().unwrap();
    assert_eq!(key.name(), "PeterNeumann");
    assert_eq!(key.id().number(), 0xc74f_20a3);
    assert_eq!(key.algorithm(), Algorithm::Ed25519);
    let note = Note::parse(SIGNED.as_bytes()).unwrap();
    assert_eq!(note.text(), TEXT);
    note.verify(&key).unwrap();
}

#[test]
fn a_second_signature_leaves_the_first_and_the_order() {
    let twice = format!("{SIGNED}{ENOCH_LINE}");
    let note = Note::parse(twice.as_bytes()).unwrap();
    assert_eq!(note.to_string(), twice);
    note.verify(&PETER.parse().unwrap()).unwrap();
    let enoch = SignerKey::from_seed("EnochRoot", &[0; 32]).unwrap();
    note.verify(enoch.verifier()).unwrap();
    let mut again = Note::parse(SIGNED.as_bytes()).unwrap();
    again.add(enoch.sign(TEXT)).unwrap();
    assert_eq!(again.to_string(), twice);
    again.add(enoch.sign(TEXT)).unwrap();
    assert_eq!(again.to_string(), twice, "one line for each key");
}

#[test]
fn a_line_with_only_the_name_or_only_the_id_of_a_key_is_not_its_own() {
    let key: VerifierKey = PETER.parse().unwrap();
    for other in [
        SIGNED.replace("— PeterNeumann", "— PeterNewmann"),
        SIGNED.replace("x08go/", "x08gp/"),
    ] {
        let note = Note::parse(other.as_bytes()).unwrap();
        assert!(matches!(note.verify(&key), Err(Error::NotSigned { .. })));
    }
}

#[test]
fn a_changed_text_or_signature_is_named_as_wrong() {
    let key: VerifierKey = PETER.parse().unwrap();
    for wrong in [
        SIGNED.replace("your problem is", "your problems are"),
        SIGNED.replace("JnAM=", "JnBM="),
    ] {
        let refused = Note::parse(wrong.as_bytes()).unwrap().verify(&key);
        assert!(
            matches!(refused, Err(Error::WrongSignature { .. })),
            "{wrong}"
        );
    }
}

#[test]
fn one_wrong_line_beside_a_right_one_spoils_the_note() {
    let wrong = SIGNED.lines().last().unwrap().replace("JnAM=", "JnBM=");
    let note = Note::parse(format!("{SIGNED}{wrong}\n").as_bytes()).unwrap();
    let refused = note.verify(&PETER.parse().unwrap());
    assert!(matches!(refused, Err(Error::WrongSignature { .. })));
}

#[test]
fn malformed_notes_are_refused() {
    let line = SIGNED.lines().last().unwrap();
    for text in [
        "".to_owned(),
        TEXT.to_owned(),
        format!("{TEXT}\n"),
        format!("{TEXT}\n{line}"),
        format!("{TEXT}{line}\n"),
        format!("{TEXT}\n{line}\n\n"),
        format!("{TEXT}\n{line} \n"),
        format!("{TEXT}\n{line}=\n"),
        format!("{TEXT}\n- {}\n", line.strip_prefix("— ").unwrap()),
        format!("{TEXT}\r\n\n{line}\n"),
        format!("{TEXT}\n— PeterNeumann \n"),
        format!("{TEXT}\n— PeterNeumann x08gow==\n"),
        format!("{TEXT}\n— Peter+Neumann x08go/ZJ\n"),
        format!("{TEXT}\n—  x08go/ZJkuBS\n"),
        format!("{TEXT}\n{}\n", line.replace("AM=", "AN=")),
        format!("{TEXT}\n{}\n", line.replace("AM=", "AM")),
        "\u{0}\n\n— a x08go/ZJ\n".to_owned(),
    ] {
        let read = Note::parse(text.as_bytes());
        assert!(is_malformed(read, Format::Note), "{text:?}");
    }
    let not_utf8 = [b"\xff\n\n".as_slice(), line.as_bytes(), b"\n"].concat();
    assert!(is_malformed(Note::parse(&not_utf8), Format::Note));
    assert!(is_malformed(Note::new("no newline"), Format::Note));
}

#[test]
fn at_most_a_hundred_signatures_and_at_least_sixteen_are_taken() {
    let line = SIGNED.lines().last().unwrap();
    let with = |count| format!("{TEXT}\n{}", format!("{line}\n").repeat(count));
    assert!(Note::parse(with(16).as_bytes()).is_ok());
    assert!(Note::parse(with(100).as_bytes()).is_ok());
    assert!(Note::parse(with(101).as_bytes()).is_err());
    let long = format!("{}\n{SIGNED}", "x".repeat(256 * 1024));
    assert!(matches!(
        Note::parse(long.as_bytes()),
        Err(Error::TooLarge { .. })
    ));
    let mut full = Note::new(TEXT).unwrap();
    for number in 0..100 {
        let key = SignerKey::from_seed(&format!("key{number}"), &[1; 32]).unwrap();
        full.add(key.sign(TEXT)).unwrap();
    }
    let one_more = SignerKey::from_seed("key100", &[1; 32]).unwrap();
    assert!(matches!(
        full.add(one_more.sign(TEXT)),
        Err(Error::TooLarge { .. })
    ));
    let known = SignerKey::from_seed("key7", &[1; 32]).unwrap();
    full.add(known.sign(TEXT)).unwrap();
    assert_eq!(full.signatures().len(), 100);
}

#[test]
fn published_keys_of_both_types_are_read_and_written() {
    // Of the test files of the transparency-dev projects.
    let log = "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6";
    let witness = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";
    for (text, algorithm) in [(log, Algorithm::Ed25519), (witness, Algorithm::Cosignature)] {
        let key: VerifierKey = text.parse().unwrap();
        assert_eq!(key.algorithm(), algorithm);
        assert_eq!(key.to_string(), text);
    }
}

#[test]
fn malformed_public_keys_are_refused() {
    for text in [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a3+",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter\u{1}Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+ c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNewmann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        "PeterNeumann+c74f20a3+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AQ==",
        PETER_PRIVATE,
    ] {
        let read = text.parse::<VerifierKey>();
        assert!(is_malformed(read, Format::VerifierKey), "{text:?}");
    }
    let long = format!("a+00000000+{}", "A".repeat(10_000));
    assert!(matches!(
        long.parse::<VerifierKey>(),
        Err(Error::TooLarge { .. })
    ));
}

#[test]
fn a_weak_public_key_is_refused() {
    // The identity: some signature is right for every text.
    let mut identity = [0; 32];
    identity[0] = 1;
    let refused = VerifierKey::new("weak", Algorithm::Ed25519, &identity);
    assert!(is_malformed(refused, Format::VerifierKey));
}

#[test]
fn a_signature_that_only_lenient_verifiers_take_is_refused() {
    // Made with the private key, by the formula, from the point that is its own double.
    let line = "— PeterNeumann x08gowEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAcbcgAhMqzm/ZyBf5Y4xCfgy1mBk5eh1/04oILuWs7Q0=\n";
    let note = Note::parse(format!("{TEXT}\n{line}").as_bytes()).unwrap();
    let lenient = StandardVerifier::new(PETER).unwrap();
    assert!(lenient.verify(TEXT.as_bytes(), note.signatures()[0].bytes()));
    let refused = note.verify(&PETER.parse().unwrap());
    assert!(matches!(refused, Err(Error::WrongSignature { .. })));
}

#[test]
fn a_key_of_an_unknown_type_is_kept_and_verifies_nothing() {
    // Type 0x02, whose ids follow a rule of their own.
    let key: VerifierKey = "old.example+01020304+AgECAwQ=".parse().unwrap();
    assert_eq!(key.algorithm(), Algorithm::Other(2));
    assert_eq!(key.to_string(), "old.example+01020304+AgECAwQ=");
    let note = Note::parse(format!("{TEXT}\n— old.example AQIDBAE=\n").as_bytes()).unwrap();
    let refused = note.verify(&key);
    assert!(matches!(refused, Err(Error::WrongAlgorithm { .. })));
}

#[test]
fn a_private_key_of_the_other_kind_is_refused() {
    let log = SignerKey::from_seed("log.example", &[3; 32]).unwrap();
    let witness = CosignerKey::from_seed("witness.example", &[3; 32]).unwrap();
    assert!(is_malformed(
        log.to_private_text().parse::<CosignerKey>(),
        Format::PrivateKey
    ));
    assert!(is_malformed(
        witness.to_private_text().parse::<SignerKey>(),
        Format::PrivateKey
    ));
    let again: CosignerKey = witness.to_private_text().parse().unwrap();
    assert_eq!(again.verifier(), witness.verifier());
    assert_ne!(log.verifier().id(), witness.verifier().id());
}

#[test]
fn malformed_private_keys_are_refused() {
    for text in [
        PETER_PRIVATE.replace("PRIVATE", "private"),
        PETER_PRIVATE.replace("c74f20a3", "c74f20a4"),
        PETER_PRIVATE.replace("Peter", "Pete"),
        PETER_PRIVATE.replace("+AYE", "+BIE"),
        PETER_PRIVATE.replace("KDFz", "KDF"),
        format!("{PETER_PRIVATE}AAAA"),
        PETER.to_owned(),
    ] {
        assert!(
            is_malformed(text.parse::<SignerKey>(), Format::PrivateKey),
            "{text}"
        );
    }
    assert!(SignerKey::from_seed("two words", &[1; 32]).is_err());
}

#[test]
fn printing_a_private_key_for_debugging_shows_the_public_one() {
    let key: SignerKey = PETER_PRIVATE.parse().unwrap();
    assert_eq!(format!("{key:?}"), format!("SignerKey({PETER})"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn keys_and_signatures_are_those_of_the_ported_package(
        seed: [u8; 32], name in "[a-zA-Z0-9./-]{1,40}", text in "[ -~\n]{0,200}",
    ) {
        let ours = SignerKey::from_seed(&name, &seed).unwrap();
        let theirs = StandardSigner::new(&ours.to_private_text()).unwrap();
        let text = text + "\n";
        let line = ours.sign(&text);
        prop_assert_eq!(line.bytes(), theirs.sign(text.as_bytes()).unwrap());
        prop_assert_eq!(line.id().number(), theirs.key_id());
        let verifier = StandardVerifier::new(&ours.verifier().to_string()).unwrap();
        prop_assert!(verifier.verify(text.as_bytes(), line.bytes()));
        let mut note = Note::new(&text).unwrap();
        note.add(line).unwrap();
        let read = Note::parse(note.to_string().as_bytes()).unwrap();
        prop_assert_eq!(&read, &note);
        prop_assert!(read.verify(ours.verifier()).is_ok());
    }

    #[test]
    fn every_flipped_bit_of_a_signature_is_refused(bit in 0_usize..512, seed: [u8; 32]) {
        let key = SignerKey::from_seed("log.example", &seed).unwrap();
        let mut note = Note::new(TEXT).unwrap();
        note.add(key.sign(TEXT)).unwrap();
        let mut raw = key.sign(TEXT).id().number().to_be_bytes().to_vec();
        raw.extend_from_slice(key.sign(TEXT).bytes());
        raw[4 + bit / 8] ^= 1 << (bit % 8);
        let line = signed_note::Signature::new(
            "log.example".to_owned(), key.verifier().id().number(), raw[4..].to_vec(),
        ).unwrap();
        let wrong = [format!("{TEXT}\n").as_bytes(), &line.to_bytes()].concat();
        let refused = Note::parse(&wrong).unwrap().verify(key.verifier());
        let is_wrong = matches!(refused, Err(Error::WrongSignature { .. }));
        prop_assert!(is_wrong);
    }
}
