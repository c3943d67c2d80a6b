//! Commitments: their bytes, what they bind, and which payloads there can be.

use proptest::prelude::*;
use record::{
    BadPayload, Class, Decision, Field, KINDS, Kind, PAYLOAD_MAX, Payload, RefusalEntry, Salt,
    check, commit,
};
use sha2::{Digest as _, Sha256};

use crate::diagnostic::{hex, unhex};

/// From docs/ledger-format.md, written again: SHA-256 over hexadecimal digits put side by side.
fn by_hand(kind: &str, field: &str, salt: &str, length: &str, bytes: &str) -> String {
    let domain = hex(b"cordon/commitment/v1\n");
    let input = [&domain, kind, field, salt, length, bytes].concat();
    hex(&Sha256::digest(unhex(&input)))
}

#[test]
fn commitments_are_the_bytes_of_the_document() {
    let salt: [u8; 32] = std::array::from_fn(|at| at as u8);
    let text = b"SELECT email FROM users WHERE id = 42";
    let commitment = commit(
        Decision::KIND,
        Decision::CLIENT_TEXT,
        &Salt::new(salt),
        text,
    );
    let expected = by_hand("0013", "0001", &hex(&salt), "0000000000000025", &hex(text));
    assert_eq!(commitment.to_string(), expected);
    // The vector that stands in docs/ledger-format.md.
    let document = include_str!("../../../../docs/ledger-format.md");
    assert!(document.contains(&expected), "{expected}");

    let empty = commit(
        Decision::KIND,
        Decision::PARAMETERS,
        &Salt::new([0xff; 32]),
        b"",
    );
    let expected = by_hand("0013", "0003", &"ff".repeat(32), "0000000000000000", "");
    assert_eq!(empty.to_string(), expected);
    assert!(document.contains(&expected), "{expected}");
}

proptest! {
    #[test]
    fn a_commitment_binds_kind_field_salt_and_bytes(
        salt in any::<[u8; 32]>(),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        at in 0_usize..32,
        bit in 0_u8..8,
    ) {
        let field = Decision::CLIENT_TEXT;
        let commitment = commit(Decision::KIND, field, &Salt::new(salt), &bytes);
        prop_assert!(check(Decision::KIND, field, &Salt::new(salt), &bytes, &commitment));

        let mut other_salt = salt;
        other_salt[at] ^= 1 << bit;
        prop_assert!(!check(Decision::KIND, field, &Salt::new(other_salt), &bytes, &commitment));
        let other_field = Decision::GUARDED_TEXT;
        prop_assert!(!check(Decision::KIND, other_field, &Salt::new(salt), &bytes, &commitment));
        prop_assert!(!check(RefusalEntry::KIND, field, &Salt::new(salt), &bytes, &commitment));
        let mut longer = bytes.clone();
        longer.push(0);
        prop_assert!(!check(Decision::KIND, field, &Salt::new(salt), &longer, &commitment));
        if let Some(byte) = bytes.first() {
            let mut other = bytes.clone();
            other[0] = byte ^ 1 << bit;
            prop_assert!(!check(Decision::KIND, field, &Salt::new(salt), &other, &commitment));
        }
    }
}

#[test]
fn a_payload_belongs_to_a_field_that_its_kind_has() {
    let payload = |kind, field, size| Payload::new(kind, field, Salt::new([1; 32]), vec![7; size]);
    let kept = payload(Decision::KIND, Decision::PARAMETERS, 3).unwrap();
    assert_eq!(
        (kept.class(), kept.bytes()),
        (Class::Literal, &[7, 7, 7][..])
    );
    assert!(check(
        kept.kind(),
        kept.field(),
        kept.salt(),
        kept.bytes(),
        &kept.commitment()
    ));
    let field = Field(7);
    let kind = "decision";
    let refused = payload(Decision::KIND, field, 3).unwrap_err();
    assert_eq!(refused, BadPayload::NoSuchField { kind, field });
    assert!(payload(Decision::KIND, Decision::PARAMETERS, PAYLOAD_MAX).is_ok());
    let size = PAYLOAD_MAX + 1;
    let refused = payload(Decision::KIND, Decision::PARAMETERS, size).unwrap_err();
    assert_eq!(refused, BadPayload::TooLarge { size });
}

#[test]
fn what_is_printed_of_a_payload_tells_neither_bytes_nor_salt() {
    let secret = b"hunter2".to_vec();
    let payload = Payload::new(
        Decision::KIND,
        Decision::CLIENT_TEXT,
        Salt::new([0xab; 32]),
        secret,
    );
    let printed = format!("{:?} {:?}", payload.unwrap(), Salt::new([0xab; 32]));
    for secret in ["hunter2", "104", "ab", "171"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn literals_and_subjects_may_be_erased_and_nothing_else() {
    let erasable = Class::ALL.iter().filter(|class| class.may_erase());
    let erasable: Vec<&str> = erasable.map(|class| class.as_str()).collect();
    assert_eq!(erasable, ["literal", "subject"]);
    for class in Class::ALL {
        assert_eq!(class.locked_years(), if class.may_erase() { 0 } else { 10 });
    }
}

/// Texts of statements, values and messages of the upstream can hold anything about anybody.
#[test]
fn texts_that_hold_values_can_be_erased_wherever_they_are() {
    for kind in KINDS {
        for field in kind.fields {
            let holds_values = ["text", "texts", "parameters", "subjects"]
                .iter()
                .any(|word| field.name.split('_').any(|part| part == *word));
            assert_eq!(
                field.class.may_erase(),
                holds_values,
                "{} {}",
                kind.name,
                field.name
            );
        }
    }
    assert_eq!(
        Kind::named("decision")
            .unwrap()
            .field_named("guarded_text")
            .unwrap()
            .field
            .0,
        4
    );
}
