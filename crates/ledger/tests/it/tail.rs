//! The last commit before a crash, of which the journal may have kept the frame without the payloads
//! or the payloads without the frame: what is cut, what stands, and what nobody may make it cut.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger::{
    DirectoryJournal, Erasure, Findings, Found, Frame, Journal, LedgerError, Opened, Standing,
};

use crate::faulty::{Fault, FaultyDisk};
use crate::fixture::{
    ERASABLE, LOCKED, SeededRandomness, entry, folder, name, open, payload, settings, submission,
    verify,
};

const ROOT: &str = "/disk";

fn opened(disk: &FaultyDisk) -> Opened {
    open(Arc::new(disk.clone()), Path::new(ROOT), 1).unwrap()
}

/// A log of four entries in three commits, of which the first is signed.
fn made() -> FaultyDisk {
    let disk = FaultyDisk::new(Path::new(ROOT));
    let mut log = opened(&disk);
    log.writer.commit(&[submission(0)]).unwrap();
    log.publisher.publish(log.writer.head()).unwrap();
    log.writer.commit(&[submission(1)]).unwrap();
    log.writer.commit(&[submission(2), submission(3)]).unwrap();
    disk
}

fn files(disk: &FaultyDisk, of: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = disk.files();
    files.retain(|(file, _)| file.starts_with(folder(Path::new(ROOT)).join(of)));
    files.retain(|(file, _)| !file.ends_with("keys"));
    files
}

/// The one file of payloads, its bytes, and where its last records begin.
fn payloads(disk: &FaultyDisk) -> (PathBuf, Vec<u8>, Vec<usize>) {
    let (file, bytes) = files(disk, "payloads").pop().unwrap();
    let starts = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(b"CWP1"));
    let starts = starts.collect();
    (file, bytes, starts)
}

fn found(log: &Opened, n: u64, field: u16) -> Found {
    log.payload(n, field, &|_, _| true).unwrap()
}

fn is_present(log: &Opened, n: u64) -> bool {
    [(1, ERASABLE), (2, LOCKED)]
        .into_iter()
        .all(|(field, class)| {
            let there = payload(field, n, class);
            let bytes = there.bytes;
            matches!(found(log, n, field), Found::Present { bytes: is, .. } if is == bytes)
        })
}

#[test]
fn a_commit_waits_for_frame_and_payloads_side_by_side() {
    let disk = made();
    let before = disk.steps().len();
    opened(&disk).writer.commit(&[submission(4)]).unwrap();
    let kinds: Vec<_> = disk.steps()[before..]
        .iter()
        .filter(|step| !step.ends_with("keys"))
        .map(|step| {
            let file = if step.ends_with(".pay") {
                "payloads"
            } else {
                "journal"
            };
            format!("{} {file}", step.split(' ').next().unwrap())
        })
        .collect();
    let end = &kinds[kinds.len() - 4..];
    assert_eq!(
        end,
        [
            "write payloads",
            "write journal",
            "sync journal",
            "sync payloads"
        ]
    );
}

#[test]
fn a_frame_without_its_payloads_is_cut_and_its_indexes_are_given_again() {
    let whole = made();
    let (file, bytes, starts) = payloads(&whole);
    assert_eq!(starts.len(), 8);
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    // Any part of the last commit's records, down to one byte, and all of them.
    let mut torn: Vec<(usize, usize)> = (starts[4]..used)
        .step_by(5)
        .map(|at| (at, at + 1))
        .collect();
    torn.extend([(starts[4], used), (starts[7], used), (starts[5], starts[6])]);
    for (from, to) in torn {
        // The mark of an erasure is no part of what was written.
        let is_mark = starts
            .iter()
            .any(|start| (start + 40..start + 52).contains(&from));
        if is_mark && to == from + 1 {
            continue;
        }
        let disk = made();
        disk.overwrite(&file, |bytes| {
            bytes[from..to].iter_mut().for_each(|byte| *byte = !*byte)
        });
        let mut log = opened(&disk);
        assert_eq!(log.writer.head().size, 2, "bytes {from} to {to}");
        assert!(log.findings.torn_bytes > 0);
        assert!((0..2).all(|n| is_present(&log, n)));
        let answers = log.writer.commit(&[submission(7)]).unwrap();
        assert_eq!(answers[0].as_ref().unwrap().index, 2);
        log.publisher.publish(log.writer.head()).unwrap();
        drop(log);
        let log = opened(&disk);
        assert_eq!(log.findings, Findings::default());
        assert_eq!(verify(&disk, Path::new(ROOT)), [0, 1, 7].map(entry));
        let Found::Present { bytes, .. } = found(&log, 2, 1) else {
            panic!("it is there")
        };
        assert_eq!(bytes, payload(1, 7, ERASABLE).bytes);
    }
}

#[test]
fn payloads_without_their_frame_are_overwritten() {
    let disk = made();
    let (file, bytes) = files(&disk, "journal").pop().unwrap();
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    disk.overwrite(&file, |bytes| bytes[used - 10] ^= 1);
    let log = opened(&disk);
    assert_eq!(log.writer.head().size, 2);
    assert!(log.findings.torn_bytes > 0 && log.findings.orphaned_bytes > 0);
    assert_eq!(payloads(&disk).2.len(), 4);
}

#[test]
fn only_the_last_commit_can_be_cut() {
    // Whoever spoils the payloads of an earlier commit, or of one that was signed, does not get rid of
    // the entries.
    let whole = made();
    let (file, _, starts) = payloads(&whole);
    whole.overwrite(&file, |bytes| bytes[starts[2] + 60] ^= 1);
    let log = opened(&whole);
    assert_eq!(log.writer.head().size, 4);
    assert_eq!(found(&log, 1, 1), Found::Mismatch);
    drop(log);
    let signed = made();
    let mut log = opened(&signed);
    log.publisher.publish(log.writer.head()).unwrap();
    drop(log);
    signed.overwrite(&file, |bytes| bytes[starts[7] + 60] ^= 1);
    let log = opened(&signed);
    assert_eq!(log.writer.head().size, 4);
    assert_eq!(found(&log, 3, 2), Found::Mismatch);
}

#[test]
fn what_no_crash_takes_away_does_not_make_the_log_shorter() {
    let (file, _, starts) = payloads(&made());
    let keys = folder(Path::new(ROOT)).join("payloads/keys");
    let spoil: [&dyn Fn(&FaultyDisk); 3] = [
        &|disk| disk.take_away(&file),
        &|disk| disk.overwrite(&file, |bytes| bytes.truncate(starts[2])),
        &|disk| disk.take_away(&keys),
    ];
    for (at, spoil) in spoil.into_iter().enumerate() {
        let disk = made();
        spoil(&disk);
        let log = opened(&disk);
        assert_eq!(log.writer.head().size, 4, "way {at}");
        assert!(!is_present(&log, 3), "way {at}");
    }
}

#[test]
fn an_erasure_in_the_last_commit_costs_no_entry_wherever_it_is_interrupted() {
    let order = Erasure {
        by: 0,
        payloads: vec![(3, 1)],
        keys: Vec::new(),
    };
    let erase = |disk: &FaultyDisk| {
        let log = open(Arc::new(disk.clone()), Path::new(ROOT), 1)?;
        log.erase(&order, &log.witnessed(0).expect("it is published"))
    };
    let disk = made();
    let before = disk.steps().len();
    erase(&disk).unwrap();
    let steps = disk.steps().len() - before;
    assert_eq!(found(&opened(&disk), 3, 1), Found::Erased { by: 0 });
    let faults = [Fault::NotDone, Fault::DoneButFailed]
        .into_iter()
        .chain((0..20).map(|seed| Fault::PowerCut { seed }));
    for fault in faults {
        for step in 0..steps {
            let disk = made();
            disk.fail_at(before + step, fault);
            let erased = erase(&disk).is_ok();
            disk.switch_on();
            let log = opened(&disk);
            assert_eq!(log.writer.head().size, 4, "step {step}, {fault:?}");
            let what = found(&log, 3, 1);
            assert!(
                what == Found::Erased { by: 0 }
                    || (!erased && matches!(what, Found::Present { .. })),
                "step {step}, {fault:?}: {what:?}"
            );
        }
    }
}

#[test]
fn a_journal_from_before_frames_said_where_payloads_lie_is_read() {
    let disk = made();
    let mut tree = merkle::Frontier::new();
    let old = [(0, vec![0]), (1, vec![1]), (2, vec![2, 3])].map(|(first, numbers)| {
        let entries: Vec<_> = numbers.into_iter().map(entry).collect();
        for entry in &entries {
            tree.push(merkle::leaf_hash(entry));
        }
        Frame {
            first,
            entries,
            payloads: None,
            size: tree.size(),
            root: *tree.root().bytes(),
        }
    });
    files(&disk, "journal")
        .iter()
        .for_each(|(file, _)| disk.take_away(file));
    let journal = journal(&disk, &folder(Path::new(ROOT)).join("journal"));
    old.iter().for_each(|frame| journal.append(frame).unwrap());
    drop(journal);
    let segments = files(&disk, "journal");
    assert!(
        segments
            .iter()
            .all(|(_, bytes)| !bytes.windows(4).any(|four| four == b"CWF2"))
    );
    // Its payloads were durable before it, so that it stands whatever they look like.
    let (file, _, starts) = payloads(&disk);
    disk.overwrite(&file, |bytes| bytes[starts[7] + 60] ^= 1);
    let mut log = opened(&disk);
    assert_eq!(log.findings, Findings::default());
    assert_eq!(log.writer.head().size, 4);
    assert!((0..3).all(|n| is_present(&log, n)));
    assert_eq!(found(&log, 3, 2), Found::Mismatch);
    log.writer.commit(&[submission(4)]).unwrap();
    drop(log);
    assert!(is_present(&opened(&disk), 4));
}

fn journal(disk: &FaultyDisk, folder: &Path) -> DirectoryJournal {
    DirectoryJournal::make(
        Arc::new(disk.clone()),
        folder,
        &name().to_string(),
        settings().journal,
        Arc::new(SeededRandomness::new(5)),
    )
    .unwrap()
}

#[test]
fn a_failed_sync_of_payloads_stops_the_log_though_the_journal_has_the_frame() {
    for fault in [Fault::NotDone, Fault::DoneButFailed] {
        let disk = made();
        let mut log = opened(&disk);
        let before = disk.steps().len();
        let keys = |steps: Vec<String>| steps.iter().filter(|step| step.ends_with("keys")).count();
        // Two keys are made and synced, two files are written, the journal is synced: then payloads.
        disk.fail_at(before + 6, fault);
        let error = log.writer.commit(&[submission(4)]).unwrap_err();
        assert!(
            matches!(error, LedgerError::Io { doing: "sync", .. }),
            "{error}"
        );
        assert!(
            disk.steps()[before + 6].ends_with(".pay"),
            "{:?}",
            &disk.steps()[before..]
        );
        assert_eq!(keys(disk.steps()[before..].to_vec()), 3);
        assert!(matches!(log.progress().standing, Standing::Stopped(_)));
        assert_eq!(log.progress().durable, 4);
        log.publisher.publish(log.writer.head()).unwrap();
        drop(log);
        disk.switch_on();
        // What can be read now is written again, so that it outlasts a power cut.
        let size = opened(&disk).writer.head().size;
        disk.cut_power(1);
        disk.switch_on();
        let log = opened(&disk);
        assert_eq!(log.writer.head().size, size);
        assert!((0..size).all(|n| is_present(&log, n)));
    }
}
