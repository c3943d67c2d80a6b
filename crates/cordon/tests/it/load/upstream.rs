//! A data store that dies while it answers: the client is told, the rest of the answer never comes from
//! elsewhere, and the gateway works again when the data store does.

use std::time::{Duration, Instant};

use crate::gateway::{Entries, Raw};
use crate::serve::{Gateway, Setup};

const LARGE: &str = "select code, title, repeat(title, 30) from regions";

fn start() -> (&'static scratch::Server, Gateway) {
    let server = Box::leak(Box::new(scratch::Server::start().unwrap()));
    let setup = Setup::on(server);
    setup.fill(100_000);
    setup.set("limits", "link_wait_s = 3");
    (server, setup.start())
}

/// A session in the midst of a large answer.
fn in_the_midst(gateway: &Gateway) -> Raw {
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    wire::frontend::query(&mut raw.out, LARGE).unwrap();
    raw.send();
    assert!(raw.next().starts_with("Columns"));
    assert!(raw.next().starts_with("Rows"));
    raw
}

/// Reads on to the end: how many rows, and the last answers.
fn rest(raw: &mut Raw) -> (u64, Vec<String>) {
    let (mut rows, mut others) = (0, Vec::new());
    for answer in raw.until_ready() {
        match answer.strip_prefix("Rows ") {
            Some(count) => rows += count.parse::<u64>().unwrap(),
            None => others.push(answer),
        }
    }
    (rows, others)
}

#[test]
fn a_backend_that_is_killed_ends_its_statement_alone() {
    let (server, gateway) = start();
    let mut other = Raw::connect(gateway.address(), "ana.home");
    other.query("select 1");
    let mut raw = in_the_midst(&gateway);
    let killed = server.run(
        "postgres",
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE usename = 'cordon' AND query LIKE '%repeat%' AND state = 'active'",
    );
    assert_eq!(killed.unwrap().trim(), "1");
    let (rows, others) = rest(&mut raw);
    assert!(rows < 100_000, "{others:?}");
    assert!(others[0].starts_with("Error "), "{others:?}");
    assert!(!others.iter().any(|answer| answer.starts_with("Complete")));
    // Whether this session goes on or not, another one does.
    assert_eq!(other.query("select 2").last().unwrap(), "Ready I");
    let mut again = Raw::connect(gateway.address(), "ana.home");
    let answers = again.query("select title from regions where code = '1001'");
    assert_eq!(answers.last().unwrap(), "Ready I", "{answers:?}");
    let (code, setup) = gateway.stop();
    assert_eq!(code, 0);
    let ends = Entries::of(&setup).outcomes();
    assert_ne!(ends[0].1, "complete", "{ends:?}");
}

#[test]
fn the_gateway_works_again_when_the_data_store_does() {
    let (server, gateway) = start();
    let mut idle = Raw::connect(gateway.address(), "ana.home");
    assert_eq!(idle.query("select 1").last().unwrap(), "Ready I");
    let mut bound = Raw::connect(gateway.address(), "ana.home");
    assert_eq!(bound.query("begin").last().unwrap(), "Ready T");
    bound.query("select title from regions where code = '1001'");
    let mut raw = in_the_midst(&gateway);
    server.stop_at_once();
    let (rows, others) = rest(&mut raw);
    assert!(rows < 100_000, "{others:?}");
    assert!(others[0].starts_with("Error "), "{others:?}");
    // A transaction is over with its link, and nobody may think that it goes on.
    let lost = bound.query("select title from regions where code = '1002'");
    assert!(lost[0].starts_with("Error "), "{lost:?}");
    assert!(!lost.iter().any(|answer| answer.starts_with("Rows")));
    // While it is away everybody is told within moments.
    let begun = Instant::now();
    let (mut raw, _) = Raw::try_connect(
        gateway.address(),
        "ana.home",
        crate::serve::PASSWORD,
        "app",
        &[],
    );
    let told = raw.query("select title from regions where code = '1001'");
    assert!(
        told[0].starts_with("Error ") || told[0] == "closed",
        "{told:?}"
    );
    assert!(
        begun.elapsed() < Duration::from_secs(45),
        "{:?}",
        begun.elapsed()
    );
    server.start_again().unwrap();
    let begun = Instant::now();
    loop {
        let mut raw = Raw::connect(gateway.address(), "ana.home");
        let answers = raw.query("select title from regions where code = '1001'");
        if answers.iter().any(|answer| answer == "Complete SELECT 1") {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{answers:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
    let (code, setup) = gateway.stop();
    assert_eq!(code, 0);
    Entries::of(&setup);
}
