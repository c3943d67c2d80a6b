//! The shape of a Rust file: it begins by saying what it holds, it is short, and it is named after
//! one idea.

use super::{Finding, source};
use crate::house::{File, House};

/// LIMIT: from here on a file asks its author whether it has one idea.
const LINES_ASK: usize = 400;
/// LIMIT: from here on a file must say `// SIZE:` and why.
const LINES_JUSTIFY: usize = 600;
/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &[
    "util", "utils", "helper", "helpers", "common", "manager", "misc",
];

pub fn check(house: &House) -> Vec<Finding> {
    house
        .files
        .iter()
        .filter(|file| file.path.ends_with(".rs"))
        .flat_map(|file| {
            let mut findings = Vec::new();
            findings.extend(opening(file));
            findings.extend(length(file));
            findings.extend(empty_names(file));
            findings
        })
        .collect()
}

/// A fuzz target's first line may be an attribute that must stand first.
fn opening(file: &File) -> Option<Finding> {
    let text = file.text.trim_start_matches("#![no_main]\n");
    (!text.starts_with("//! ")).then(|| {
        Finding::problem(format!(
            "{}: the first line must be `//!` and one sentence: what the file holds and what it \
             must not know",
            file.path
        ))
    })
}

fn length(file: &File) -> Option<Finding> {
    let lines = file.text.lines().count();
    let reason = file
        .text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("// SIZE: "))
        .any(|reason| !reason.trim().is_empty());
    if reason || lines < LINES_ASK {
        return None;
    }
    Some(if lines < LINES_JUSTIFY {
        let text = format!("{}: {lines} lines; does it have one idea?", file.path);
        Finding::Warning(text)
    } else {
        Finding::problem(format!(
            "{}: {lines} lines; cut it, or write `// SIZE: ` and why it is one idea",
            file.path
        ))
    })
}

fn empty_names(file: &File) -> Vec<Finding> {
    let path = file.path.trim_end_matches(".rs");
    let by_path = path.split('/').filter(|part| EMPTY_NAMES.contains(part));
    let lines = source::code(&file.text);
    let by_module = lines.iter().filter_map(|line| {
        let (before, rest) = line.text.split_once("mod ")?;
        let is_module = before.is_empty() || before.starts_with("pub");
        let name = rest.strip_suffix(" {")?;
        (is_module && EMPTY_NAMES.contains(&name)).then_some(name)
    });
    by_path
        .chain(by_module)
        .map(|name| {
            let path = &file.path;
            Finding::problem(format!(
                "{path}: `{name}` says nothing; name it after its one idea"
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{problems, with_files};

    fn found(path: &str, text: &str) -> Vec<String> {
        problems(check(&with_files(&[(path, text)])))
    }

    #[test]
    fn every_file_begins_with_its_sentence() {
        assert!(found("crates/a/src/lib.rs", "//! It holds a.\n").is_empty());
        assert!(found("fuzz/a.rs", "#![no_main]\n//! Feeds a.\n").is_empty());
        for path in ["crates/a/src/b.rs", "crates/a/tests/it/main.rs"] {
            assert_eq!(found(path, "use std::fmt;\n").len(), 1);
            assert_eq!(found(path, "").len(), 1);
        }
    }

    #[test]
    fn a_long_file_gives_its_reason() {
        let long = |lines: usize| format!("//! A.\n{}", "\n".repeat(lines - 1));
        let house = with_files(&[("a.rs", &long(LINES_ASK))]);
        assert!(matches!(check(&house).as_slice(), [Finding::Warning(_)]));
        assert_eq!(found("a.rs", &long(LINES_JUSTIFY)).len(), 1);
        let without = format!("{}// SIZE: \n", long(LINES_JUSTIFY));
        assert_eq!(found("a.rs", &without).len(), 1);
        let with = format!("{}// SIZE: one table\n", long(LINES_JUSTIFY));
        assert!(found("a.rs", &with).is_empty());
    }

    #[test]
    fn names_that_say_nothing_are_refused() {
        for (path, text) in [
            ("crates/a/src/utils.rs", "//! A.\n"),
            ("crates/a/src/common/b.rs", "//! A.\n"),
            ("crates/a/src/b.rs", "//! A.\npub(crate) mod helpers {\n}\n"),
        ] {
            assert_eq!(found(path, text).len(), 1, "{path}");
        }
        let words = "//! A.\n// a mod utils {\nfn module_manager() {}\n";
        assert!(found("crates/a/src/b.rs", words).is_empty());
    }
}
