//! Portals and cursors: each has a leave of its own, whatever their names are.

use super::{Entries, Raw};
use crate::serve::Gateway;

const USERS: &str = "select id from users";
const MESSAGES: &str = "select id, sender_id from messages";

#[test]
fn a_portal_that_is_bound_anew_gets_a_decision_of_its_own() {
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    raw.query("begin");
    raw.parse("a", USERS).parse("b", MESSAGES);
    raw.bind("", "a")
        .execute("", 1)
        .bind("", "b")
        .execute("", 0);
    let answers = raw.sync();
    assert!(
        answers.contains(&"PortalSuspended".to_owned()),
        "{answers:?}"
    );
    // The same with a name that is closed in between.
    raw.bind("p", "a").execute("p", 1).close_portal("p");
    raw.bind("p", "b").execute("p", 0);
    let answers = raw.sync();
    assert_eq!(answers.last().unwrap(), "Ready T", "{answers:?}");
    raw.query("commit");
    drop(raw);
    let (_, setup) = gateway.stop();
    let entries = Entries::of(&setup);
    let [users, messages] = ["app/public.users", "app/public.messages"].map(str::to_owned);
    let expected = [&users, &messages, &users, &messages];
    let decided: Vec<String> = entries.decided().concat();
    assert_eq!(decided.iter().collect::<Vec<_>>(), expected);
    let rows: Vec<u64> = entries.outcomes().iter().map(|(rows, _)| *rows).collect();
    assert_eq!(rows.iter().sum::<u64>(), 4, "{:?}", entries.outcomes());
}

#[test]
fn a_fetch_runs_under_the_cursor_of_now() {
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    raw.query("begin");
    raw.query("declare c cursor for select 1, 2");
    raw.parse("close", "close c")
        .parse("declare", &format!("declare c cursor for {MESSAGES}"));
    raw.parse("fetch", "fetch all from c");
    for statement in ["close", "declare", "fetch"] {
        raw.bind("", statement).execute("", 0);
    }
    let answers = raw.sync();
    assert!(
        answers.contains(&"Complete FETCH 1".to_owned()),
        "{answers:?}"
    );
    // A FETCH is not suspended, so that nothing of it is left when its cursor is closed.
    raw.query("close c");
    raw.query(&format!("declare c cursor for {MESSAGES}"));
    raw.bind("p", "fetch").execute("p", 1);
    raw.sync();
    raw.query("close c");
    raw.query("declare c cursor for select 1, 2");
    raw.execute("p", 0);
    let answers = raw.sync();
    assert!(
        !answers.iter().any(|answer| answer.starts_with("Rows")),
        "{answers:?}"
    );
    raw.query("rollback");
    let missing = raw.query("fetch all from c");
    assert!(missing[0].starts_with("Error 34000"), "{missing:?}");
    drop(raw);
    let (_, setup) = gateway.stop();
    let entries = Entries::of(&setup);
    assert_eq!(entries.decided().len(), 2, "{:?}", entries.counts());
    let rows: Vec<u64> = entries.outcomes().iter().map(|(rows, _)| *rows).collect();
    assert_eq!(rows, [1, 1]);
}

#[test]
fn a_cursor_that_another_purpose_would_see_otherwise_is_closed_to_it() {
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    raw.parse("q", "select id from users order by id");
    raw.bind("", "q");
    raw.parse("set", "set cordon.purpose = 'analytics'")
        .bind("s", "set")
        .execute("s", 0);
    raw.execute("", 0);
    let answers = raw.sync();
    // view-changed: pseudonyms are of one purpose.
    let refused = answers
        .iter()
        .find(|answer| answer.starts_with("Error"))
        .unwrap();
    assert!(refused.contains("view-changed"), "{answers:?}");
}
