//! Pipelines: answers in order, errors up to Sync, and an outcome for every decision.

use super::{Entries, Raw};
use crate::serve::Gateway;

#[test]
fn after_an_error_everything_is_passed_over_up_to_sync() {
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    raw.run("select 1")
        .run("select 1/0")
        .run("select id from users");
    // Its types would have to be asked for, after an error.
    raw.parse("t", "select id from users where name = $1");
    let answers = raw.sync();
    assert_eq!(
        answers[..4],
        [
            "ParseComplete",
            "BindComplete",
            "Rows 1",
            "Complete SELECT 1"
        ]
    );
    // PostgreSQL may find the error when it binds.
    let error = answers
        .iter()
        .position(|answer| answer.starts_with("Error 22012"))
        .unwrap();
    assert_eq!(answers[error + 1..], ["Ready I"], "{answers:?}");
    // A Query is passed over as well while Sync has not come.
    raw.run("select 1/0");
    wire::frontend::query(&mut raw.out, "select 2").unwrap();
    let answers = raw.sync();
    assert_eq!(
        answers.iter().filter(|a| a.starts_with("Ready")).count(),
        1,
        "{answers:?}"
    );
    assert!(!answers.contains(&"Complete SELECT 1".to_owned()));
    // An empty text waits its turn.
    raw.run("select 1");
    wire::frontend::query(&mut raw.out, "").unwrap();
    raw.send();
    let answers = raw.until_ready();
    let empty = answers
        .iter()
        .position(|answer| answer == "EmptyQueryResponse");
    assert_eq!(empty, Some(answers.len() - 2), "{answers:?}");
    drop(raw);
    let (_, setup) = gateway.stop();
    Entries::of(&setup);
}

#[test]
fn a_client_that_goes_away_leaves_no_decision_without_outcome() {
    let gateway = Gateway::start();
    let slow = "select count(*) from users a, users b, users c, generate_series(1, 20000000)";
    for text in [slow, "select id from users"] {
        let mut raw = Raw::connect(gateway.address(), "ana.home");
        raw.run(text).run("select id from messages").run(text);
        wire::frontend::flush(&mut raw.out);
        raw.send();
        if text != slow {
            raw.next();
        }
        drop(raw);
    }
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    raw.query("begin");
    raw.query("savepoint s");
    raw.query("declare c cursor for select id from users");
    raw.query("rollback to s");
    raw.query("declare c cursor for select id from messages");
    raw.query("fetch all from c");
    drop(raw);
    let (_, setup) = gateway.stop();
    let entries = Entries::of(&setup);
    let counts = entries.counts();
    assert!(counts["decision"] >= 5, "{counts:?}");
    assert_eq!(counts["decision"], counts["outcome"], "{counts:?}");
}

#[test]
fn an_answer_is_told_only_to_the_message_that_asked() {
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "mei.eligible");
    raw.parse("one", "select 1").parse("two", "select 2, 2");
    for _ in 0..200 {
        raw.bind("", "one").describe_portal("").execute("", 0);
        raw.bind("", "two").describe_portal("").execute("", 0);
    }
    let answers = raw.sync();
    let columns: Vec<&String> = answers
        .iter()
        .filter(|a| a.starts_with("Columns"))
        .collect();
    assert_eq!(columns.len(), 400);
    for (place, told) in columns.iter().enumerate() {
        let wanted = if place % 2 == 0 { 1 } else { 2 };
        assert_eq!(told.split(' ').count() - 1, wanted, "{place}");
    }
}
