//! A receipt that an entry is durable is made by crate `ledger` alone, after the sync.

use super::{Finding, source};
use crate::house::{File, House};

/// The function that makes a receipt. The word is looked for, not the path, so that no other name
/// for the type hides it.
const MAKER: &str = "after_sync";
/// Where it may be named: where it is defined and looked at, and where entries become durable.
const ALLOWED: &[&str] = &["crates/record/", "crates/ledger/src/"];
/// These rules name it too.
const RULES: &str = "xtask/";

pub fn check(house: &House) -> Vec<Finding> {
    house
        .files
        .iter()
        .filter(|file| file.path.ends_with(".rs") && !file.path.starts_with(RULES))
        .filter(|file| !ALLOWED.iter().any(|allowed| file.path.starts_with(allowed)))
        .flat_map(made_here)
        .collect()
}

/// Tests count too: they append to a real log in a temporary folder.
fn made_here(file: &File) -> Vec<Finding> {
    source::code(&file.text)
        .into_iter()
        .filter(|line| source::names(line.text, MAKER))
        .map(|line| {
            Finding::problem(format!(
                "{}:{}: only `ledger` makes a receipt, after the sync; append to a log and take \
                 the receipt it gives",
                file.path, line.number
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{problems, with_files};

    fn found(path: &str, text: &str) -> usize {
        problems(check(&with_files(&[(path, text)]))).len()
    }

    #[test]
    fn a_receipt_made_elsewhere_is_refused_under_any_name() {
        let elsewhere = ["crates/gateway/src/a.rs", "crates/gateway/tests/it/a.rs"];
        for path in elsewhere
            .into_iter()
            .chain(["crates/ledger/tests/it/a.rs", "fuzz/a.rs"])
        {
            for text in [
                "let d = Durable::after_sync(log, 0, leaf);",
                "let d = record::Durable::after_sync(log, 0, leaf);",
                "use record::Durable as D;\nlet d = D::after_sync(log, 0, leaf);",
                "let make = Receipt::after_sync;",
            ] {
                assert_eq!(found(path, text), 1, "{path}: {text}");
            }
        }
    }

    #[test]
    fn ledger_makes_receipts_and_others_may_speak_of_them() {
        let made = "Durable::after_sync(log, 0, leaf)";
        for path in [
            "crates/ledger/src/commit.rs",
            "crates/record/src/append.rs",
            "docs/a.md",
        ] {
            assert_eq!(found(path, made), 0, "{path}");
        }
        let gateway = "crates/gateway/src/a.rs";
        assert_eq!(found(gateway, "// made by `Durable::after_sync`"), 0);
        assert_eq!(found(gateway, "look_after_sync(); after_sync_all();"), 0);
    }
}
