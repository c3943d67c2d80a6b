//! `./x bench gate`: PostgreSQL asked directly, through PgBouncer, and through Cordon, in the same rounds.
//!
//! Point queries by pgbench in three protocols at four numbers of clients, then one large result. The
//! ledger lies once in memory ("no wait": everything is recorded and no sync is waited for) and once on
//! disk. `CORDON_BENCH_ROUNDS`, `CORDON_BENCH_SECONDS` and `CORDON_BENCH_ROWS` change the sizes; words
//! pick parts: `point`, `nothing`, `large`, a protocol, numbers of clients, and ways (`direct`, `bouncer`,
//! `memory`, `disk`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench prints, and stops loudly when it cannot run"
)]

mod bouncer;
mod gateway;
mod large;
mod load;
mod place;
mod process;
mod sync;

use load::{Load, MODES};
use place::{Place, Way};

fn main() {
    let rounds = number("CORDON_BENCH_ROUNDS", 3);
    let seconds = number("CORDON_BENCH_SECONDS", 3);
    let rows = number("CORDON_BENCH_ROWS", 1_000_000);
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let (numbers, words): (Vec<String>, Vec<String>) = words
        .into_iter()
        .partition(|word| word.parse::<u32>().is_ok());
    let (ways, words): (Vec<String>, Vec<String>) = words
        .into_iter()
        .partition(|word| Way::ALL.iter().any(|way| way.word() == word));
    let wants = |word: &str| words.is_empty() || words.iter().any(|wanted| wanted == word);
    let takes = |way: &Way| ways.is_empty() || ways.iter().any(|wanted| wanted == way.word());
    let picked = |ways: &[Way]| -> Vec<Way> { ways.iter().copied().filter(takes).collect() };
    let place = Place::new(rows);
    println!("{}", place.describe());
    let clients = match numbers.as_slice() {
        [] => load::CLIENTS.to_vec(),
        some => some
            .iter()
            .filter_map(|number| number.parse().ok())
            .collect(),
    };
    let load = Load {
        rounds,
        seconds,
        clients,
    };
    for mode in MODES {
        if wants("point") || wants(mode) {
            let title = format!("one row of {rows} by its key, {mode}");
            load.measure(&place, &title, mode, load::POINT, &picked(&Way::ALL));
        }
    }
    if wants("nothing") {
        let ways = picked(&[Way::Direct, Way::Bouncer, Way::Unwaited]);
        let title = "nothing governed (SELECT of a number), prepared";
        load.measure(&place, title, "prepared", load::NOTHING, &ways);
    }
    if wants("large") {
        large::measure(&place, rounds);
    }
}

fn number(name: &str, or: u32) -> u32 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(or)
}
