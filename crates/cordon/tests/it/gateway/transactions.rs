//! Transactions: what fails at their end is told, and settings follow them.

use super::{Entries, Raw};
use crate::serve::Gateway;

fn shown(raw: &mut Raw, name: &str) -> String {
    // The value is in the row, which this client does not read; so it is compared in SQL.
    let answers = raw.query(&format!("show {name}"));
    answers.join(" ")
}

#[test]
fn a_refusal_in_a_transaction_fails_it_on_both_sides() {
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    assert_eq!(raw.query("begin").last().unwrap(), "Ready T");
    let refused = raw.query("select * from nowhere");
    assert!(refused[0].contains("not-visible"), "{refused:?}");
    assert_eq!(refused.last().unwrap(), "Ready E");
    let ignored = raw.query("select 1");
    assert!(ignored[0].starts_with("Error 25P02"), "{ignored:?}");
    assert!(shown(&mut raw, "timezone").starts_with("Error 25P02"));
    assert_eq!(raw.query("commit"), ["Complete ROLLBACK", "Ready I"]);
    assert_eq!(raw.query("begin").last().unwrap(), "Ready T");
    raw.query("savepoint s");
    raw.query("select * from nowhere");
    assert_eq!(raw.query("rollback to s").last().unwrap(), "Ready T");
    assert!(
        raw.query("select 1")
            .contains(&"Complete SELECT 1".to_owned())
    );
    raw.query("rollback");
}

#[test]
fn a_setting_of_the_session_follows_its_transaction() {
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    raw.query("begin");
    raw.query("set local cordon.purpose = 'support'");
    raw.query("set application_name = 'changed'");
    raw.query("rollback");
    raw.query("select id from users");
    raw.query("begin; set local cordon.purpose = 'support'; commit");
    raw.query("select id from users");
    raw.query("set cordon.purpose = 'support'");
    raw.query("select id from users");
    drop(raw);
    let (_, setup) = gateway.stop();
    let purposes = Entries::of(&setup).purposes();
    assert_eq!(purposes, ["null", "null", "\"support\""]);
}

#[test]
fn what_was_set_at_the_start_holds_at_the_server() {
    let gateway = Gateway::start();
    let more = [
        ("TimeZone", "Asia/Tokyo"),
        ("options", "-c statement_timeout=300"),
    ];
    let (mut raw, answers) = Raw::try_connect(
        gateway.address(),
        "ana.home",
        crate::serve::PASSWORD,
        "app",
        &more,
    );
    assert_eq!(answers.last().unwrap(), "Ready I");
    let zone = "select 1 where extract(timezone from now()) = 32400";
    assert!(raw.query(zone).contains(&"Complete SELECT 1".to_owned()));
    let long = raw.query("select count(*) from generate_series(1, 100000000)");
    assert!(
        long.iter().any(|answer| answer.starts_with("Error 57014")),
        "{long:?}"
    );
    // What the server does not take is refused, and nothing runs without it.
    let more = [("TimeZone", "No/Where")];
    let (mut raw, _) = Raw::try_connect(
        gateway.address(),
        "ana.home",
        crate::serve::PASSWORD,
        "app",
        &more,
    );
    let refused = raw.query("select 1");
    assert!(
        refused[0].contains("setting-value-not-allowed"),
        "{refused:?}"
    );
}

#[test]
fn links_are_read_only() {
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    let refused = raw.query("insert into regions values ('XX', 'nowhere')");
    assert!(refused[0].starts_with("Error"), "{refused:?}");
    raw.query("set default_transaction_read_only = off");
    let refused = raw.query("insert into regions values ('XX', 'nowhere')");
    assert!(refused[0].contains("action-not-allowed") || refused[0].contains("Error 42501"));
}
