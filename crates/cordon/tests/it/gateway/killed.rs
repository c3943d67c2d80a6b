//! Record before release: the gateway is killed from outside while it serves, and what a client
//! received by then stands in the ledger.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Raw;
use crate::command::cordon;
use crate::serve::{PASSWORD, Setup};

/// What one session of a client saw: for each of its statements how many rows.
type Received = Vec<(String, u64)>;

/// Statements until the connection breaks, each with a text of its own.
fn ask(
    address: std::net::SocketAddr,
    (client, life): (usize, usize),
    is_over: &AtomicBool,
    answered: &AtomicUsize,
) -> Received {
    let mut received = Received::new();
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
        received.push((text, rows));
        if is_closed {
            break;
        }
    }
    received
}

#[test]
fn no_row_is_received_without_its_record_however_the_gateway_dies() {
    let lives = std::env::var("CORDON_LONG").map_or(6, |times| times.parse::<usize>().unwrap());
    let mut setup = Setup::new();
    let mut received = Received::new();
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
        received.iter().any(|(_, rows)| *rows > 0),
        "nobody received anything"
    );
    // It starts again over what was left, and stops in order.
    let (code, setup) = setup.start().stop();
    assert_eq!(code, 0);
    let key = setup.file("ledger/control-1/log.vkey");
    let ran = cordon(&[
        "ledger",
        "verify",
        setup.dir_text(),
        "--log",
        key.to_str().unwrap(),
    ]);
    assert_ne!(ran.code, 1, "{}", ran.out);
    let decided = decided(&setup);
    for (text, rows) in &received {
        let until = decided
            .iter()
            .find(|(known, _)| known == text)
            .map(|(_, until)| *until);
        assert!(
            until.is_some_and(|until| until >= *rows) || *rows == 0,
            "{rows} rows of `{text}` were received, and the ledger has {until:?}"
        );
    }
}

/// The text of each decision, with how many rows it let out.
fn decided(setup: &Setup) -> Vec<(String, u64)> {
    let folder = setup.file("ledger/access-gate-1-1");
    let folder = folder.to_str().unwrap();
    let key = setup.file("secrets/payload.key");
    let key = key.to_str().unwrap();
    let entries = cordon(&["ledger", "export", folder]).out;
    let payloads = cordon(&["ledger", "export", folder, "--payloads", "--key", key]).out;
    let entries: Vec<Value> = entries
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut decided = Vec::new();
    for line in payloads
        .lines()
        .filter(|line| line.contains("\"client_text\""))
    {
        let line: Value = serde_json::from_str(line).unwrap();
        let index = usize::try_from(line["index"].as_u64().unwrap()).unwrap();
        let entry = &entries[index];
        if entry["kind"] != "decision" {
            continue;
        }
        let bytes = decode(line["bytes"].as_str().unwrap());
        let until = entry["body"]["rows_until"].as_u64().unwrap();
        decided.push((String::from_utf8(bytes).unwrap(), until));
    }
    decided
}

/// Standard base64.
fn decode(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::new();
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = LETTERS.iter().position(|known| *known == letter).unwrap();
        bits = bits << 6 | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}
