//! `./x bench verify`: entries verified per second on one core, 100,000 entries of about 300 bytes
//! in memory, beside plain hashing of the same bytes in the same rounds.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops loudly when it cannot run"
)]

#[path = "../tests/it/made.rs"]
mod made;
#[path = "../tests/it/world.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod world;

use std::hint::black_box;
use std::time::Instant;

use made::{GATE_1, Made};
use sha2::{Digest as _, Sha256};
use verifier::{Report, Source, Terms, Verdict, verify};

const STATEMENTS: u64 = 50_000;
const ROUNDS: usize = 7;

/// Decisions of 371 bytes and their outcomes and refusals in turn: about 300 bytes an entry.
fn log() -> Made {
    let mut log = Made::new(GATE_1, 0xe1);
    log.add(world::start(GATE_1, true), &[]);
    log.add(world::schema(), &[(1, b"snapshot")]);
    log.add(world::session(1), &[(1, b"somebody")]);
    for number in 1..=STATEMENTS {
        log.add(world::decision(1, number), world::DECISION_FIELDS);
        if number % 4 == 0 {
            log.add(world::outcome(1, number, 42), &[]);
        }
        log.payloads.clear();
    }
    log
}

fn run(sources: &[Box<dyn Source>], terms: &Terms) -> Report {
    verify(sources, terms, &mut |_| {}).unwrap()
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied().unwrap()
}

fn main() {
    let log = log();
    let count = log.entries.len() as f64;
    let bytes: usize = log.entries.iter().map(Vec::len).sum();
    let sources: Vec<Box<dyn Source>> = vec![Box::new(log.files())];
    let terms = |workers| Terms {
        keys: vec![log.vkey()],
        earlier: vec![log.checkpoint_at(log.size())],
        workers,
        ..Terms::default()
    };
    let (one, all) = (terms(1), terms(0));
    let first = run(&sources, &one);
    assert_eq!(first.verdict(), Verdict::Ok, "{}", first.to_text());
    let (mut hashed, mut alone, mut together) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for entry in &log.entries {
            black_box(Sha256::digest(entry));
        }
        hashed.push(begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        black_box(run(&sources, &one));
        alone.push(begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        black_box(run(&sources, &all));
        together.push(begun.elapsed().as_secs_f64());
    }
    println!(
        "{count} entries, {:.0} bytes each, in memory",
        bytes as f64 / count
    );
    for (name, seconds) in [
        ("plain SHA-256 of the entries, one core", hashed),
        ("verified, one core", alone),
        ("verified, all cores", together),
    ] {
        println!("{name}: {:.0} entries/s", count / median(seconds));
    }
}
