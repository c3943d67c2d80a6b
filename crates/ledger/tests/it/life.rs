//! A log's ordinary life on a real disk: append, publish, close, open, follow, erase.

use std::sync::Arc;

use ledger::{Disk, Erasure, Found, LedgerError, Log, Standing, Submission};

use record::Class;

use crate::fixture::{
    ERASABLE, checkpoint, entry, folder, name, open, opening, payload, real, settings, submission,
    verify,
};

fn start(disk: &Arc<dyn Disk>, root: &std::path::Path, seed: u64) -> Log {
    Log::start(open(Arc::clone(disk), root, seed).unwrap(), Vec::new()).unwrap()
}

/// Waits until so many entries are published.
fn published(log: &Log, size: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut progress = log.progress();
    runtime
        .block_on(progress.wait_for(|progress| progress.published >= size))
        .unwrap();
}

#[test]
fn what_is_appended_is_there_after_closing_and_opening() {
    let (root, disk) = real();
    let mut expected = Vec::new();
    for round in 0..4 {
        let log = start(&disk, root.path(), round);
        assert_eq!(log.findings(), &ledger::Findings::default());
        for n in 0..150 {
            let n = round * 150 + n;
            let receipt = log.submit(submission(n)).wait().unwrap();
            assert_eq!(
                (receipt.index, receipt.leaf),
                (n, merkle::leaf_hash(&entry(n)))
            );
            expected.push(entry(n));
        }
        let end = log.close();
        assert_eq!(
            (end.durable, end.published),
            (expected.len() as u64, expected.len() as u64)
        );
        assert_eq!(end.standing, Standing::Closed);
        assert_eq!(verify(disk.as_ref(), root.path()), expected);
    }
    // The journal gave up what bundles hold.
    let segments = disk.list(&folder(root.path()).join("journal")).unwrap();
    assert!(segments.len() < 20, "{}", segments.len());
    assert!(!segments.contains(&format!("{:020}.seg", 0)));
    // A bundle's partial forms went with it.
    assert!(
        disk.list(&folder(root.path()).join("tile/entries/000.p"))
            .is_err()
    );
    assert!(
        disk.list(&folder(root.path()).join("tile/0/000.p"))
            .is_err()
    );
}

#[test]
fn a_new_log_signs_an_empty_tree() {
    let (root, disk) = real();
    start(&disk, root.path(), 0).close();
    assert_eq!(checkpoint(disk.as_ref(), root.path()).unwrap().size, 0);
    assert!(verify(disk.as_ref(), root.path()).is_empty());
    start(&disk, root.path(), 1).close();
}

#[test]
fn many_writers_get_distinct_places_without_gaps() {
    let (root, disk) = real();
    let log = start(&disk, root.path(), 0);
    let mut receipts: Vec<(u64, u64)> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..64)
            .map(|writer| {
                let log = &log;
                scope.spawn(move || {
                    (0..20)
                        .map(|n| {
                            let n = writer * 1000 + n;
                            (log.submit(submission(n)).wait().unwrap().index, n)
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        writers
            .into_iter()
            .flat_map(|writer| writer.join().unwrap())
            .collect()
    });
    receipts.sort_unstable();
    assert!(receipts.iter().map(|(index, _)| *index).eq(0..64 * 20));
    log.close();
    let entries = verify(disk.as_ref(), root.path());
    for (index, n) in receipts {
        assert_eq!(entries[usize::try_from(index).unwrap()], entry(n));
    }
}

#[test]
fn a_second_opener_is_refused() {
    let (root, disk) = real();
    let log = start(&disk, root.path(), 0);
    let second = open(Arc::clone(&disk), root.path(), 1);
    assert!(matches!(second.err(), Some(LedgerError::Locked { .. })));
    drop(log);
    open(disk, root.path(), 2).unwrap();
}

#[test]
fn followers_see_every_entry_once_and_in_order() {
    let (root, disk) = real();
    let log = start(&disk, root.path(), 0);
    for n in 0..700 {
        log.submit(submission(n)).wait().unwrap();
    }
    // From the bundles, from the journal, and from what is still to come.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    for from in [0, 255, 256, 699, 700] {
        let mut follow = log.follow(from);
        for n in from..700 {
            let next = runtime.block_on(follow.next()).unwrap();
            assert_eq!(next, Some((n, entry(n))), "from {from}");
        }
        assert_eq!(follow.ready().unwrap(), None);
    }
    let mut follow = log.follow(700);
    let follower = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let mut seen = Vec::new();
        while let Some((index, _)) = runtime.block_on(follow.next()).unwrap() {
            seen.push(index);
        }
        seen
    });
    for n in 700..720 {
        log.submit(submission(n)).wait().unwrap();
    }
    log.close();
    assert!(follower.join().unwrap().into_iter().eq(700..720));
}

#[test]
fn a_payload_is_read_erased_and_gone() {
    let (root, disk) = real();
    let log = start(&disk, root.path(), 0);
    for n in 0..10 {
        log.submit(submission(n)).wait().unwrap();
    }
    let all = |_: &[u8; 32], _: &[u8]| true;
    let found = |log: &Log, index, field| log.stored(index, field, &all).unwrap();
    let there = payload(1, 3, ERASABLE);
    let expected = Found::Present {
        salt: there.salt,
        bytes: there.bytes,
    };
    assert_eq!(found(&log, 3, 1), expected);
    assert_eq!(found(&log, 3, 9), Found::Missing);
    assert_eq!(found(&log, 99, 1), Found::Missing);
    assert_eq!(log.stored(3, 1, &|_, _| false).unwrap(), Found::Mismatch);

    published(&log, 10);
    let proof = log.witnessed(9).unwrap();
    assert!(log.witnessed(10).is_none());
    let locked = Erasure {
        by: 9,
        payloads: vec![(3, 1), (3, 2)],
        keys: Vec::new(),
    };
    let refused = log.erase(&locked, &proof).unwrap_err();
    assert!(matches!(
        refused,
        LedgerError::LockedClass {
            index: 3,
            field: 2,
            class: Class::Purpose
        }
    ));
    assert_eq!(
        found(&log, 3, 1),
        expected,
        "nothing of a refused erasure is done"
    );
    let late = Erasure {
        by: 10,
        payloads: vec![(3, 1)],
        keys: Vec::new(),
    };
    assert!(matches!(
        log.erase(&late, &proof),
        Err(LedgerError::NotWitnessed { entry: 10 })
    ));

    let erasure = Erasure {
        by: 9,
        payloads: vec![(3, 1), (4, 7)],
        keys: Vec::new(),
    };
    let erased = log.erase(&erasure, &proof).unwrap();
    assert_eq!((erased.payloads, erased.not_there), (1, 1));
    assert_eq!(found(&log, 3, 1), Found::Erased { by: 9 });
    assert!(matches!(found(&log, 3, 2), Found::Present { .. }));
    log.close();
    let log = start(&disk, root.path(), 1);
    assert_eq!(found(&log, 3, 1), Found::Erased { by: 9 });
    for n in (0..10).filter(|n| *n != 3) {
        assert!(matches!(found(&log, n, 1), Found::Present { .. }), "{n}");
    }
    log.close();
    assert_eq!(verify(disk.as_ref(), root.path()).len(), 10);
}

#[test]
fn destroying_a_key_erases_all_under_it() {
    let (root, disk) = real();
    let log = start(&disk, root.path(), 0);
    let reference = [5; 32];
    for n in 0..6 {
        let mut payload = payload(1, n, ERASABLE);
        if n % 2 == 0 {
            payload.scope = ledger::Scope::Subject(reference);
        }
        log.submit(Submission::new(entry(n), vec![payload]).unwrap())
            .wait()
            .unwrap();
    }
    published(&log, 6);
    let proof = log.witnessed(5).unwrap();
    let keys = vec![(ERASABLE, ledger::Scope::Subject(reference))];
    let erasure = Erasure {
        by: 5,
        payloads: Vec::new(),
        keys,
    };
    assert_eq!(log.erase(&erasure, &proof).unwrap().keys, 1);
    // A new payload about the subject gets a new key.
    let mut later = payload(1, 6, ERASABLE);
    later.scope = ledger::Scope::Subject(reference);
    log.submit(Submission::new(entry(6), vec![later]).unwrap())
        .wait()
        .unwrap();
    log.close();
    let log = start(&disk, root.path(), 1);
    for n in 0..7 {
        let found = log.stored(n, 1, &|_, _| true).unwrap();
        let is_erased = n % 2 == 0 && n < 6;
        assert_eq!(
            found == Found::Erased { by: 5 },
            is_erased,
            "{n}: {found:?}"
        );
        assert!(is_erased || matches!(found, Found::Present { .. }), "{n}");
    }
}

#[test]
fn another_payload_key_or_signing_key_is_refused() {
    let (root, disk) = real();
    let log = start(&disk, root.path(), 0);
    log.submit(submission(0)).wait().unwrap();
    log.close();
    let mut other = opening(Arc::clone(&disk), root.path(), 1);
    other.secrets.payload_key = [1; 32];
    assert!(matches!(
        other.open().err(),
        Some(LedgerError::WrongKey { .. })
    ));
    let mut other = opening(Arc::clone(&disk), root.path(), 1);
    other.secrets.signer = merkle::SignerKey::from_seed(&name().to_string(), &[8; 32]).unwrap();
    assert!(matches!(
        other.open().err(),
        Some(LedgerError::Damaged { .. })
    ));
    let mut other = opening(disk, root.path(), 1);
    other.secrets.signer = merkle::SignerKey::from_seed("other", &[7; 32]).unwrap();
    assert!(matches!(
        other.open().err(),
        Some(LedgerError::BadName { .. })
    ));
}

#[test]
fn an_entry_that_is_too_large_or_ambiguous_is_refused() {
    assert!(Submission::new(vec![0; 65_535], Vec::new()).is_ok());
    assert!(matches!(
        Submission::new(vec![0; 65_536], Vec::new()),
        Err(LedgerError::TooLarge { .. })
    ));
    let twice = vec![payload(1, 0, ERASABLE), payload(1, 1, ERASABLE)];
    assert!(matches!(
        Submission::new(entry(0), twice),
        Err(LedgerError::Refused { .. })
    ));
}

#[test]
fn a_full_line_refuses_at_once_and_says_so() {
    let (root, disk) = real();
    let mut opening = opening(disk, root.path(), 0);
    opening.settings = ledger::Settings {
        queue_max: 0,
        ..settings()
    };
    let log = Log::start(opening.open().unwrap(), Vec::new()).unwrap();
    let refused = log.submit(submission(0)).wait();
    assert!(matches!(
        refused,
        Err(LedgerError::QueueFull { waiting: 0 })
    ));
    assert_eq!(log.close().durable, 0);
}
