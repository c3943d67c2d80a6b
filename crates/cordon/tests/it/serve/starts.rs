//! It starts, answers, and stops in order.

use std::time::{Duration, Instant};

use super::Gateway;
use super::gateway::wait;
use crate::command::cordon;

#[test]
fn each_person_gets_their_own_answer() {
    let gateway = Gateway::start();
    wait(async {
        let query = "SELECT id, name FROM users ORDER BY name";
        let home = gateway.connect("ana.home").await.unwrap();
        let beijing = gateway.connect("li.beijing").await.unwrap();
        let seen = home.query(query, &[]).await.unwrap();
        assert_eq!(seen.len(), 4, "masked, but there");
        // Of the sample's law she gets nothing of it, masked or not, and the refusal has its code.
        let refused = beijing.query(query, &[]).await.unwrap_err();
        assert_eq!(
            refused.code().map(|code| code.code()),
            Some("42501"),
            "{refused:?}"
        );
        // What is about nobody she gets like everybody.
        let regions = beijing.query("SELECT title FROM regions", &[]).await;
        assert_eq!(regions.unwrap().len(), 2);
        assert!(gateway.connect("nobody.known").await.is_err());
    });
}

#[test]
fn it_stops_in_order_and_its_ledger_verifies() {
    let gateway = Gateway::start();
    let client = wait(async {
        let client = gateway.connect("mei.eligible").await.unwrap();
        client
            .query("SELECT title FROM regions", &[])
            .await
            .unwrap();
        client
    });
    let began = Instant::now();
    let (code, setup) = gateway.stop();
    assert_eq!(code, 0);
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    drop(client);
    let key = setup.file("ledger/control-1/log.vkey");
    let ran = cordon(&[
        "ledger",
        "verify",
        setup.dir_text(),
        "--log",
        key.to_str().unwrap(),
    ]);
    // No witness: nothing is wrong, but strangers have only the log's own word.
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("no violation found"), "{}", ran.out);
}

#[test]
fn events_are_json_where_programs_read_them() {
    let gateway = super::Setup::new().start_with(&["--log-json", "--log", "debug"]);
    wait(async {
        assert!(gateway.connect("nobody.known").await.is_err());
    });
    gateway.wait_for_line("somebody was not let in");
    let said = gateway.said();
    for line in said.lines() {
        let event: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(
            event["level"].is_string() && event["message"].is_string(),
            "{line}"
        );
    }
    assert_eq!(gateway.stop().0, 0);
}
