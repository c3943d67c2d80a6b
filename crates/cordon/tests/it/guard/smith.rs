//! Statements that SQLsmith made: strange, and not ours. They look for leaks and for differences;
//! how many of them are refused says nothing.

use super::oracles::SETTINGS;
use super::twins::Twins;
use super::{oracles, world::Outcome};

const STATEMENTS: &str = include_str!("../../../../../tests/data/guard/sqlsmith.txt");

fn smith(who: &'static str, every: usize) {
    let long = std::env::var_os("CORDON_LONG").is_some();
    // A larger output, made by hand, may stand in for the vendored one.
    let text = std::env::var("CORDON_SQLSMITH")
        .ok()
        .and_then(|path| std::fs::read_to_string(path).ok())
        .unwrap_or_else(|| STATEMENTS.to_owned());
    let mut twins = Twins::new(who, "smith");
    let mut wrong = Vec::new();
    let all: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    for (number, text) in all.into_iter().enumerate() {
        if number % 40 == 0 {
            twins.plan_by(SETTINGS.get(number / 40 % 10).copied().unwrap_or(""));
        }
        // What is refused costs nothing; of the rest, a slice.
        let is_refused = twins.first.guard(who, text).is_err();
        if !long && !is_refused && number % every != 0 {
            continue;
        }
        let loose = text.contains(" limit ").then_some("LIMIT without ORDER BY");
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
