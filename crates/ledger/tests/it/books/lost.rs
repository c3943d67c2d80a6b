//! Access logs that lost state: refused, recorded as lost, followed by the next epoch. And those that
//! did not lose any.

use std::fs;
use std::sync::Arc;

use ledger::{AccessLog, Books, ControlLog, Keys, LedgerError, LogName, Surroundings};
use record::{Body, LogLost, LogName as RecordedName, LogOpen, LogStatus, State};

use super::drafts::{draft, schema, session_end, session_start};
use super::witnessed::{with_witness, witness};
use super::{
    access, anchors_fit, append, books, control, copy, fold_access, fold_control, gate, kinds,
    no_witnesses, read, until,
};

/// A log with an anchored and an unanchored part, and a copy of all logs from before the anchor.
fn lived(books: &Books) -> std::path::PathBuf {
    let opened = control(books);
    let log = access(books, &opened);
    let size = log.control_size_min();
    append(&log, schema(size)).unwrap();
    until(log.progress(), |progress| progress.published == 2);
    let early = books.root.with_file_name("early");
    copy(&books.root, &early);
    append(&log, session_start(size, 1)).unwrap();
    append(&log, session_end(size, 1, 0)).unwrap();
    until(log.progress(), |progress| progress.published == 4);
    log.anchor().unwrap();
    append(&log, session_start(size, 2)).unwrap();
    drop(log);
    opened.close().unwrap();
    early
}

fn recorded(name: &LogName) -> RecordedName {
    RecordedName::new(&name.to_string()).unwrap()
}

fn state(books: &Books) -> (Vec<record::Entry>, State) {
    let entries = read(books, &books.control_name().unwrap());
    let state = fold_control(&entries);
    (entries, state)
}

/// Opens the gateway's log, which is the second then, and looks at all that was written.
fn is_followed_by_the_next_epoch(books: &Books, account: &str) {
    let opened = control(books);
    let log = access(books, &opened);
    assert_eq!(log.name(), &gate(2));
    let size = log.control_size_min();
    append(&log, session_start(size, 1)).unwrap();
    append(&log, session_end(size, 1, 0)).unwrap();
    log.pause().unwrap();
    drop(log);
    // It stays so.
    let log = access(books, &opened);
    assert_eq!(log.name(), &gate(2));
    drop(log);
    let (lost, _) = opened
        .follow()
        .now()
        .state_durable()
        .access_logs()
        .find(|(_, facts)| facts.status == LogStatus::Lost)
        .map(|(name, facts)| (name.clone(), facts.clone()))
        .unwrap();
    assert_eq!(lost, recorded(&gate(1)));
    opened.close().unwrap();
    let (entries, state) = state(books);
    let at = |kind| entries.iter().position(|entry| entry.kind().name == kind);
    let lost_at = at("log-lost").unwrap();
    let found = opened
        .log()
        .payload(lost_at as u64, LogLost::ACCOUNT)
        .unwrap();
    let Some(ledger::Found::Present { bytes, .. }) = found else {
        panic!("it says what happened");
    };
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(account), "{text}");
    let Body::LogOpen(LogOpen { log, replaces, .. }) = &entries[lost_at + 1].body else {
        panic!("the next one is opened: {:?}", kinds(&entries));
    };
    assert_eq!((log, replaces.as_ref()), (&recorded(&gate(2)), Some(&lost)));
    let facts = state.access_log(&lost).unwrap();
    assert_eq!(facts.replaced_by, Some(recorded(&gate(2))));
    let second = read(books, &gate(2));
    fold_access(&second);
    assert!(anchors_fit(&entries, &gate(2), &second) >= 2);
    let Body::Start(start) = &second[0].body else {
        panic!("it begins with its start");
    };
    assert!(start.clean);
    let continues = start.continues.as_ref().unwrap();
    assert_eq!((&continues.log, continues.size), (&lost, 4));
    assert!(continues.root.is_some(), "what the last anchor says");
}

#[test]
fn a_log_whose_folder_is_gone_is_followed_by_the_next_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    lived(&books);
    fs::remove_dir_all(books.root.join(gate(1).folder())).unwrap();
    is_followed_by_the_next_epoch(&books, "is missing");
}

#[test]
fn a_log_whose_journal_is_gone_is_followed_by_the_next_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    lived(&books);
    let journal = books.root.join(gate(1).folder()).join("journal");
    fs::remove_dir_all(&journal).unwrap();
    is_followed_by_the_next_epoch(&books, "");
}

#[test]
fn a_log_that_was_set_back_behind_its_anchor_is_followed_by_the_next_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    let early = lived(&books);
    // Whole and well signed, and from before the anchor.
    let log = books.root.join(gate(1).folder());
    fs::remove_dir_all(&log).unwrap();
    copy(&early.join(gate(1).folder()), &log);
    is_followed_by_the_next_epoch(&books, "it has 2 entries, and 4 were anchored");
}

#[test]
fn a_log_that_took_another_turn_is_followed_by_the_next_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    let early = lived(&books);
    // From before the anchor it goes on otherwise, by the same key, with a control log that knows of
    // no anchor.
    let mut forged = books.clone();
    forged.root = early;
    let opened = control(&forged);
    let gone_on = access(&forged, &opened);
    assert_eq!(gone_on.name(), &gate(1));
    for session in 1..4 {
        let size = gone_on.control_size_min();
        append(&gone_on, session_start(size, session)).unwrap();
        append(&gone_on, session_end(size, session, 0)).unwrap();
    }
    gone_on.pause().unwrap();
    drop(gone_on);
    let log = books.root.join(gate(1).folder());
    fs::remove_dir_all(&log).unwrap();
    copy(&forged.root.join(gate(1).folder()), &log);
    is_followed_by_the_next_epoch(
        &books,
        "its first 4 entries are not those that were anchored",
    );
}

#[test]
fn a_log_that_is_ahead_of_its_anchor_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    lived(&books);
    let opened = control(&books);
    let log = access(&books, &opened);
    assert_eq!(log.name(), &gate(1));
    assert_eq!(log.anchored().size, 6, "five, and the start");
    log.pause().unwrap();
    drop(log);
    opened.close().unwrap();
    let (entries, state) = state(&books);
    assert!(!kinds(&entries).contains(&"log-lost"));
    assert_eq!(state.access_logs().count(), 1);
    let first = read(&books, &gate(1));
    fold_access(&first);
    anchors_fit(&entries, &gate(1), &first);
}

#[test]
fn a_wrong_key_is_no_loss() {
    let folder = tempfile::tempdir().unwrap();
    let mut books = books(folder.path());
    lived(&books);
    let (before, _) = state(&books);
    // The control log's key is the right one still.
    let secrets = folder.path().join("other");
    fs::create_dir(&secrets).unwrap();
    Keys::create(&secrets, Surroundings::real().randomness.as_ref()).unwrap();
    for file in ["log-control.key", "payload.key"] {
        fs::copy(folder.path().join("secrets").join(file), secrets.join(file)).unwrap();
    }
    let right = std::mem::replace(&mut books.keys, Keys::load(&secrets).unwrap());
    let opened = control(&books);
    let refused = AccessLog::open(&books, "gate-1", &opened, no_witnesses());
    let refused = refused.err().unwrap();
    assert!(matches!(refused, LedgerError::Key { .. }), "{refused}");
    opened.close().unwrap();
    drop(opened);
    let (after, _) = state(&books);
    assert_eq!(after.len(), before.len() + 2, "start and stop");
    books.keys = right;
    let opened = control(&books);
    assert_eq!(access(&books, &opened).name(), &gate(1));
}

#[test]
fn a_writer_that_died_after_it_recorded_the_loss_opens_the_next_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    lived(&books);
    let opened = control(&books);
    let lost = LogLost {
        log: recorded(&gate(1)),
        witnessed_size: 0,
    };
    let account = [(LogLost::ACCOUNT, &b"it was gone"[..])];
    append(opened.as_ref(), draft(1, None, lost, &account, 1)).unwrap();
    let log = access(&books, &opened);
    assert_eq!(log.name(), &gate(2));
    log.pause().unwrap();
    let second = read(&books, &gate(2));
    let Body::Start(start) = &second[0].body else {
        panic!("it begins with its start");
    };
    let continues = start.continues.as_ref().unwrap();
    assert_eq!(continues.log, recorded(&gate(1)));
}

#[test]
fn a_log_that_the_control_log_never_opened_is_not_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    lived(&books);
    // Somebody puts a log of the right key where the next gateway's would be made.
    let other = tempfile::tempdir().unwrap();
    let mut forged = super::books(other.path());
    forged.keys = books.keys.clone();
    let theirs = control(&forged);
    drop(AccessLog::open(&forged, "gate-2", &theirs, no_witnesses()).unwrap());
    copy(
        &forged.root.join("access-gate-2-1"),
        &books.root.join("access-gate-2-1"),
    );
    let opened = control(&books);
    let refused = AccessLog::open(&books, "gate-2", &opened, no_witnesses());
    let refused = refused.err().unwrap();
    assert!(
        matches!(refused, LedgerError::Contradiction { .. }),
        "{refused}"
    );
}

#[test]
fn a_loss_is_recorded_at_the_size_that_was_witnessed() {
    let folder = tempfile::tempdir().unwrap();
    let (books, memory) = with_witness(folder.path());
    let witness = || witness(&books, &memory);
    let opened = Arc::new(ControlLog::open(&books, witness()).unwrap());
    let log = AccessLog::open(&books, "gate-1", &opened, witness()).unwrap();
    append(&log, schema(log.control_size_min())).unwrap();
    // More is witnessed than any anchor says.
    until(log.progress(), |progress| progress.witnessed == 2);
    assert!(log.anchored().witnessed < 2);
    drop(log);
    let journal = books.root.join(gate(1).folder()).join("journal");
    fs::remove_dir_all(&journal).unwrap();
    let log = AccessLog::open(&books, "gate-1", &opened, witness()).unwrap();
    assert_eq!(log.name(), &gate(2));
    let view = opened.follow().now();
    let facts = view.state_durable().access_log(&recorded(&gate(1)));
    let facts = facts.map(|facts| (facts.status, facts.witnessed_size));
    assert_eq!(facts, Some((LogStatus::Lost, 2)));
}
