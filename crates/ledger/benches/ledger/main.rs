//! `./x bench ledger`: durable entries a second and their latency at 1, 8, 64 and 256 writers, with
//! tiles published every second, with and without a 300-byte payload, beside one sync for each entry
//! in the same run. Says on which device, how long a sync takes there, and how many were made,
//! counted by the system call tracer.
//!
//! `CORDON_BENCH_SECONDS` changes the time for each figure, `CORDON_BENCH_DIR` the folder.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a bench prints, and stops loudly when it cannot run"
)]

mod counted;
mod place;
mod world;

use std::time::Duration;

use world::{Figure, World, one_sync_each};

/// Writers at once.
const WRITERS: [usize; 4] = [1, 8, 64, 256];
/// Bytes of a payload.
const PAYLOAD: usize = 300;
/// How often each figure is taken, in turn with the others.
const ROUNDS: usize = 3;

fn main() {
    if counted::is_child() {
        counted::child();
        return;
    }
    let seconds = std::env::var("CORDON_BENCH_SECONDS").ok();
    let time = Duration::from_secs_f64(seconds.and_then(|text| text.parse().ok()).unwrap_or(2.0));
    let root = place::folder();
    println!("{}", place::describe(root.path()));
    println!("{}\n", place::sync_latency(root.path()));
    let ways: [(&str, Option<usize>); 2] = [
        ("with 300-byte payloads", Some(PAYLOAD)),
        ("without payloads", None),
    ];
    let mut figures: Vec<(String, Vec<Figure>)> = Vec::new();
    for round in 0..ROUNDS {
        let mut row = 0;
        for (way, payload) in ways {
            for writers in WRITERS {
                let world = World::open(root.path());
                let figure = world.run(writers, payload, time);
                keep(
                    &mut figures,
                    &mut row,
                    round,
                    format!("{way}, {writers} writers"),
                    figure,
                );
            }
        }
        for writers in [1, 64] {
            let figure = one_sync_each(root.path(), writers, PAYLOAD, time / 2);
            let name = format!("one sync each, {writers} writers");
            keep(&mut figures, &mut row, round, name, figure);
        }
    }
    println!(
        "{:<42} {:>10} {:>17} {:>9} {:>9} {:>14}",
        "", "entries/s", "(spread)", "p50 ms", "p99 ms", "entries/commit"
    );
    for (name, figures) in &figures {
        println!("{name:<42} {}", world::row(figures));
    }
    println!("\n{}", counted::count(root.path()));
}

fn keep(
    figures: &mut Vec<(String, Vec<Figure>)>,
    row: &mut usize,
    round: usize,
    name: String,
    figure: Figure,
) {
    if round == 0 {
        figures.push((name, Vec::new()));
    }
    figures[*row].1.push(figure);
    *row += 1;
}
