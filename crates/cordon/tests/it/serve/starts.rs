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
        // Rows of home residents and of those whose residence nobody knows are hidden from her.
        let seen = beijing.query(query, &[]).await;
        assert!(seen.is_err() || seen.is_ok_and(|rows| rows.len() == 1));
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
    assert!(!ran.out.contains("violation"), "{}", ran.out);
}
