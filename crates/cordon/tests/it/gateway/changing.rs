//! What changes while statements run: the schema under them, the world that they are judged by.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio_postgres::Client;

use super::{Entries, Raw};
use crate::serve::{Gateway, Setup};

/// Somebody changes a table: the old `title` gets another name, and another column gets this one.
fn change(setup: &Setup, round: usize) {
    setup.sql(&format!(
        "BEGIN;
         ALTER TABLE regions RENAME COLUMN title TO title_{round};
         ALTER TABLE regions ADD COLUMN title text DEFAULT 'another column';
         GRANT SELECT (title) ON regions TO cordon;
         COMMIT;"
    ));
}

/// Waits until the change waits for its lock, without losing time over new connections.
async fn wait_until_it_waits(watching: &Client) {
    let waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'regions'::regclass";
    while watching.query(waits, &[]).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn what_was_judged_by_one_schema_is_not_told_by_the_next() {
    const ROUNDS_MAX: usize = 20;
    const QUERY: &str = "select title from regions";
    let refused = |answers: &Vec<String>| answers.iter().any(|a| a.contains("schema-changing"));
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let watching = runtime.block_on(gateway.setup.connect());
    let mut told: Vec<Vec<String>> = Vec::new();
    // The gateway looks five times a second, so nearly every statement comes before its look.
    for round in 0..ROUNDS_MAX {
        if told.iter().any(refused) {
            break;
        }
        let before = raw.query(QUERY);
        assert_eq!(before.last().unwrap(), "Ready I", "{before:?}");
        assert!(
            before.contains(&"Complete SELECT 2".to_owned()),
            "{before:?}"
        );
        let setup = &gateway.setup;
        let raced = std::thread::scope(|scope| {
            let changing = scope.spawn(move || change(setup, round));
            runtime.block_on(wait_until_it_waits(&watching));
            // It reaches the server behind the change, and is read when that is done.
            let raced = raw.query(QUERY);
            changing.join().unwrap();
            raced
        });
        told.push(raced);
    }
    raw.query(QUERY);
    drop(raw);
    let (code, setup) = gateway.stop();
    assert_eq!(code, 0);
    let entries = Entries::of(&setup);
    let snapshots: Vec<String> = entries
        .of_kind("decision")
        .iter()
        .map(|entry| entry["body"]["snapshot"].to_string())
        .collect();
    // Each round has a decision before the change, and one for the statement that ran into it, unless
    // it was held up before it was decided.
    let mut decisions = snapshots.iter();
    for (round, answers) in told.iter().enumerate() {
        let before = decisions.next().unwrap();
        if refused(answers) {
            // Decided by the old schema, sent, and not told.
            assert_eq!(decisions.next().unwrap(), before, "{round}: {answers:?}");
            assert!(
                !answers.iter().any(|a| a.starts_with("Rows")),
                "{answers:?}"
            );
        } else {
            assert!(
                answers.contains(&"Complete SELECT 2".to_owned()),
                "{answers:?}"
            );
            let raced = decisions.next().unwrap();
            assert_ne!(raced, before, "told by a schema that it was not judged by");
        }
    }
    assert!(
        told.iter().any(refused),
        "nothing ran into a change: {told:?}"
    );
}

#[test]
fn statements_go_on_while_the_world_is_replaced() {
    const MEI: &str = "    name: Mei Eligible (engineer in Singapore)\n";
    let gateway = Gateway::start();
    let is_over = AtomicBool::new(false);
    let counts: Vec<usize> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..3)
            .map(|client| {
                let (address, is_over) = (gateway.address(), &is_over);
                scope.spawn(move || {
                    let mut raw = Raw::connect(address, "ana.home");
                    let mut count = 0;
                    while !is_over.load(Ordering::Relaxed) {
                        let answers = match client {
                            0 => raw.query("select title from regions"),
                            1 => raw.run("select title from regions").sync(),
                            _ => raw.query("begin; select id from users; commit"),
                        };
                        let failed = answers.iter().find(|answer| answer.starts_with("Error"));
                        // What was bound in the world before is to be bound again.
                        let failed = failed.filter(|error| !error.contains("view-changed"));
                        assert_eq!(failed, None, "{answers:?}");
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        for round in 0..10 {
            let name = |round: usize| MEI.replace("Singapore", &format!("Singapore {round}"));
            let old = if round == 0 {
                MEI.to_owned()
            } else {
                name(round - 1)
            };
            gateway.setup.change("people.yaml", &old, &name(round));
            gateway.signal("HUP");
            gateway.wait_for_line("reloaded: ");
        }
        is_over.store(true, Ordering::Relaxed);
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .collect()
    });
    assert!(counts.iter().all(|count| *count > 10), "{counts:?}");
    let (code, setup) = gateway.stop();
    assert_eq!(code, 0);
    Entries::of(&setup);
}
