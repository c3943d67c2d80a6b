//! Statements that SQLsmith made: strange, and not ours. They look for leaks and for differences;
//! how many of them are refused says nothing.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use super::oracles::{self, SETTINGS};
use super::twins::Twins;
use super::world::{Outcome, SERVER};

/// How many statements are asked for in a long run, for each person.
const LONG: usize = 10_000;

/// What answers differently each time; such statements are scanned for canaries alone.
const CHANGING: [&str; 9] = [
    "random(",
    "gen_random_uuid(",
    "clock_timestamp(",
    "statement_timestamp(",
    "transaction_timestamp(",
    "timeofday(",
    "now(",
    "current_database(",
    "any_value(",
];

const STATEMENTS: &str = include_str!("../../../../../tests/data/guard/sqlsmith.txt");

fn smith(who: &'static str, every: usize) {
    let mut twins = Twins::new(who, "smith");
    let mut wrong = Vec::new();
    let all = if testkit::is_long() {
        made(&SERVER.url(&twins.first.schema.snapshot().database))
    } else {
        let lines = STATEMENTS.lines().filter(|line| !line.starts_with('#'));
        lines.map(str::to_owned).collect()
    };
    for (number, text) in all.iter().enumerate() {
        if number % 40 == 0 {
            twins.plan_by(SETTINGS.get(number / 40 % 10).copied().unwrap_or(""));
        }
        // What is refused costs nothing; of the rest, a slice.
        let is_refused = twins.first.guard(who, text).is_err();
        if !testkit::is_long() && !is_refused && number % every != 0 {
            continue;
        }
        let loose = if CHANGING.iter().any(|name| text.contains(name)) {
            Some("chance, time or the database's name")
        } else {
            text.contains(" limit ").then_some("LIMIT without ORDER BY")
        };
        if let Err(fault) = twins.compare(text, false, loose) {
            let report = oracles::report(&twins.first, who, 0, text);
            wrong.push(format!("{report}\n-- {fault}"));
        }
    }
    println!("sqlsmith, {who}: {:?}", twins.counts);
    assert!(
        wrong.is_empty(),
        "{} wrong:\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    let answer = twins.first.run(who, "select count(*) from subj", &[]);
    assert!(matches!(answer, Outcome::Rows(_, _)));
}

/// What SQLsmith makes now, as the vendored slice was made, with a seed of its own each time: for each
/// person of each run.
fn made(url: &str) -> Vec<String> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let seed = std::process::id() * 16 + MADE.fetch_add(1, Ordering::Relaxed);
    println!("sqlsmith --seed={seed}");
    let made = Command::new("sqlsmith")
        .args(["--exclude-catalog", "--dry-run"])
        .args([format!("--seed={seed}"), format!("--max-queries={LONG}")])
        .arg(format!("--target={url}"))
        .output()
        .expect("SQLsmith, which `./x test --long` installs");
    let text = String::from_utf8_lossy(&made.stdout);
    let all: Vec<String> = text
        .split(";\n")
        .map(|statement| statement.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|statement| statement.starts_with("select ") && statement.len() < 6000)
        .map(|statement| without_samples(&statement))
        .collect();
    assert!(
        all.len() > 1000,
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    all
}

/// Governed relations have no TABLESAMPLE.
fn without_samples(statement: &str) -> String {
    let mut parts = statement.split(" tablesample ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // `system (1.2)` or `bernoulli (3)`.
        text.push_str(part.split_once(')').map_or("", |(_, rest)| rest));
    }
    text
}

#[test]
fn sqlsmith_tells_the_analyst_nothing() {
    smith("analyst", 1);
}

#[test]
fn sqlsmith_tells_the_masked_nothing() {
    smith("masked", 3);
}

#[test]
fn sqlsmith_tells_the_conditional_nothing() {
    smith("conditional", 1);
}
