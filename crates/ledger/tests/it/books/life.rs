//! A whole life of the books, and what they refuse.

use std::time::Duration;

use ledger::{AccessLog, ControlLog, LedgerError};
use record::{AppendError, Body, LogStatus, Marks};

use super::drafts::{decision, grant, outcome, schema, session_end, session_start};
use super::{
    access, anchors_fit, append, books, control, fold_access, fold_control, gate, kinds,
    no_witnesses, read, until,
};

/// One session with one statement.
fn serve(access: &AccessLog, session: u64) {
    let size = access.control_size_min();
    if session == 1 {
        append(access, schema(size)).unwrap();
    }
    for draft in [
        session_start(size, session),
        decision(size, session, 1, b"SELECT 1", 100),
        outcome(size, session, 1),
        session_end(size, session, 1),
    ] {
        append(access, draft).unwrap();
    }
}

#[test]
fn the_books_live_stop_and_live_again() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    let opened = control(&books);
    append(opened.as_ref(), grant(1, "g-1", b"subject", 1)).unwrap();
    let log = access(&books, &opened);
    assert_eq!(log.name(), &gate(1));
    assert_eq!(log.anchored().size, 1, "anchored from its first entry on");
    serve(&log, 1);
    until(log.progress(), |progress| progress.published == 6);
    log.anchor().unwrap();
    assert_eq!(log.anchored().size, 6);
    log.anchor().unwrap();
    // A pause goes on with the same log, a close does not.
    log.pause().unwrap();
    drop(log);
    let log = access(&books, &opened);
    assert_eq!(log.name(), &gate(1));
    serve(&log, 2);
    log.close().unwrap();
    drop(log);
    opened.close().unwrap();
    drop(opened);

    let opened = control(&books);
    let log = access(&books, &opened);
    assert_eq!(log.name(), &gate(2));
    log.pause().unwrap();
    drop(log);
    opened.close().unwrap();
    drop(opened);

    let entries = read(&books, &books.control_name().unwrap());
    let state = fold_control(&entries);
    insta::assert_snapshot!(kinds(&entries).join(" "), @"start grant log-open log-anchor log-anchor log-anchor log-anchor log-anchor log-close stop start log-open log-anchor log-anchor stop");
    let statuses: Vec<_> = state.access_logs().map(|(_, facts)| facts.status).collect();
    assert_eq!(statuses, [LogStatus::Closed, LogStatus::Open]);
    assert!(
        state
            .access_logs()
            .all(|(_, log)| log.replaced_by.is_none())
    );
    let first = read(&books, &gate(1));
    insta::assert_snapshot!(kinds(&first).join(" "), @"start schema session-start decision outcome session-end stop start session-start decision outcome session-end stop");
    assert_eq!(fold_access(&first).without_outcome().count(), 0);
    assert_eq!(anchors_fit(&entries, &gate(1), &first), 6);
    let second = read(&books, &gate(2));
    assert_eq!(anchors_fit(&entries, &gate(2), &second), 2);
    for start in [&first[0], &first[7], &second[0]] {
        let Body::Start(start) = &start.body else {
            panic!("it begins with its start");
        };
        assert!(start.clean && start.continues.is_none());
    }
}

#[test]
fn a_writer_that_did_not_stop_is_said_to_have_not() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    let opened = control(&books);
    drop(access(&books, &opened));
    drop(opened);
    let opened = control(&books);
    drop(access(&books, &opened));
    drop(opened);
    for name in [books.control_name().unwrap(), gate(1)] {
        let starts = read(&books, &name);
        let starts = starts.iter().filter_map(|entry| match &entry.body {
            Body::Start(start) => Some(start.clean),
            _ => None,
        });
        assert_eq!(starts.collect::<Vec<_>>(), [true, false], "{name}");
    }
}

#[test]
fn a_silent_log_says_that_it_lives_and_what_its_state_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut books = books(folder.path());
    books.settings.heartbeat = Duration::from_millis(10);
    books.settings.anchor = Duration::from_millis(10);
    let opened = control(&books);
    let log = access(&books, &opened);
    until(log.progress(), |progress| progress.published >= 4);
    log.anchor().unwrap();
    drop(log);
    // Anchors are news in the control log; without an access log it becomes silent.
    let size = opened.progress().borrow().durable;
    until(opened.progress(), |progress| progress.published >= size + 2);
    drop(opened);
    // The folds compare the hash in each heartbeat with what the entries give.
    let entries = read(&books, &books.control_name().unwrap());
    fold_control(&entries);
    let first = read(&books, &gate(1));
    fold_access(&first);
    for entries in [&entries, &first] {
        let beats = entries.iter().filter(|entry| match &entry.body {
            Body::Heartbeat(beat) => beat.state.is_some(),
            _ => false,
        });
        assert!(beats.count() >= 2);
    }
    assert!(anchors_fit(&entries, &gate(1), &first) >= 2);
}

#[test]
fn a_repeated_request_is_answered_with_the_first_also_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    let opened = control(&books);
    let first = append(opened.as_ref(), grant(1, "g-1", b"subject", 1)).unwrap();
    let again = append(opened.as_ref(), grant(1, "g-1", b"subject", 1)).unwrap();
    assert_eq!((again.index(), again.leaf()), (first.index(), first.leaf()));
    opened.close().unwrap();
    drop(opened);
    let opened = control(&books);
    let again = append(opened.as_ref(), grant(1, "g-1", b"subject", 1)).unwrap();
    assert_eq!((again.index(), again.leaf()), (first.index(), first.leaf()));
    // The same key for something else is no repetition.
    let other = append(opened.as_ref(), grant(1, "g-2", b"subject", 1));
    assert_eq!(other.unwrap_err(), AppendError::NotNext);
    assert_eq!(opened.progress().borrow().durable, 4);
}

#[test]
fn what_does_not_follow_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    let opened = control(&books);
    let log = access(&books, &opened);
    let size = log.control_size_min();
    assert!(size >= 2, "its start cites that it was opened");
    let refused = append(&log, session_start(size, 7)).unwrap_err();
    assert_eq!(refused, AppendError::NotNext);
    insta::assert_snapshot!(log.last_refusal().unwrap(), @"session 7 cannot follow; the next is 1");
    append(&log, session_start(size + 1, 1)).unwrap();
    // Decided with an older state than an entry before it: decide again.
    append(&log, schema(size)).map(|_| ()).unwrap_err();
    let appending = log
        .append_as_of(0, |size| Ok::<_, ()>(schema(size)))
        .unwrap();
    super::run(appending).unwrap();
    // Whoever stops has ended the sessions.
    let refused = log.pause().unwrap_err();
    assert!(matches!(refused, LedgerError::Refused { .. }), "{refused}");
    append(&log, session_end(size + 1, 1, 0)).unwrap();
    log.pause().unwrap();
    let late = append(&log, session_start(size + 1, 2));
    assert_eq!(late.unwrap_err(), AppendError::NotNext);
    // The control log takes no entry of an access log.
    let refused = append(opened.as_ref(), schema(1));
    assert_eq!(refused.unwrap_err(), AppendError::NotNext);
    drop(log);
    fold_access(&read(&books, &gate(1)));
}

#[test]
fn only_an_evaluation_goes_without_a_witness() {
    let folder = tempfile::tempdir().unwrap();
    let mut books = books(folder.path());
    books.marks = Marks { evaluation: false };
    let refused = ControlLog::open(&books, no_witnesses()).err().unwrap();
    assert!(
        matches!(refused, LedgerError::NoWitness { .. }),
        "{refused}"
    );
    // And an evaluation stays one.
    books.marks = Marks { evaluation: true };
    let opened = control(&books);
    let release = opened.may_release_sensitive(super::now_ms());
    assert!(release.is_allowed() && release.is_gap());
    books.settings.access.witnesses_needed = 1;
    let refused = AccessLog::open(&books, "gate-1", &opened, no_witnesses());
    assert!(matches!(refused, Err(LedgerError::NoWitness { .. })));
}

#[test]
fn several_gateways_have_logs_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    let opened = control(&books);
    let open = |gateway| AccessLog::open(&books, gateway, &opened, no_witnesses());
    let (one, two) = (open("gate-1").unwrap(), open("gate-2").unwrap());
    serve(&one, 1);
    serve(&two, 1);
    let refused = open("gate-1").err().unwrap();
    assert!(matches!(refused, LedgerError::Locked { .. }), "{refused}");
    one.close().unwrap();
    two.close().unwrap();
    drop((one, two));
    opened.close().unwrap();
    let entries = read(&books, &books.control_name().unwrap());
    let state = fold_control(&entries);
    assert!(
        state
            .access_logs()
            .all(|(_, log)| log.status == LogStatus::Closed)
    );
    assert_eq!(state.access_logs().count(), 2);
}
