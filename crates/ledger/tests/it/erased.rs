//! After an erasure nothing of the payload is left in the store's files, also when the power fails in
//! the middle of it.

use std::path::Path;
use std::sync::Arc;

use ledger::{Erasure, Found, Opened, Payload, Submission};

use crate::faulty::{Fault, FaultyDisk};
use crate::fixture::{ERASABLE, LOCKED, checkpoint, entry, mix, open, payload, verify};

const ROOT: &str = "/disk";
const VICTIM: u64 = 3;

fn opened(disk: &FaultyDisk, seed: u64) -> Opened {
    open(Arc::new(disk.clone()), Path::new(ROOT), seed).unwrap()
}

/// Several sectors long, so that overwriting it can be torn.
fn large(n: u64) -> Payload {
    let mut payload = payload(1, n, ERASABLE);
    payload.bytes = (0..400)
        .flat_map(|at| mix(n * 1000 + at).to_be_bytes())
        .collect();
    payload
}

fn made() -> FaultyDisk {
    let disk = FaultyDisk::new(Path::new(ROOT));
    let mut log = opened(&disk, 1);
    let batch: Vec<_> = (0..6)
        .map(|n| Submission::new(entry(n), vec![large(n), payload(2, n, LOCKED)]).unwrap())
        .collect();
    log.writer.commit(&batch).unwrap();
    log.publisher.publish(log.writer.head()).unwrap();
    disk
}

/// The ciphertext of the victim: what the erasure changes in the payload file.
fn ciphertext() -> Vec<u8> {
    let disk = made();
    let before = store(&disk);
    erase(&opened(&disk, 2)).unwrap();
    let after = store(&disk);
    let changed: Vec<u8> = before
        .iter()
        .zip(&after)
        .filter(|(a, b)| a != b)
        .map(|(a, _)| *a)
        .collect();
    assert!(changed.len() > 3000, "salt, bytes and tag are overwritten");
    changed
}

fn store(disk: &FaultyDisk) -> Vec<u8> {
    let file = disk
        .files()
        .into_iter()
        .find(|(file, _)| file.extension().is_some_and(|e| e == "pay"));
    file.unwrap().1
}

fn erase(log: &Opened) -> Result<(), ledger::LedgerError> {
    let proof = log.witnessed(5).unwrap();
    let erasure = Erasure {
        by: 5,
        payloads: vec![(VICTIM, 1)],
        keys: Vec::new(),
    };
    log.erase(&erasure, &proof).map(|_| ())
}

/// How many 16-byte pieces of the ciphertext are in any file.
fn pieces_left(disk: &FaultyDisk, ciphertext: &[u8]) -> usize {
    let files = disk.files();
    let is_there = |piece: &&[u8]| {
        files
            .iter()
            .any(|(_, bytes)| bytes.windows(piece.len()).any(|window| window == *piece))
    };
    ciphertext
        .chunks_exact(16)
        .skip(1)
        .step_by(9)
        .filter(is_there)
        .count()
}

#[test]
fn no_byte_of_an_erased_payload_or_its_salt_is_left_in_any_file() {
    let ciphertext = ciphertext();
    let disk = made();
    assert!(
        pieces_left(&disk, &ciphertext) > 15,
        "the search finds it before"
    );
    let plain = large(VICTIM);
    for (_, bytes) in disk.files() {
        for secret in [&plain.salt[..], &plain.bytes[..16]] {
            assert!(
                !bytes.windows(secret.len()).any(|window| window == secret),
                "nothing is in clear"
            );
        }
    }
    erase(&opened(&disk, 2)).unwrap();
    assert_eq!(pieces_left(&disk, &ciphertext), 0);
    let log = opened(&disk, 3);
    assert_eq!(log.findings, ledger::Findings::default());
    assert_eq!(
        log.payload(VICTIM, 1, &|_, _| true).unwrap(),
        Found::Erased { by: 5 }
    );
    assert_eq!(verify(&disk, Path::new(ROOT)).len(), 6);
    assert_eq!(checkpoint(&disk, Path::new(ROOT)).unwrap().size, 6);
}

#[test]
fn an_erasure_that_was_interrupted_is_finished_or_never_began() {
    let ciphertext = ciphertext();
    let steps = {
        let disk = made();
        let before = disk.steps().len();
        let log = opened(&disk, 2);
        let begin = disk.steps().len();
        erase(&log).unwrap();
        assert!(begin > before);
        disk.steps().len() - begin
    };
    assert!(steps > 7);
    let (mut finished, mut not_begun, mut finished_later) = (0, 0, 0);
    for step in 0..steps {
        for seed in 0..16 {
            let disk = made();
            let log = opened(&disk, 2);
            disk.fail_at(disk.steps().len() + step, Fault::PowerCut { seed });
            let was_acknowledged = erase(&log).is_ok();
            drop(log);
            disk.switch_on();
            let log = opened(&disk, 3);
            finished_later += usize::from(log.findings.finished_erasure);
            match log.payload(VICTIM, 1, &|_, _| true).unwrap() {
                Found::Erased { by: 5 } => {
                    assert_eq!(
                        pieces_left(&disk, &ciphertext),
                        0,
                        "step {step}, seed {seed}"
                    );
                    finished += 1;
                }
                found => {
                    let there = large(VICTIM);
                    assert_eq!(
                        found,
                        Found::Present {
                            salt: there.salt,
                            bytes: there.bytes
                        }
                    );
                    assert!(!was_acknowledged, "step {step}, seed {seed}");
                    not_begun += 1;
                }
            }
        }
    }
    assert!(finished > 0 && not_begun > 0 && finished_later > 0);
}
