//! Cancel requests, wrong ones in masses and right ones at any moment: they stop at most what their own
//! session runs.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use wire::Cancel;

use super::{Until, size};
use crate::gateway::{Entries, Raw};
use crate::serve::{Gateway, Setup};

/// Takes seconds unless somebody stops it.
const LONG: &str = "select count(*) from regions a, regions b, regions c where a.title < b.title";

/// Sends a cancel request and waits for the end of the connection, which is the only answer.
fn send(address: SocketAddr, cancel: &Cancel) {
    let mut request = BytesMut::new();
    wire::frontend::cancel_request(&mut request, cancel).unwrap();
    let mut raw = Raw::open(address);
    raw.send_bytes(&request);
    assert_eq!(raw.next(), "closed");
}

fn shared(rows: u32, links: u32) -> Gateway {
    let setup = Setup::new();
    setup.fill(rows);
    setup.set("gateway", &format!("share_links = true\nlinks = {links}"));
    setup.start()
}

#[test]
fn a_wrong_key_cancels_nothing_and_is_not_tried_often() {
    let gateway = shared(10, 4);
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    let right = raw.key.clone().unwrap();
    let begun = Instant::now();
    let many = size(1_000, 10_000);
    for number in 0..many {
        let key = u32::try_from(number).unwrap().to_be_bytes();
        if key != right.key() {
            send(
                gateway.address(),
                &Cancel::new(right.process(), &key).unwrap(),
            );
        }
        if number % 50 == 0 {
            let answers = raw.query(&format!("select {number}, title from regions"));
            assert_eq!(answers.last().unwrap(), "Ready I", "{answers:?}");
            assert!(!answers.iter().any(|answer| answer.contains("57014")));
        }
    }
    eprintln!("{many} wrong cancel requests: {:?}", begun.elapsed());
    drop(raw);
    let (code, setup) = gateway.stop();
    assert_eq!(code, 0);
    Entries::of(&setup);
}

#[test]
fn a_right_key_stops_the_statement() {
    let gateway = shared(1_000, 4);
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    let key = raw.key.clone().unwrap();
    let answers = thread::scope(|scope| {
        let asking = scope.spawn(|| raw.query(LONG));
        while !asking.is_finished() {
            send(gateway.address(), &key);
            thread::sleep(Duration::from_millis(20));
        }
        asking.join().unwrap()
    });
    assert!(
        answers.iter().any(|answer| answer.contains("57014")),
        "{answers:?}"
    );
    assert_eq!(raw.query("select 1").last().unwrap(), "Ready I");
}

#[test]
fn a_cancel_never_reaches_the_statement_of_another_session() {
    let gateway = shared(1_000, 2);
    let is_over = AtomicBool::new(false);
    let (stopped, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let rounds = size(60, 500);
    let address = gateway.address();
    thread::scope(|scope| {
        let _until = Until(&is_over);
        // Both use the two links in turn. The one is cancelled all the time, the other never.
        let mut target = Raw::connect(gateway.address(), "ana.home");
        let key = target.key.clone().unwrap();
        for _ in 0..2 {
            let (is_over, key) = (&is_over, key.clone());
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    send(address, &key);
                }
            });
        }
        for number in 0..2 {
            let (is_over, done) = (&is_over, &done);
            scope.spawn(move || {
                let mut raw = Raw::connect(address, "ana.home");
                while !is_over.load(Ordering::Relaxed) {
                    let text = format!("select {number}, count(*) from regions a, regions b where a.title < b.title");
                    let answers = raw.query(&text);
                    let is_whole = answers.contains(&"Complete SELECT 1".to_owned());
                    assert!(is_whole, "{answers:?}");
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for round in 0..rounds {
            // Long and short ones, so that a cancel comes before, within and after.
            let text = match round % 3 {
                0 => format!("select {round}"),
                1 => "select title from regions where code = '1001'".to_owned(),
                _ => format!(
                    "select {round}, count(*) from regions a, regions b where a.title < b.title"
                ),
            };
            let answers = target.query(&text);
            let is_stopped = answers.iter().any(|answer| answer.contains("57014"));
            let is_whole = answers.contains(&"Complete SELECT 1".to_owned());
            assert!(is_whole || is_stopped, "{answers:?}");
            assert_eq!(answers.last().unwrap(), "Ready I", "{answers:?}");
            stopped.fetch_add(u64::from(is_stopped), Ordering::Relaxed);
        }
    });
    let (stopped, done) = (stopped.into_inner(), done.into_inner());
    assert!(stopped > 0 && done > 0, "{stopped} stopped, {done} done");
    let (code, setup) = gateway.stop();
    assert_eq!(code, 0);
    Entries::of(&setup);
}
