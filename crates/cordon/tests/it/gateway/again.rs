//! Statements that are checked again because something changed after they were prepared: what runs then
//! is that statement, in its meaning of now, and nothing else.

use super::{Entries, Raw};
use crate::serve::Gateway;

const MEI: &str = "    name: Mei Eligible (engineer in Singapore)\n";

/// Puts another world in force.
fn another_world(gateway: &Gateway) {
    let other = MEI.replace("engineer", "an engineer");
    gateway.setup.change("people.yaml", MEI, &other);
    gateway.signal("HUP");
    gateway.wait_for_line("reloaded: ");
}

fn has(answers: &[String], answer: &str) -> bool {
    answers.iter().any(|one| one.starts_with(answer))
}

/// The plan in front would come as it is: with keys of pseudonyms among its conditions.
#[test]
fn what_runs_is_what_was_prepared_and_no_other_statement_of_the_text() {
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "mei.eligible");
    let before = [
        "explain select 1 from users where id = '12345'",
        "select 1 from regions",
    ];
    for (number, first) in before.iter().enumerate() {
        let text = format!("{first}; prepare q{number} as select id from users");
        let answers = raw.query(&text);
        assert!(has(&answers, "Complete PREPARE"), "{answers:?}");
    }
    another_world(&gateway);
    let wanted = raw.query("select id from users");
    assert!(has(&wanted, "Complete SELECT"), "{wanted:?}");
    for (number, first) in before.iter().enumerate() {
        // A line of its own does not end the comment that keeps it.
        let answers = raw.query(&format!("execute\nq{number}"));
        assert_eq!(answers, wanted, "{first}");
    }
    let (_, setup) = gateway.stop();
    Entries::verified(&setup);
}

/// A parameter whose type the server finds out is as good as a literal of that type.
#[test]
fn what_is_given_to_execute_asks_for_no_roles() {
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "mei.eligible");
    raw.query("prepare q as select coalesce(relacl, $1) from pg_class limit 1");
    raw.query("prepare r as select 1 from users where id = $1");
    for role in ["postgres", "no_such"] {
        let answers = raw.query(&format!("execute q('{{{role}=r/postgres}}')"));
        assert!(answers[0].contains("type-not-allowed"), "{answers:?}");
    }
    for _ in 0..2 {
        let answers = raw.query("execute r('12345')");
        assert!(has(&answers, "Complete SELECT 0"), "{answers:?}");
    }
}

#[test]
fn names_are_looked_up_along_the_path_of_now() {
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    assert!(has(&raw.query("select id from users"), "Complete SELECT"));
    // In one message, where all is checked before the first runs.
    let answers = raw.query("set search_path = pg_catalog; select id from users");
    assert!(has(&answers, "Error 42501"), "{answers:?}");
    raw.query("set search_path = public");
    raw.parse("s", "select id from users").sync();
    raw.query("prepare p as select id from users");
    let answers = raw.bind("", "s").execute("", 0).sync();
    assert!(has(&answers, "Complete SELECT"), "{answers:?}");
    raw.query("set search_path = pg_catalog");
    let answers = raw.bind("", "s").execute("", 0).sync();
    assert!(has(&answers, "Error 42501"), "{answers:?}");
    assert!(has(&raw.query("execute p"), "Error 42501"));
    // What is open already goes on: that is over.
    raw.query("set search_path = public");
    raw.query("begin");
    raw.query("declare c cursor for select id from users");
    assert!(has(&raw.query("fetch 1 from c"), "Complete FETCH 1"));
    raw.query("set search_path = pg_catalog");
    assert!(has(&raw.query("fetch 1 from c"), "Complete FETCH 1"));
    raw.query("rollback");
}

#[test]
fn a_cursor_about_the_catalogue_tells_nothing_that_is_hidden_by_now() {
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "mei.eligible");
    raw.query("begin");
    raw.query("declare c cursor for select relname from pg_class");
    assert!(has(&raw.query("fetch 1 from c"), "Complete FETCH 1"));
    another_world(&gateway);
    let answers = raw.query("fetch all from c");
    assert!(
        has(&answers, "Error") && answers[0].contains("view-changed"),
        "{answers:?}"
    );
}

#[test]
fn what_is_set_in_a_chained_transaction_ends_with_it() {
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    for end in ["commit", "rollback"] {
        raw.query("begin");
        let answers = raw.query(&format!("{end} and chain"));
        assert_eq!(answers.last().unwrap(), "Ready T", "{answers:?}");
        raw.query("set local cordon.purpose = 'support'");
        raw.query("select id from users");
        raw.query("rollback");
        raw.query("select id from users");
    }
    let (_, setup) = gateway.stop();
    let purposes = Entries::of(&setup).purposes();
    assert_eq!(purposes, ["\"support\"", "null", "\"support\"", "null"]);
}
