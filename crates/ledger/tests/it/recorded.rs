//! `record`'s drafts through a real control log: receipts, duplicates, refusals, verdicts.

use std::path::Path;
use std::sync::Arc;

use ledger::{ControlFold, Found, Log, Notice, RealDisk, stop_when_full};
use record::{
    Append, AppendError, Body, Commitments, Draft, Durable, Entry, IdempotencyKey, Line, LogName,
    Marks, Payload, Salt, Start, Stop, StopReason,
};

use crate::faulty::{Fault, FaultyDisk};
use crate::fixture::{name, opening, verify};

const MARKS: Marks = Marks { evaluation: true };

fn log(root: &Path, seed: u64) -> Log {
    let mut opening = opening(Arc::new(RealDisk), root, seed);
    opening.fold = Box::new(ControlFold::default());
    Log::start(opening.open().unwrap(), Vec::new()).unwrap()
}

fn entry(time_ms: u64, key: Option<u8>, body: Body) -> Entry {
    Entry {
        time_ms,
        control_size: 0,
        marks: MARKS,
        idempotency: key.map(|key| IdempotencyKey::new([key; 16])),
        body,
        commitments: Commitments::new(),
    }
}

fn start() -> Body {
    Body::Start(Start {
        log: LogName::new(&name().to_string()).unwrap(),
        build: Line::new("cordon 0.1").unwrap(),
        clean: true,
        continues: None,
    })
}

fn stop() -> Body {
    Body::Stop(Stop {
        reason: StopReason::Asked,
    })
}

fn with_host(entry: Entry, host: &[u8]) -> Draft {
    let payload =
        Payload::new(Start::KIND, Start::HOST, Salt::new([3; 32]), host.to_vec()).unwrap();
    Draft::new(entry, vec![payload]).unwrap()
}

fn append(log: &Log, draft: Draft) -> Result<Durable, AppendError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(Append::append(log, draft))
}

#[test]
fn a_draft_gets_a_receipt_and_its_payload_a_verdict() {
    let root = tempfile::tempdir().unwrap();
    let log = log(root.path(), 0);
    let draft = with_host(entry(1000, None, start()), b"a host");
    let leaf = *draft.leaf();
    let durable = append(&log, draft).unwrap();
    assert_eq!((durable.index(), *durable.leaf()), (0, leaf));
    assert_eq!(durable.log().as_str(), name().to_string());
    let Some(Found::Present { bytes, .. }) = log.payload(0, Start::HOST).unwrap() else {
        panic!("it is not there");
    };
    assert_eq!(bytes, b"a host");
    assert_eq!(
        log.payload(0, Stop::DETAIL).unwrap().is_some(),
        Stop::DETAIL == Start::HOST
    );
    assert_eq!(log.payload(1, Start::HOST).unwrap(), None);
    assert_eq!(log.entry(0).unwrap().unwrap().body, start());
}

#[test]
fn a_repeated_request_gets_the_receipt_of_the_first() {
    let root = tempfile::tempdir().unwrap();
    let opened = log(root.path(), 0);
    let first = append(&opened, with_host(entry(1000, Some(7), start()), b"a host")).unwrap();
    let again = with_host(entry(3000, Some(7), start()), b"a host");
    assert_ne!(again.leaf(), first.leaf(), "its time is another");
    let second = append(&opened, again.clone()).unwrap();
    assert_eq!((second.index(), second.leaf()), (0, first.leaf()));
    opened.close();
    // The key is known also after opening again.
    let opened = log(root.path(), 1);
    let third = append(&opened, again).unwrap();
    assert_eq!((third.index(), third.leaf()), (0, first.leaf()));
    assert_eq!(opened.close().durable, 1);
}

#[test]
fn an_entry_that_does_not_follow_is_refused_and_leaves_no_trace() {
    let root = tempfile::tempdir().unwrap();
    let log = log(root.path(), 0);
    // The first entry of a log is its start.
    let refused = append(
        &log,
        Draft::new(entry(1000, None, stop()), Vec::new()).unwrap(),
    )
    .unwrap_err();
    assert_eq!(refused, AppendError::NotNext);
    append(&log, with_host(entry(1000, None, start()), b"a host")).unwrap();
    let mut marked = entry(2000, None, stop());
    marked.marks = Marks::default();
    let refused = append(&log, Draft::new(marked, Vec::new()).unwrap()).unwrap_err();
    assert_eq!(refused, AppendError::NotNext);
    assert_eq!(log.close().durable, 1);
}

#[test]
fn a_closed_log_answers_that_it_stopped() {
    let root = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::new(Path::new("/disk"));
    let mut opening = opening(Arc::new(disk.clone()), Path::new("/disk"), 0);
    opening.fold = Box::new(ControlFold::default());
    let stopped = Log::start(opening.open().unwrap(), Vec::new()).unwrap();
    append(&stopped, with_host(entry(1000, None, start()), b"a host")).unwrap();
    disk.cut_power(1);
    for _ in 0..2 {
        let draft = Draft::new(entry(2000, None, stop()), Vec::new()).unwrap();
        assert_eq!(append(&stopped, draft).unwrap_err(), AppendError::Stopped);
    }
    drop(root);
}

#[test]
fn a_full_disk_is_the_last_thing_the_log_says() {
    let disk = FaultyDisk::new(Path::new("/disk"));
    let open = |notice: Notice| {
        let mut opening = opening(Arc::new(disk.clone()), Path::new("/disk"), 0);
        opening.fold = Box::new(ControlFold::default());
        opening.notice = notice;
        opening.settings.journal.allocate_bytes = 0;
        Log::start(opening.open().unwrap(), Vec::new()).unwrap()
    };
    let log = open(stop_when_full(MARKS, || 1));
    append(&log, with_host(entry(1000, None, start()), b"a host")).unwrap();
    disk.fail_at(disk.steps().len(), Fault::NoSpace);
    let draft = || Draft::new(entry(2000, None, stop()), Vec::new()).unwrap();
    assert_eq!(append(&log, draft()).unwrap_err(), AppendError::DiskFull);
    assert_eq!(append(&log, draft()).unwrap_err(), AppendError::Stopped);
    drop(log);
    disk.switch_on();
    let log = open(Box::new(|_, _| None));
    let last = log.entry(1).unwrap().unwrap();
    assert_eq!(
        last.body,
        Body::Stop(Stop {
            reason: StopReason::DiskFull
        })
    );
    log.close();
    assert_eq!(verify(&disk, Path::new("/disk")).len(), 2);
}
