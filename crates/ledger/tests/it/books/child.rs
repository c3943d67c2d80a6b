//! Books kept by a process of its own, that is killed; watched and opened again by this one.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ledger::{FollowControl, Freshness};
use record::Body;

use super::drafts::{decision, grant, schema, session_start};
use super::{
    access, anchors_fit, append, books, control, fold_access, fold_control, gate, kinds, now_ms,
    read, run, soon,
};

/// Set in the process that keeps books: their folder.
const CHILD: &str = "CORDON_BOOKS_CHILD";
/// Decisions that it makes after the last anchor.
const DECISIONS: u64 = 40;

/// Run by the tests below in another process; on its own it does nothing.
#[test]
fn child_that_keeps_books() {
    let Some(folder) = std::env::var_os(CHILD) else {
        return;
    };
    let books = books(Path::new(&folder));
    let opened = control(&books);
    let log = access(&books, &opened);
    let size = log.control_size_min();
    append(&log, schema(size)).unwrap();
    append(&log, session_start(size, 1)).unwrap();
    for n in 1..=DECISIONS {
        let at = append(&log, decision(size, 1, n, b"SELECT 1", n * 10))
            .unwrap()
            .index();
        let granted = append(opened.as_ref(), grant(1, &format!("g-{n}"), b"a", n)).unwrap();
        say(&format!("did {at} {}", granted.index()));
    }
    // Until it is killed.
    loop {
        std::thread::park();
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(format!("\n{line}\n").as_bytes());
    let _ = out.flush();
}

fn spawn(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "books::child::child_that_keeps_books"])
        .args(["--nocapture", "--test-threads=1"])
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What it did last: indexes of the decision and of the grant.
fn listen(child: &mut Child) -> (u64, u64) {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = lines.map_while(Result::ok).filter_map(|line| {
        let (at, granted) = line.strip_prefix("did ")?.split_once(' ')?;
        Some((at.parse().unwrap(), granted.parse().unwrap()))
    });
    let wanted = usize::try_from(DECISIONS).unwrap();
    said.take(wanted).last().expect("it says what it did")
}

#[test]
fn books_whose_writer_was_killed_between_append_and_anchor_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    let mut child = spawn(folder.path());
    let (decided, granted) = listen(&mut child);
    child.kill().unwrap();
    child.wait().unwrap();

    let opened = control(&books);
    let log = access(&books, &opened);
    assert_eq!(log.name(), &gate(1), "ahead of its anchor is no loss");
    assert!(log.irregular().is_empty());
    log.pause().unwrap();
    drop(log);
    opened.close().unwrap();
    let entries = read(&books, &books.control_name().unwrap());
    let state = fold_control(&entries);
    assert!(state.grant(granted).is_some(), "it was acknowledged");
    assert!(!kinds(&entries).contains(&"log-lost"));
    let first = read(&books, &gate(1));
    let trail = fold_access(&first);
    assert_eq!(trail.without_outcome().count() as u64, DECISIONS);
    let at = usize::try_from(decided).unwrap();
    assert!(matches!(first[at].body, Body::Decision(_)));
    let Body::Start(start) = &first[at + 1].body else {
        panic!("the next writer begins");
    };
    assert!(!start.clean && start.continues.is_none());
    assert!(anchors_fit(&entries, &gate(1), &first) >= 2);
}

#[test]
fn a_follower_in_another_process_sees_what_is_in_force_until_the_writer_dies() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    let name = books.control_name().unwrap();
    let key = books.keys.signer(&name).unwrap().verifier().clone();
    let place = books.root.join(name.folder());
    let every = Duration::from_millis(5);
    let mut follow = FollowControl::directory(&place, key, &books.surroundings, every).unwrap();
    let mut child = spawn(folder.path());
    let (_, granted) = listen(&mut child);
    let view = run(follow.reached(granted + 1)).unwrap();
    for index in 0..=granted {
        let is_grant = view.state_published().grant(index).is_some();
        assert_eq!(view.grant_is_in_force(index, now_ms()), is_grant);
    }
    let grants = view.state_published().grants().count() as u64;
    assert_eq!(grants, DECISIONS);
    // Nothing is appended any more, and its writer still lives.
    let before = now_ms();
    soon(|| follow.freshness(before).age_ms == 0);
    child.kill().unwrap();
    child.wait().unwrap();
    let freshness = follow.freshness(now_ms() + 10_001);
    assert!(!freshness.holds(Freshness::LEASE));
}
