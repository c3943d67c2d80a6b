//! Clients that read slowly, not at all, or go away in the midst: they hold up nobody but themselves.

use std::time::{Duration, Instant};

use super::size;
use crate::gateway::{Entries, Raw};
use crate::serve::{Gateway, Setup};

/// A result of some hundred bytes a row; far more of them than fit into any buffer on the way.
const LARGE: &str = "select code, title, repeat(title, 30) from regions";

fn with_many_rows(limits: &str) -> Setup {
    let setup = Setup::new();
    setup.fill(100_000);
    setup.set("gateway", "links = 4");
    setup.set("limits", limits);
    setup
}

/// A session that asks for much and reads nothing of it yet.
fn ask_for_much(gateway: &Gateway) -> Raw {
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    wire::frontend::query(&mut raw.out, LARGE).unwrap();
    raw.send();
    raw
}

fn small(gateway: &Gateway) -> Duration {
    let begun = Instant::now();
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    let answers = raw.query("select title from regions where code = '1001'");
    assert_eq!(answers.last().unwrap(), "Ready I", "{answers:?}");
    begun.elapsed()
}

#[test]
fn who_does_not_read_holds_up_nobody_and_loses_the_link() {
    let gateway = with_many_rows("write_s = 3\nlink_wait_s = 30").start();
    small(&gateway);
    let before = gateway.memory_kib();
    // Three of the four links are theirs; nobody waits for the fourth.
    let mut slow: Vec<Raw> = (0..3).map(|_| ask_for_much(&gateway)).collect();
    for raw in &mut slow {
        assert!(raw.read_some(1) > 0);
    }
    for _ in 0..5 {
        let took = small(&gateway);
        assert!(took < Duration::from_secs(3), "{took:?}");
    }
    // With the fourth somebody waits, and gets a link when the slow ones lose theirs.
    slow.push(ask_for_much(&gateway));
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(1_500) {
        for raw in &mut slow {
            raw.read_some(1);
        }
    }
    let took = small(&gateway);
    assert!(took < Duration::from_secs(20), "{took:?}");
    let held = gateway.memory_kib();
    assert!(held < before + 48 * 1024, "{before} KiB became {held} KiB");
    drop(slow);
    let (code, setup) = gateway.stop();
    assert_eq!(code, 0);
    let ends = Entries::of(&setup).outcomes();
    let aborted = ends.iter().filter(|(_, end)| end == "aborted").count();
    assert_eq!(aborted, 4, "{ends:?}");
}

#[test]
fn who_reads_just_fast_enough_is_ended_by_the_limit_of_statements() {
    let gateway = with_many_rows("write_s = 60\nstatement_s = 3").start();
    let mut raw = ask_for_much(&gateway);
    let begun = Instant::now();
    // Always some, so that the gateway is never blocked for long.
    let mut received = 0;
    while begun.elapsed() < Duration::from_secs(40) {
        let read = raw.read_some(256 * 1024);
        if read == 0 {
            break;
        }
        received += read;
        std::thread::sleep(Duration::from_millis(100));
    }
    let took = begun.elapsed();
    drop(raw);
    let (_, setup) = gateway.stop();
    let ends = Entries::of(&setup).outcomes();
    assert!(
        took < Duration::from_secs(30),
        "{took:?}, {received} bytes, {ends:?}"
    );
    assert_ne!(ends.last().unwrap().1, "complete");
}

#[test]
fn a_stop_waits_for_no_client_that_does_not_read() {
    let gateway = with_many_rows("write_s = 600").start();
    let mut slow: Vec<Raw> = (0..3).map(|_| ask_for_much(&gateway)).collect();
    for raw in &mut slow {
        raw.read_some(1);
    }
    let begun = Instant::now();
    let (code, setup) = gateway.stop();
    assert_eq!(code, 0);
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
    let entries = Entries::of(&setup);
    assert_eq!(entries.of_kind("session-end").len(), 3);
    drop(slow);
}

#[test]
fn clients_that_go_away_in_the_midst_leave_nothing_behind() {
    let gateway = with_many_rows("link_wait_s = 30").start();
    for round in 0..size(12, 300) {
        let mut raw = ask_for_much(&gateway);
        // Before the first byte, after a few, after many.
        for _ in 0..round % 4 * 3 {
            raw.read_some(50_000);
        }
    }
    let took = small(&gateway);
    assert!(took < Duration::from_secs(20), "{took:?}");
    let (code, setup) = gateway.stop();
    assert_eq!(code, 0);
    let entries = Entries::of(&setup);
    assert_eq!(entries.decided().len(), entries.outcomes().len());
}
