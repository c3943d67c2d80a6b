//! Record before release: the gateway is killed from outside while it serves, and what a client
//! received by then stands in the ledger.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Entries, Raw, Received, assert_covered};
use crate::serve::{PASSWORD, Setup};

/// Statements until the connection breaks, each with a text of its own.
fn ask(
    address: std::net::SocketAddr,
    (client, life): (usize, usize),
    is_over: &AtomicBool,
    answered: &AtomicUsize,
) -> Vec<Received> {
    let mut received = Vec::new();
    let (mut raw, answers) = Raw::try_connect(address, "ana.home", PASSWORD, "app", &[]);
    if answers.last().map(String::as_str) != Some("Ready I") {
        return received;
    }
    for number in 0.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let table = ["users", "messages", "videos"][number % 3];
        let text = format!("select id, 'mark {life} {client} {number}' from {table}");
        wire::frontend::query(&mut raw.out, &text).unwrap();
        let bytes = raw.out.split();
        raw.send_bytes(&bytes);
        let mut rows = 0;
        let before = raw.row_bytes();
        let is_closed = loop {
            let answer = raw.next();
            if let Some(count) = answer.strip_prefix("Rows ") {
                rows += count.parse::<u64>().unwrap();
            }
            answered.fetch_add(1, Ordering::Relaxed);
            if answer == "closed" || answer.starts_with("Ready") {
                break answer == "closed";
            }
        };
        let bytes = raw.row_bytes() - before;
        received.push(Received { text, rows, bytes });
        if is_closed {
            break;
        }
    }
    received
}

#[test]
fn no_row_is_received_without_its_record_however_the_gateway_dies() {
    let lives = testkit::cases(6) as usize;
    let mut setup = Setup::new();
    let mut received = Vec::new();
    for life in 0..lives {
        let gateway = setup.start();
        let address = gateway.address();
        let is_over = Arc::new(AtomicBool::new(false));
        let answered = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..4)
            .map(|client| {
                let is_over = Arc::clone(&is_over);
                let answered = Arc::clone(&answered);
                thread::spawn(move || ask(address, (client, life), &is_over, &answered))
            })
            .collect();
        // In the midst of an answer, and not after the same one in each life.
        let many = 20 + 37 * (life % 11);
        let begun = Instant::now();
        while answered.load(Ordering::Relaxed) < many {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "nobody is answered"
            );
            thread::yield_now();
        }
        gateway.signal("KILL");
        is_over.store(true, Ordering::Relaxed);
        for client in clients {
            received.extend(client.join().unwrap());
        }
        setup = gateway.taken();
    }
    assert!(
        received.iter().any(|received| received.rows > 0),
        "nobody received anything"
    );
    // It starts again over what was left, and stops in order.
    let (code, setup) = setup.start().stop();
    assert_eq!(code, 0);
    Entries::verified(&setup);
    assert_covered(&setup, &received);
}
