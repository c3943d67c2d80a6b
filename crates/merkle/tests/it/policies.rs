//! Policy files: what is read, what is refused, who must have signed.

use merkle::{Error, Policy, SignedCheckpoint, Standing, VerifierKey};

use crate::made::{ORIGIN, head_at, log_key, signed, witness_key};

fn key_of(number: u8) -> VerifierKey {
    witness_key(number).verifier().clone()
}

fn log_line() -> String {
    format!("log {}\n", log_key().verifier())
}

fn witness_lines(count: u8) -> String {
    (1..=count)
        .map(|number| format!("witness W{number} {}\n", key_of(number)))
        .collect()
}

/// The example of C2SP tlog-policy: two of X1..X3 and one of Y1..Y3.
fn example() -> Policy {
    let mut file = format!("# An example\n\n{}", log_line());
    for (name, numbers) in [("X", [1, 2, 3]), ("Y", [4, 5, 6])] {
        for (place, number) in numbers.iter().zip(1..) {
            let place: u8 = *place;
            file += &format!("witness {name}{number} {}\n", key_of(place));
        }
    }
    file += "group X-witnesses 2 X1 X2 X3\n\t group\tY-witnesses any Y1 Y2 Y3 \n";
    file += "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n";
    Policy::parse(file.as_bytes()).unwrap()
}

fn cosigned_by(numbers: &[u8]) -> SignedCheckpoint {
    let mut checkpoint = signed(head_at(5));
    for number in numbers {
        checkpoint
            .cosign(&witness_key(*number), 1_700_000_000)
            .unwrap();
    }
    checkpoint
}

#[test]
fn the_specifications_example_wants_two_of_three_and_one_of_three() {
    let policy = example();
    for (numbers, is_met) in [
        (&[][..], false),
        (&[1, 2], false),
        (&[1, 4], false),
        (&[4, 5, 6], false),
        (&[1, 2, 3], false),
        (&[1, 2, 4], true),
        (&[2, 3, 6], true),
        (&[1, 2, 3, 4, 5, 6], true),
    ] {
        let evaluation = policy.evaluate(&cosigned_by(numbers));
        assert_eq!(evaluation.is_quorum_met(), is_met, "{numbers:?}");
        assert!(evaluation.is_signed_by_log());
        assert_eq!(evaluation.must_hold().is_ok(), is_met);
    }
}

#[test]
fn the_evaluation_says_who_cosigned_and_when() {
    let evaluation = example().evaluate(&cosigned_by(&[2, 6]));
    let signed = Standing::Signed {
        time_s: Some(1_700_000_000),
    };
    let found: Vec<(String, Standing)> = evaluation
        .witnesses()
        .iter()
        .map(|(party, standing)| (party.name().to_string(), *standing))
        .collect();
    let expected = [
        ("X1", Standing::Absent),
        ("X2", signed),
        ("X3", Standing::Absent),
        ("Y1", Standing::Absent),
        ("Y2", Standing::Absent),
        ("Y3", signed),
    ];
    assert_eq!(
        found,
        expected.map(|(name, standing)| (name.to_owned(), standing))
    );
    assert_eq!(evaluation.logs()[0].1, Standing::Signed { time_s: None });
    assert!(matches!(evaluation.must_hold(), Err(Error::NoQuorum)));
}

#[test]
fn a_checkpoint_no_log_of_the_policy_signed_is_refused() {
    let stranger = merkle::SignerKey::from_seed(ORIGIN, &[2; 32]).unwrap();
    let checkpoint = SignedCheckpoint::sign(signed(head_at(5)).checkpoint().clone(), &stranger);
    let evaluation = example().evaluate(&checkpoint.unwrap());
    assert_eq!(evaluation.logs()[0].1, Standing::Absent);
    assert!(matches!(evaluation.must_hold(), Err(Error::NoLog)));
    // Another log of the same key holder is another log.
    let other = format!("{}quorum none\n", log_line().replace("/1+", "/2+"));
    assert!(
        Policy::parse(other.as_bytes()).is_err(),
        "the id is of the name too"
    );
}

#[test]
fn one_wrong_cosignature_spoils_a_checkpoint_that_has_its_quorum() {
    let mut checkpoint = cosigned_by(&[1, 2, 4]);
    let elsewhere = signed(head_at(6));
    let wrong = witness_key(3).cosign(elsewhere.checkpoint(), 9).unwrap();
    checkpoint.add(wrong).unwrap();
    let evaluation = example().evaluate(&checkpoint);
    assert!(evaluation.is_quorum_met());
    assert_eq!(evaluation.wrong_key(), Some(&key_of(3)));
    assert!(matches!(
        evaluation.must_hold(),
        Err(Error::WrongSignature { .. })
    ));
}

#[test]
fn cosignatures_of_strangers_count_for_nothing() {
    let evaluation = example().evaluate(&cosigned_by(&[1, 7, 8, 9]));
    assert!(!evaluation.is_quorum_met());
    assert_eq!(evaluation.wrong_key(), None);
}

#[test]
fn a_policy_may_ask_for_no_witness_and_says_so() {
    let policy = Policy::parse(format!("{}quorum none\n", log_line()).as_bytes()).unwrap();
    assert!(policy.asks_for_no_witness());
    policy.evaluate(&cosigned_by(&[])).must_hold().unwrap();
    assert!(!example().asks_for_no_witness());
}

#[test]
fn a_policy_without_logs_answers_on_witnesses_and_never_holds() {
    let file = format!("{}quorum W1\n", witness_lines(1));
    let policy = Policy::parse(file.as_bytes()).unwrap();
    let evaluation = policy.evaluate(&cosigned_by(&[1]));
    assert!(evaluation.is_quorum_met());
    assert!(matches!(evaluation.must_hold(), Err(Error::NoLog)));
}

#[test]
fn a_policy_of_keys_wants_as_many_witnesses_as_asked() {
    let logs = [log_key().verifier().clone()];
    let witnesses = [key_of(1), key_of(2)];
    for (threshold, numbers, holds) in [
        (0, &[][..], true),
        (1, &[], false),
        (1, &[2], true),
        (2, &[2], false),
        (2, &[1, 2], true),
    ] {
        let policy = Policy::of_keys(&logs, &witnesses, threshold).unwrap();
        let verdict = policy.evaluate(&cosigned_by(numbers)).must_hold();
        assert_eq!(verdict.is_ok(), holds, "{threshold} of {numbers:?}");
    }
    assert!(Policy::of_keys(&logs, &witnesses, 3).is_err());
    assert!(Policy::of_keys(&logs, &[], 1).is_err());
    assert!(Policy::of_keys(&logs, &[key_of(1), key_of(1)], 1).is_err());
    assert!(Policy::of_keys(&witnesses, &logs, 1).is_err());
}

#[test]
fn urls_are_kept() {
    let file = format!(
        "log {} https://log.example/\nwitness W {} https://w.example/\nquorum W\n",
        log_key().verifier(),
        key_of(1)
    );
    let policy = Policy::parse(file.as_bytes()).unwrap();
    assert_eq!(policy.logs()[0].url(), Some(&b"https://log.example/"[..]));
    assert_eq!(
        policy.witnesses()[0].url(),
        Some(&b"https://w.example/"[..])
    );
}

#[test]
fn names_are_opaque_bytes() {
    let mut file = b"witness \xe2\x84\xaa ".to_vec();
    file.extend_from_slice(key_of(1).to_string().as_bytes());
    file.extend_from_slice(b"\nquorum \xe2\x84\xaa\n");
    let policy = Policy::parse(&file).unwrap();
    assert_eq!(policy.witnesses()[0].name().bytes(), b"\xe2\x84\xaa");
    let ascii = [file.as_slice()].concat();
    let at = ascii.len() - 4;
    assert!(Policy::parse(&[&ascii[..at], b"K\n"].concat()).is_err());
}

/// The line that is refused, or 0 if the file as a whole is.
fn refused_at(file: &str) -> usize {
    match Policy::parse(file.as_bytes()) {
        Err(Error::PolicyLine { line, .. }) => line,
        Err(Error::Malformed { .. }) => 0,
        other => panic!("{file}: {other:?}"),
    }
}

#[test]
fn mistakes_are_refused_on_their_line() {
    let log = log_line();
    let two = witness_lines(2);
    let w3 = format!("witness W3 {}\n", key_of(3));
    for (file, line) in [
        (String::new(), 0),
        (log.clone(), 0),
        ("quorum none".to_owned(), 0),
        (format!("{log}{log}quorum none\n"), 2),
        ("log\nquorum none\n".to_owned(), 1),
        ("log x\nquorum none\n".to_owned(), 1),
        (format!("{} url more\nquorum none\n", log.trim_end()), 1),
        ("LOG x\nquorum none\n".to_owned(), 1),
        (
            format!(
                "{two}{}quorum W1\n",
                two.lines().next().unwrap().replace("W1", "W9") + "\n"
            ),
            3,
        ),
        (format!("{two}{}quorum W1\n", w3.replace("W3", "W1")), 3),
        (format!("{}quorum none\n", w3.replace("W3", "none")), 1),
        ("witness W1\n".to_owned(), 1),
        (format!("{two}quorum W3\n"), 3),
        (format!("quorum W1\n{two}"), 1),
        (format!("{two}quorum W1\nquorum W1\n"), 4),
        (format!("{two}quorum\n"), 3),
        (format!("{two}quorum W1 W2\n"), 3),
        (format!("{two}group G 0 W1 W2\nquorum G\n"), 3),
        (format!("{two}group G 3 W1 W2\nquorum G\n"), 3),
        (format!("{two}group G 01 W1 W2\nquorum G\n"), 3),
        (format!("{two}group G +1 W1 W2\nquorum G\n"), 3),
        (format!("{two}group G ALL W1 W2\nquorum G\n"), 3),
        (format!("{two}group G any\nquorum G\n"), 3),
        (format!("{two}group G any W1 W1\nquorum G\n"), 3),
        (format!("{two}group G any G\nquorum G\n"), 3),
        (format!("{two}group G any W3\n{w3}quorum G\n"), 3),
        (format!("{two}group G any none W1\nquorum G\n"), 3),
        (format!("{two}group W1 any W2\nquorum W1\n"), 3),
        (format!("{two}group none any W2\nquorum none\n"), 3),
        (
            format!("{two}group G any W1\ngroup H any W1 W2\nquorum H\n"),
            4,
        ),
        (format!("{two}\r\nquorum W1\n"), 3),
        (format!("{two}quorum W1\u{c}\n"), 3),
        ("quorum none\n# \u{7f}\n".to_owned(), 2),
    ] {
        assert_eq!(refused_at(&file), line, "{file}");
    }
}

#[test]
fn one_key_under_two_names_is_one_witness() {
    let again = merkle::CosignerKey::from_seed("other.example", &[101; 32]).unwrap();
    let second = format!("witness W9 {}\n", again.verifier());
    assert_eq!(
        refused_at(&format!("{}{second}quorum W1\n", witness_lines(1))),
        2
    );
    let first = format!("log {}\n", log_key().verifier());
    let again = merkle::SignerKey::from_seed("example.org/other", &[1; 32]).unwrap();
    let second = format!("log {}\n", again.verifier());
    assert_eq!(refused_at(&format!("{first}{second}quorum none\n")), 2);
}

#[test]
fn keys_of_the_wrong_type_are_refused() {
    let witness_as_log = format!("log {}\nquorum none\n", key_of(1));
    assert_eq!(refused_at(&witness_as_log), 1);
    let log_as_witness = format!("witness W {}\nquorum W\n", log_key().verifier());
    assert_eq!(refused_at(&log_as_witness), 1);
}

#[test]
fn a_witness_whose_type_nobody_here_verifies_is_kept_and_does_not_count() {
    // An ML-DSA-44 key: type 0x06 and 1,312 bytes; its id follows the common rule.
    let public = [&[6][..], &[7; 1312]].concat();
    let id = signed_note::key_id("pq.example", &public);
    let text = {
        use base64::Engine as _;
        base64::prelude::BASE64_STANDARD.encode(&public)
    };
    let file = format!(
        "{}witness W pq.example+{id:08x}+{text}\nquorum W\n",
        log_line()
    );
    let policy = Policy::parse(file.as_bytes()).unwrap();
    let absent = policy.evaluate(&cosigned_by(&[]));
    assert_eq!(absent.witnesses()[0].1, Standing::Absent);
    let line = {
        let bytes = signed_note::Signature::new("pq.example".to_owned(), id, vec![0; 2428]);
        bytes.unwrap().to_bytes()
    };
    let note = [cosigned_by(&[]).to_string().as_bytes(), &line].concat();
    let evaluation = policy.evaluate(&SignedCheckpoint::parse(&note).unwrap());
    assert_eq!(evaluation.witnesses()[0].1, Standing::CannotTell);
    assert!(matches!(evaluation.must_hold(), Err(Error::NoQuorum)));
}

#[test]
fn as_many_parties_as_the_specification_asks_for_are_read() {
    let mut file = String::new();
    for number in 1..=32 {
        let log = merkle::SignerKey::from_seed(&format!("log{number}"), &[number; 32]).unwrap();
        file += &format!("log {}\n", log.verifier());
    }
    file += &witness_lines(32);
    for number in 1..=32 {
        file += &format!("group G{number} any W{number}\n");
    }
    file += "quorum G32\n";
    let policy = Policy::parse(file.as_bytes()).unwrap();
    assert_eq!((policy.logs().len(), policy.witnesses().len()), (32, 32));
    let long = "#\n".repeat(200_000);
    assert!(matches!(
        Policy::parse(long.as_bytes()),
        Err(Error::TooLarge { .. })
    ));
}
