//! The attack that decides: somebody who holds the log's key rewrites an entry, hashes everything
//! again and signs. Only the witness can tell, and it must.

use cordon_witness::{Answer, read_status};
use merkle::{SignedCheckpoint, consistency_proof, parse_signature_lines};

use crate::http::Running;
use crate::made::{Log, NOW_S, Place, ask};
use crate::strangers::{Published, verdict_on};

/// The log at size 300, cosigned by a witness, as its auditors have it.
fn cosigned(place: &Place, lines: &str) -> SignedCheckpoint {
    let mut signed = Log::of(300).signed();
    for line in parse_signature_lines(lines.as_bytes()).unwrap() {
        signed.add(line).unwrap();
    }
    signed.verify_cosignature(&place.key).unwrap();
    signed
}

#[test]
fn holder_of_the_logs_key_cannot_rewrite_an_entry_unseen() {
    let place = Place::new();
    let witness = place.open();
    let Answer::Cosigned(lines) = ask(&witness, &Log::of(300).request(0)) else {
        panic!("the honest log was refused");
    };
    let honest = Published::with(Log::of(300), &cosigned(&place, &lines));
    let key = place.key.to_string();
    let verdict = verdict_on(honest.folder.path(), Some(&key), &[]);
    assert!(verdict.is_ok, "{verdict:?}");
    let seen = honest.folder.path().join("checkpoint");

    for size in [300, 301, 1000] {
        let forged = Log::rewritten(size, 17);
        // With its own proof, with the honest log's, and with the old size left to the witness.
        let honest_proof = consistency_proof(&Log::of(size), 300, &Log::of(size).head).unwrap();
        for request in [
            forged.request(300),
            forged.request_with(300, honest_proof),
            forged.request(0),
        ] {
            let answer = ask(&witness, &request);
            assert!([409, 422].contains(&answer.status()), "{size}: {answer:?}");
            let kinds = ["fork", "unproved", "stale"];
            let kept = kinds.iter().any(|kind| place.kept(kind).contains(&request));
            assert!(kept, "{size}: no evidence");
        }
        // In itself the forged log is flawless: signatures, tiles and entries agree.
        let published = Published::of(forged);
        assert!(published.verdict().is_ok);
        let verdict = verdict_on(published.folder.path(), None, &[&seen]);
        assert!(
            !verdict.is_ok && verdict.text.contains("inconsistent"),
            "{verdict:?}"
        );
        // And nobody who asks for the witness's signature takes it.
        let verdict = verdict_on(published.folder.path(), Some(&key), &[]);
        assert!(
            !verdict.is_ok && verdict.text.contains("0 of 1"),
            "{verdict:?}"
        );
    }

    let status = read_status(&place.settings.state).unwrap();
    assert!(!status.logs[0].contradictions.is_empty());
    // The honest log goes on undisturbed.
    let log = Log::of(1000);
    assert!(place.is_cosigned(&ask(&witness, &log.request(300)), log.head, NOW_S));
}

#[test]
fn forgery_is_refused_after_a_restart_and_over_the_network() {
    let place = Place::new();
    assert_eq!(
        Running::start(&place).post(&Log::of(300).request(0)).status,
        200
    );
    let running = Running::start(&place);
    for size in [300, 1000] {
        let request = Log::rewritten(size, 17).request(300);
        assert!([409, 422].contains(&running.post(&request).status));
    }
    let kept = [place.kept("fork").len(), place.kept("unproved").len()];
    assert_eq!(kept, [1, 1]);
}
