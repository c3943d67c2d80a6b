//! Printing a statement and reading it again gives the statement.

use model::Refusal;
use proptest::prelude::*;
use sql::{Limits, print, read};

use crate::make::Make;

/// Reads, prints, reads again; what was printed, or what differs.
pub fn round_trip(text: &str) -> Result<Vec<String>, String> {
    let statements = read(text, &Limits::default()).map_err(|refused| format!("{refused}"))?;
    let mut printed = Vec::new();
    for statement in statements {
        let text = print(&statement);
        let again = read(&text, &Limits::default())
            .map_err(|refused| format!("the printed text is refused: {refused}\n  {text}"))?;
        if again.as_slice() != [statement.clone()] {
            return Err(format!(
                "reads differently\n  {text}\n  {statement:?}\n  {again:?}"
            ));
        }
        if print(&again[0]) != text {
            return Err(format!("prints differently\n  {text}"));
        }
        printed.push(text);
    }
    Ok(printed)
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with("--"))
}

#[test]
fn every_statement_of_the_list_survives() {
    let mut failures = Vec::new();
    let mut count = 0;
    for line in lines(include_str!("../data/statements.txt")) {
        count += 1;
        if let Err(failure) = round_trip(line) {
            failures.push(format!("{line}\n  {failure}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(count > 300, "{count} statements");
}

#[test]
fn every_constant_expression_survives() {
    for line in lines(include_str!("../data/constants.txt")) {
        if let Err(failure) = round_trip(&format!("SELECT {line}")) {
            panic!("{line}\n  {failure}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_tree_survives(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let statement = Make::new(bytes).statement();
        let text = print(&statement);
        match read(&text, &Limits::default()) {
            Ok(again) => prop_assert_eq!(&again, &[statement], "{}", text),
            // Trees as deep as the parser hands over are another test's concern.
            Err(refused) => prop_assert_eq!(refused.code, Refusal::StatementTooLarge, "{}: {}", refused, text),
        }
    }
}
