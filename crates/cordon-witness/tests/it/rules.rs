//! What the witness answers to each kind of request, and what it keeps of those that it refused.

use cordon_witness::{Answer, EVIDENCE_FILES_MAX, FORK_FILES_MAX, REQUEST_BYTES_MAX, Witness};
use merkle::{AddCheckpoint, CosignerKey, Hash, SignerKey, TreeHead};

use crate::made::{Log, NOW_S, ORIGIN, Place, ask, log_key, signed, signed_by};

/// A witness that has cosigned size 10.
fn at_ten() -> (Place, Witness) {
    let place = Place::new();
    let witness = place.open();
    let log = Log::of(10);
    let answer = ask(&witness, &log.request(0));
    assert!(place.is_cosigned(&answer, log.head, NOW_S), "{answer:?}");
    (place, witness)
}

#[test]
fn growing_log_is_cosigned_at_every_step() {
    let place = Place::new();
    let witness = place.open();
    let mut old = 0;
    for size in [0, 1, 2, 255, 256, 257, 300] {
        let log = Log::of(size);
        let answer = witness.consider(log.request(old).as_bytes(), NOW_S + size);
        assert!(place.is_cosigned(&answer, log.head, NOW_S + size), "{size}");
        old = size;
    }
}

#[test]
fn same_checkpoint_again_gets_a_new_time() {
    let (place, witness) = at_ten();
    let log = Log::of(10);
    let answer = witness.consider(log.request(10).as_bytes(), NOW_S + 60);
    assert!(place.is_cosigned(&answer, log.head, NOW_S + 60));
}

#[test]
fn log_behind_or_ahead_is_told_where_the_witness_stands() {
    let (place, witness) = at_ten();
    for request in [
        Log::of(12).request(0),
        Log::of(12).request(9),
        Log::of(9).request(0),
    ] {
        let answer = ask(&witness, &request);
        assert_eq!(answer, Answer::Conflict(10));
        assert_eq!(
            (answer.status(), answer.content_type()),
            (409, "text/x.tlog.size")
        );
        assert_eq!(answer.body(), "10\n");
        assert!(place.kept("stale").contains(&request));
    }
}

#[test]
fn fork_of_the_same_size_is_refused_and_kept() {
    let (place, witness) = at_ten();
    let fork = Log::rewritten(10, 3);
    // Whatever old size it claims: the two signatures alone are the proof.
    for old in [10, 0, 7] {
        let request = fork.request(old);
        assert_eq!(ask(&witness, &request), Answer::Conflict(10));
        assert!(place.kept("fork").contains(&request));
    }
}

#[test]
fn fork_of_a_larger_size_is_refused_and_kept() {
    let (place, witness) = at_ten();
    let fork = Log::rewritten(20, 3);
    let honest = merkle::consistency_proof(&Log::of(20), 10, &Log::of(20).head).unwrap();
    for request in [fork.request(10), fork.request_with(10, honest)] {
        assert_eq!(ask(&witness, &request).status(), 422);
        assert!(place.kept("unproved").contains(&request));
    }
    // The witness still stands where it stood.
    let log = Log::of(20);
    assert!(place.is_cosigned(&ask(&witness, &log.request(10)), log.head, NOW_S));
}

#[test]
fn proof_that_does_not_hold_is_refused() {
    let (_place, witness) = at_ten();
    let log = Log::of(20);
    let proof = merkle::consistency_proof(&log, 10, &log.head).unwrap();
    let mut flipped = proof.clone();
    let mut bytes = *flipped[0].bytes();
    bytes[0] ^= 1;
    flipped[0] = Hash::new(bytes);
    let cut = proof[1..].to_vec();
    let mut long = proof.clone();
    long.push(proof[0]);
    for proof in [flipped, cut, long, Vec::new()] {
        assert_eq!(ask(&witness, &log.request_with(10, proof)).status(), 422);
    }
    let same = Log::of(10).request_with(10, proof);
    assert_eq!(
        ask(&witness, &same).status(),
        422,
        "a proof between equal sizes"
    );
}

#[test]
fn proof_from_nothing_must_be_empty() {
    let place = Place::new();
    let witness = place.open();
    let request = Log::of(5).request_with(0, vec![Hash::new([1; 32])]);
    assert_eq!(ask(&witness, &request).status(), 422);
}

#[test]
fn empty_tree_has_one_root() {
    let place = Place::new();
    let witness = place.open();
    let head = TreeHead {
        size: 0,
        root: Hash::new([9; 32]),
    };
    let request = format!("old 0\n\n{}", signed(head));
    assert_eq!(ask(&witness, &request), Answer::Conflict(0));
}

#[test]
fn old_size_above_the_checkpoint_is_malformed() {
    let (_place, witness) = at_ten();
    let request = Log::of(8).request_with(10, Vec::new());
    assert_eq!(ask(&witness, &request).status(), 400);
}

#[test]
fn unknown_log_is_not_found() {
    let (_place, witness) = at_ten();
    let other = SignerKey::from_seed("example.org/other", &[1; 32]).unwrap();
    let request = format!("old 0\n\n{}", signed_by(Log::of(3).head, &other));
    assert_eq!(ask(&witness, &request).status(), 404);
}

#[test]
fn checkpoint_without_a_trusted_signature_is_forbidden() {
    let (place, witness) = at_ten();
    let head = Log::of(11).head;
    let stranger = SignerKey::from_seed(ORIGIN, &[2; 32]).unwrap();
    let by_stranger = format!("old 10\n\n{}", signed_by(head, &stranger));
    assert_eq!(ask(&witness, &by_stranger).status(), 403);
    assert_eq!(place.kept("unsigned"), [by_stranger]);

    let good = Log::of(11).request(10);
    let forged = good.replace("\n11\n", "\n12\n");
    assert_eq!(ask(&witness, &forged).status(), 403);
}

#[test]
fn strangers_signatures_beside_the_logs_are_ignored_and_not_kept() {
    let (place, witness) = at_ten();
    let log = Log::of(11);
    let mut checkpoint = log.signed();
    let stranger = SignerKey::from_seed("stranger.example", &[2; 32]).unwrap();
    checkpoint.add(stranger.sign("something else\n")).unwrap();
    let proof = merkle::consistency_proof(&log, 10, &log.head).unwrap();
    let request = AddCheckpoint {
        old_size: 10,
        proof,
        checkpoint,
    };
    assert!(place.is_cosigned(&ask(&witness, &request.to_string()), log.head, NOW_S));
    let latest = std::fs::read_to_string(place.record().join("latest")).unwrap();
    assert!(!latest.contains("stranger.example"), "{latest}");
}

#[test]
fn one_of_several_keys_of_a_log_suffices() {
    let mut place = Place::new();
    let second = SignerKey::from_seed(ORIGIN, &[2; 32]).unwrap();
    let start = second.verifier().to_string().parse().unwrap();
    place.settings.logs.push(start);
    let witness = place.open();
    let head = Log::of(4).head;
    let request = format!("old 0\n\n{}", signed_by(head, &second));
    assert_eq!(ask(&witness, &request).status(), 200);
}

#[test]
fn what_is_no_request_is_malformed() {
    let (_place, witness) = at_ten();
    let good = Log::of(11).request(10);
    let long = format!("{good}{}", "x".repeat(REQUEST_BYTES_MAX));
    let zeroes = good.replace("old 10", "old 010");
    for request in [
        "",
        "old",
        "old 10\n",
        "old -1\n\nx",
        &zeroes,
        &good[..60],
        &long,
    ] {
        assert_eq!(ask(&witness, request).status(), 400, "{request}");
    }
    assert_eq!(witness.consider(&[0xff; 40], NOW_S).status(), 400);
}

#[test]
fn clock_that_ran_back_stops_cosigning_and_nothing_else() {
    let (place, witness) = at_ten();
    let log = Log::of(11);
    let answer = witness.consider(log.request(10).as_bytes(), NOW_S - 1);
    assert_eq!(answer.status(), 503);
    assert!(place.is_cosigned(&ask(&witness, &log.request(10)), log.head, NOW_S));
}

#[test]
fn two_requests_from_one_size_do_not_both_win() {
    let (_place, witness) = at_ten();
    let honest = Log::of(20).request(10);
    let shorter = Log::of(15).request(10);
    let answers = std::thread::scope(|scope| {
        let ask = |request: &str| {
            let request = request.to_owned();
            let witness = &witness;
            scope.spawn(move || ask(witness, &request).status())
        };
        let asked: Vec<_> = [&honest, &shorter, &honest, &shorter]
            .map(|r| ask(r))
            .into();
        let answers = asked.into_iter().map(|thread| thread.join().unwrap());
        answers.collect::<Vec<u16>>()
    });
    let cosigned = answers.iter().filter(|status| **status == 200).count();
    assert_eq!(cosigned, 1, "{answers:?}");
    assert!(answers.iter().all(|status| [200, 409].contains(status)));
}

#[test]
fn one_request_sent_often_is_kept_once() {
    let (place, witness) = at_ten();
    let request = Log::rewritten(10, 3).request(10);
    for _ in 0..5 {
        ask(&witness, &request);
    }
    assert_eq!(place.kept("fork"), [request]);
}

#[test]
fn flood_of_noise_pushes_out_no_proof() {
    let (place, witness) = at_ten();
    let proof = Log::rewritten(10, 3).request(10);
    ask(&witness, &proof);
    let head = Log::of(12).head;
    for number in 0..EVIDENCE_FILES_MAX as u64 + 20 {
        let stale = Log::of(12).request_with(11, vec![Hash::new([7; 32]); number as usize % 60]);
        ask(
            &witness,
            &stale.replace("old 11", &format!("old {}", number % 10)),
        );
        let mut seed = [3; 32];
        seed[..8].copy_from_slice(&number.to_be_bytes());
        let stranger = SignerKey::from_seed(ORIGIN, &seed).unwrap();
        ask(
            &witness,
            &format!("old 0\n\n{}", signed_by(head, &stranger)),
        );
    }
    assert_eq!(place.kept("unsigned").len(), EVIDENCE_FILES_MAX);
    assert!(place.kept("stale").len() <= EVIDENCE_FILES_MAX);
    assert_eq!(place.kept("fork"), [proof]);
}

#[test]
fn first_proofs_stay_when_there_are_too_many() {
    let (place, witness) = at_ten();
    let fork = |number: u64| {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        let root = Hash::new(bytes);
        format!("old 10\n\n{}", signed(TreeHead { size: 10, root }))
    };
    for number in 0..FORK_FILES_MAX as u64 + 5 {
        assert_eq!(ask(&witness, &fork(number)), Answer::Conflict(10));
    }
    let kept = place.kept("fork");
    assert_eq!(kept.len(), FORK_FILES_MAX);
    assert!(kept.contains(&fork(0)));
}

#[test]
fn witness_that_starts_at_a_pin_takes_nothing_before_it() {
    let (pinned, fork) = (Log::of(10), Log::rewritten(10, 3));
    let place = Place::starting(&format!("{}@10:{}", log_key().verifier(), pinned.head.root));
    let witness = place.open();
    assert_eq!(ask(&witness, &Log::of(12).request(0)), Answer::Conflict(10));
    assert_eq!(ask(&witness, &fork.request(10)), Answer::Conflict(10));
    assert_eq!(
        ask(&witness, &Log::rewritten(12, 3).request(10)).status(),
        422
    );
    let log = Log::of(12);
    assert!(place.is_cosigned(&ask(&witness, &log.request(10)), log.head, NOW_S));
}

#[test]
fn key_of_a_witness_is_no_key_of_a_log() {
    let key = CosignerKey::from_seed(ORIGIN, &[1; 32]).unwrap();
    let start: Result<cordon_witness::LogStart, _> = key.verifier().to_string().parse();
    assert!(start.unwrap_err().to_string().contains("0x01"));
}
