//! Erasure from end to end: ordered, witnessed, destroyed; nothing left, and the log still verifies.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ledger::{
    AccessLog, Assurance, Books, ControlLog, ErasureOrder, ErasureReport, Found, LedgerError,
};
use record::{Decision, Digest, Erasure, Field, GrantEntry, RefusalEntry, Start};

use super::drafts::{decision, draft, grant, salt, schema, session_end, session_start};
use super::witnessed::{with_witness, witness};
use super::{
    access, anchors_fit, append, books, control, files, fold_access, fold_control, gate,
    no_witnesses, read, soon, until,
};

const SUBJECT: &[u8] = b"subject 4711 and some more bytes, so that there is something to find";
const TEXT: &[u8] =
    b"SELECT email FROM users WHERE name = 'a name that is nobody\'s in particular'";

fn order(index: u64, fields: &[Field]) -> ErasureOrder {
    ErasureOrder {
        index,
        fields: fields.iter().copied().collect(),
        statement: Digest::new([5; 32]),
        by: Vec::new(),
        reason: b"the person concerned asked for it".to_vec(),
        signatures: Some(b"signed".to_vec()),
    }
}

/// The index of a decision about somebody.
fn decided(log: &AccessLog) -> u64 {
    let size = log.control_size_min();
    append(log, schema(size)).unwrap();
    append(log, session_start(size, 1)).unwrap();
    append(log, decision(size, 1, 1, b"SELECT 1", 300)).unwrap();
    let decided = append(log, decision(size, 1, 2, TEXT, 400)).unwrap();
    append(log, session_end(size, 1, 2)).unwrap();
    decided.index()
}

fn erased(report: &ErasureReport, field: Field) -> bool {
    report.verdicts == [(field, Found::Erased { by: report.by })]
}

fn is_anywhere(root: &Path, secret: &[u8]) -> bool {
    let is_in = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
    files(root).iter().any(|(_, bytes)| is_in(bytes))
}

/// The pieces of the files that an erasure overwrote: the ciphertext.
fn overwritten(before: &[(std::path::PathBuf, Vec<u8>)], folder: &Path) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    for (path, bytes) in before {
        let is_payload = path.starts_with(folder) && path.extension().is_some_and(|e| e == "pay");
        let after = if is_payload {
            fs::read(path).unwrap()
        } else {
            continue;
        };
        let same = |at: usize| bytes.get(at) == after.get(at);
        let mut at = 0;
        while at < bytes.len() {
            let length = (at..bytes.len()).take_while(|at| !same(*at)).count();
            // Longer than a mark or a checksum, and not what a new payload was written over.
            let piece = bytes[at..(at + 16).min(bytes.len())].to_vec();
            if length >= 16 && piece.iter().any(|byte| *byte != 0) {
                pieces.push(piece);
            }
            at += length.max(1);
        }
    }
    pieces
}

#[test]
fn payloads_of_both_logs_are_destroyed_and_both_logs_verify() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    let opened = control(&books);
    let granted = append(opened.as_ref(), grant(1, "g-1", SUBJECT, 200)).unwrap();
    let log = access(&books, &opened);
    let decided = decided(&log);
    let verdicts = || {
        let control = opened.log().payload(granted.index(), GrantEntry::SUBJECTS);
        let access = log.log().payload(decided, Decision::CLIENT_TEXT);
        (control.unwrap().unwrap(), access.unwrap().unwrap())
    };
    let (in_control, in_access) = verdicts();
    assert!(matches!(in_control, Found::Present { bytes, .. } if bytes == SUBJECT));
    assert!(matches!(in_access, Found::Present { bytes, .. } if bytes == TEXT));
    let before = files(&books.root);

    let first = opened
        .erase(order(granted.index(), &[GrantEntry::SUBJECTS]))
        .unwrap();
    assert!(erased(&first, GrantEntry::SUBJECTS));
    assert_eq!(first.assurance, Assurance::Unwitnessed, "it is said");
    // Younger than the last anchor: it is anchored first, or the order would not follow.
    assert!(log.anchored().size <= decided);
    let second = log.erase(order(decided, &[Decision::CLIENT_TEXT])).unwrap();
    assert!(erased(&second, Decision::CLIENT_TEXT) && second.by > first.by);
    assert_eq!(
        verdicts(),
        (
            Found::Erased { by: first.by },
            Found::Erased { by: second.by }
        )
    );
    // Its neighbours are still there, and so is the other decision.
    for (index, field) in [
        (decided, Decision::GUARDED_TEXT),
        (decided - 1, Decision::CLIENT_TEXT),
    ] {
        let found = log.log().payload(index, field).unwrap();
        assert!(matches!(found, Some(Found::Present { .. })));
    }
    // Ordered again: the same order, nothing new.
    let again = log.erase(order(decided, &[Decision::CLIENT_TEXT])).unwrap();
    assert_eq!(again, second);

    let ciphertext = overwritten(&before, &books.root);
    assert!(ciphertext.len() >= 2, "one of each log");
    for piece in &ciphertext {
        assert!(
            before
                .iter()
                .any(|(_, bytes)| bytes.windows(16).any(|w| w == piece))
        );
        assert!(!is_anywhere(&books.root, piece));
    }
    for secret in [SUBJECT, TEXT, &salt(202), &salt(400)] {
        assert!(!is_anywhere(&books.root, secret));
    }

    log.close().unwrap();
    opened.close().unwrap();
    let entries = read(&books, &books.control_name().unwrap());
    let state = fold_control(&entries);
    let of_gate = record::LogName::new(&gate(1).to_string()).unwrap();
    assert_eq!(
        state.erased_by(&of_gate, decided, Decision::CLIENT_TEXT),
        Some(second.by)
    );
    let first = read(&books, &gate(1));
    fold_access(&first);
    anchors_fit(&entries, &gate(1), &first);
}

#[test]
fn a_locked_class_is_refused_by_name_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    let opened = control(&books);
    let granted = append(opened.as_ref(), grant(1, "g-1", SUBJECT, 200)).unwrap();
    let log = access(&books, &opened);
    let decided = decided(&log);
    let size = opened.progress().borrow().durable;
    let mut said = Vec::new();
    for fields in [
        &[GrantEntry::PARTIES][..],
        &[GrantEntry::SUBJECTS, GrantEntry::TERMS],
    ] {
        let refused = opened.erase(order(granted.index(), fields)).unwrap_err();
        said.push(refused.to_string());
    }
    until(log.progress(), |progress| progress.published > decided);
    log.anchor().unwrap();
    let anchored = opened.progress().borrow().durable;
    let refused = log
        .erase(order(decided, &[Decision::SETTINGS]))
        .unwrap_err();
    said.push(refused.to_string());
    insta::assert_snapshot!(said.join("\n"), @r"
    field 1 of entry 1 is locked for its retention class `party`: it cannot be erased
    field 2 of entry 1 is locked for its retention class `approval`: it cannot be erased
    field 5 of entry 4 is locked for its retention class `method`: it cannot be erased
    ");
    // What it never committed to, and an entry that is not there.
    let refused = log
        .erase(order(decided, &[Decision::PARAMETERS]))
        .unwrap_err();
    assert!(
        matches!(refused, LedgerError::NotCommitted { .. }),
        "{refused}"
    );
    let refused = opened
        .erase(order(999, &[GrantEntry::SUBJECTS]))
        .unwrap_err();
    assert!(matches!(refused, LedgerError::NoEntry { .. }), "{refused}");
    assert_eq!(
        (size + 1, anchored),
        (anchored, opened.progress().borrow().durable)
    );
    // Nothing was destroyed with the field that may not be.
    let found = opened.log().payload(granted.index(), GrantEntry::SUBJECTS);
    assert!(matches!(found.unwrap(), Some(Found::Present { .. })));
}

#[test]
fn nothing_is_destroyed_before_a_witness_has_seen_the_order() {
    let folder = tempfile::tempdir().unwrap();
    let (mut books, memory) = with_witness(folder.path());
    books.settings.erasure_wait = Duration::from_millis(30);
    let open = |books: &Books| {
        let opened = Arc::new(ControlLog::open(books, witness(books, &memory)).unwrap());
        let log = AccessLog::open(books, "gate-1", &opened, witness(books, &memory)).unwrap();
        (opened, log)
    };
    let (opened, log) = open(&books);
    let decided = decided(&log);
    memory.lock().unwrap().is_away = true;
    let wanted = || order(decided, &[Decision::CLIENT_TEXT]);
    let refused = log.erase(wanted()).unwrap_err();
    let LedgerError::NotWitnessed { entry } = refused else {
        panic!("{refused}");
    };
    let found = || {
        log.log()
            .payload(decided, Decision::CLIENT_TEXT)
            .unwrap()
            .unwrap()
    };
    assert!(matches!(found(), Found::Present { .. }));
    assert_eq!(log.unfinished_erasures(), [entry]);
    // Asked again, it is the same order.
    let refused = log.erase(wanted()).unwrap_err();
    assert!(matches!(refused, LedgerError::NotWitnessed { entry: again } if again == entry));
    assert_eq!(log.unfinished_erasures(), [entry]);
    log.pause().unwrap();
    drop(log);
    opened.close().unwrap();
    drop(opened);

    // The order survives the writer, and is carried out once a witness comes.
    books.settings.anchor = Duration::from_millis(5);
    let (opened, log) = open(&books);
    assert_eq!(log.unfinished_erasures(), [entry]);
    memory.lock().unwrap().is_away = false;
    until(opened.progress(), |progress| progress.witnessed > entry);
    soon(|| log.unfinished_erasures().is_empty());
    let found = log.log().payload(decided, Decision::CLIENT_TEXT).unwrap();
    assert_eq!(found, Some(Found::Erased { by: entry }));
    let report = log.erase(wanted()).unwrap();
    assert_eq!((report.by, report.assurance), (entry, Assurance::Witnessed));
}

#[test]
fn an_order_about_another_kind_destroys_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    let opened = control(&books);
    let log = access(&books, &opened);
    let decided = decided(&log);
    until(log.progress(), |progress| progress.published > decided);
    log.anchor().unwrap();
    // The fold cannot know what stands in the access log.
    let wrong = Erasure {
        log: record::LogName::new(&gate(1).to_string()).unwrap(),
        index: decided,
        kind: u64::from(RefusalEntry::KIND.number),
        fields: BTreeSet::from([u64::from(RefusalEntry::CLIENT_TEXT.0)]),
        statement: Digest::new([5; 32]),
        by: Vec::new(),
    };
    let reason = [(Erasure::REASON, &b"a mistake"[..])];
    append(opened.as_ref(), draft(1, None, wrong, &reason, 1)).unwrap();
    assert_eq!(RefusalEntry::CLIENT_TEXT, Decision::CLIENT_TEXT);
    let refused = log
        .erase(order(decided, &[Decision::CLIENT_TEXT]))
        .unwrap_err();
    assert!(
        matches!(refused, LedgerError::OtherKind { .. }),
        "{refused}"
    );
    let found = log.log().payload(decided, Decision::CLIENT_TEXT).unwrap();
    assert!(matches!(found, Some(Found::Present { .. })));
}

#[test]
fn a_closed_log_can_still_be_erased_from_and_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    let opened = control(&books);
    let log = access(&books, &opened);
    let decided = decided(&log);
    log.close().unwrap();
    drop(log);
    let next = AccessLog::open(&books, "gate-1", &opened, no_witnesses()).unwrap();
    assert_eq!(next.name(), &gate(2));
    let before = read(&books, &gate(1));
    let wanted = order(decided, &[Decision::CLIENT_TEXT]);
    let report = opened.erase_in_closed(&books, &gate(1), wanted).unwrap();
    assert!(erased(&report, Decision::CLIENT_TEXT));
    assert!(!is_anywhere(&books.root, TEXT));
    assert_eq!(read(&books, &gate(1)), before);
    // One that is open is asked itself.
    let refused = opened.erase_in_closed(&books, &gate(2), order(0, &[Start::HOST]));
    assert!(matches!(refused, Err(LedgerError::Locked { .. })));
}
