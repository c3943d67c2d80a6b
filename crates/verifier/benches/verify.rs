//! `./x bench verify`: entries verified per second on one core, 75,000 entries of about 300 bytes
//! in memory, beside plain hashing of the same bytes in the same rounds. `on the core` counts the time
//! that the thread ran, which others on the machine do not lengthen (Linux only).
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

/// Decisions, every second with its outcome: about 300 bytes an entry.
fn log() -> Made {
    let mut log = Made::new(GATE_1, 0xe1);
    log.add(world::start(GATE_1, true), &[]);
    log.add(world::schema(), &[(1, b"snapshot")]);
    log.add(world::session(1), &[(1, b"somebody")]);
    for number in 1..=STATEMENTS {
        log.add(world::decision(1, number), world::DECISION_FIELDS);
        if number % 2 == 0 {
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
    let mut hashed = Times::default();
    let mut alone = Times::default();
    let mut together = Times::default();
    for _ in 0..ROUNDS {
        hashed.take(|| {
            for entry in &log.entries {
                black_box(Sha256::digest(entry));
            }
        });
        alone.take(|| drop(black_box(run(&sources, &one))));
        together.take(|| drop(black_box(run(&sources, &all))));
    }
    println!(
        "{count} entries, {:.0} bytes each, in memory; medians of {ROUNDS} rounds, entries/s",
        bytes as f64 / count
    );
    let on_core = |times: Times| count / median(times.on_core);
    let by_clock = |times: &Times| count / median(times.by_clock.clone());
    let line = |name: &str, times: Times| {
        let (clock, core) = (by_clock(&times), on_core(times));
        println!("{name}: {clock:.0} by the clock, {core:.0} on the core");
    };
    line("plain SHA-256 of the entries, one thread", hashed);
    line("verified, one thread", alone);
    println!(
        "verified, a thread for each core: {:.0} by the clock",
        by_clock(&together)
    );
}

#[derive(Default)]
struct Times {
    by_clock: Vec<f64>,
    on_core: Vec<f64>,
}

impl Times {
    fn take(&mut self, work: impl FnOnce()) {
        let (begun, ran) = (Instant::now(), ran_s());
        work();
        self.by_clock.push(begun.elapsed().as_secs_f64());
        self.on_core.push(ran_s() - ran);
    }
}

/// How long this thread has run, in seconds.
fn ran_s() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok());
    first.unwrap_or(f64::NAN) / 1e9
}
