//! Memory stays flat under mixed load: what one statement or session took is given back.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Until, size};
use crate::gateway::{Entries, Raw};
use crate::serve::Setup;

/// One round of everything that a session can do.
fn round(address: SocketAddr, number: u64) {
    let mut raw = Raw::connect(address, ["ana.home", "mei.eligible"][(number % 2) as usize]);
    let ready =
        |answers: Vec<String>| assert_eq!(answers.last().unwrap(), "Ready I", "{answers:?}");
    ready(raw.query(&format!(
        "select {number}, title from regions where code = '1001'"
    )));
    ready(raw.query(&format!(
        "select count(*) from regions where title <> '{number}'"
    )));
    for statement in 0..5 {
        let name = format!("s{statement}");
        raw.parse(&name, "select title from regions where code = $1");
        raw.bind_with("", &name, &["3"]).execute("", 0);
    }
    ready(raw.sync());
    ready(raw.query("select * from nowhere"));
    ready(raw.query("select code, title from regions"));
    ready(raw.query("copy (select code, title from regions) to stdout"));
    raw.query("begin");
    raw.query("declare c cursor for select code from regions");
    raw.query("fetch 100 from c");
    ready(raw.query("commit"));
    match number % 3 {
        // Gone without a word in the midst of an answer, or of a message.
        0 => {
            wire::frontend::query(
                &mut raw.out,
                "select code, title, repeat(title, 30) from regions",
            )
            .unwrap();
            raw.send();
        }
        1 => raw.send_bytes(b"Q\0\0\xff\xffselect"),
        _ => {
            wire::frontend::terminate(&mut raw.out);
            raw.send();
        }
    }
}

#[test]
fn memory_is_flat_under_mixed_load() {
    let (warm_s, measured_s) = (size(5, 60), size(12, 600));
    let setup = Setup::new();
    setup.fill(5_000);
    let gateway = setup.start();
    let address = gateway.address();
    let is_over = AtomicBool::new(false);
    let rounds = AtomicU64::new(0);
    let measured = thread::scope(|scope| {
        let _until = Until(&is_over);
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    round(address, rounds.fetch_add(1, Ordering::Relaxed));
                }
            });
        }
        let begun = Instant::now();
        let mut measured = Vec::new();
        while begun.elapsed() < Duration::from_secs((warm_s + measured_s) as u64) {
            thread::sleep(Duration::from_secs(1));
            if begun.elapsed() > Duration::from_secs(warm_s as u64) {
                measured.push(gateway.memory_kib());
            }
        }
        measured
    });
    // The most of the first third and of the last one: single values jump.
    let third = measured.len() / 3;
    let early = measured[..third].iter().max().copied().unwrap();
    let late = measured[measured.len() - third..]
        .iter()
        .max()
        .copied()
        .unwrap();
    let rounds = rounds.into_inner();
    eprintln!("{rounds} rounds: {early} KiB early, {late} KiB late; {measured:?}");
    assert!(late < early + early / 4 + 16 * 1024, "{measured:?}");
    let (code, setup) = gateway.stop();
    assert_eq!(code, 0);
    let entries = Entries::of(&setup);
    assert_eq!(entries.decided().len(), entries.outcomes().len());
}
