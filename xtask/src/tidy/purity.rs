//! Pure crates know no file, socket, process, environment or clock: their source names none.
//!
//! The list of banned packages keeps libraries out; this check keeps out what the standard library
//! and chrono bring without any dependency. `include_str!` is read at build time and is allowed.

use std::collections::BTreeSet;

use super::{Finding, source};
use crate::house::House;

/// What may not be named, and what to do instead.
const OUTSIDE: &[(&str, &str)] = &[
    ("std::fs", "take the text as an argument"),
    ("std::net", "for addresses as plain values use core::net"),
    ("std::process", "return an error"),
    ("std::env", "take the value as an argument"),
    ("SystemTime::now", "take the time as an argument"),
    ("Instant::now", "take the time as an argument"),
    ("Utc::now", "take the time as an argument"),
    ("Local::now", "take the time as an argument"),
];

pub fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &house.members {
        if !matches!(member.ring.as_deref(), Some("model" | "pure")) {
            continue;
        }
        let folder = format!("{}/src/", member.folder);
        let for_tests = test_files(house, &folder);
        let sources = house.files.iter().filter(|file| {
            file.path.starts_with(&folder)
                && file.path.ends_with(".rs")
                && !for_tests.iter().any(|test| file.path.starts_with(test))
        });
        for file in sources {
            for (line, name, remedy) in named_outside(&file.text) {
                findings.push(Finding::problem(format!(
                    "{}:{line}: a pure crate names `{name}`; {remedy}",
                    file.path
                )));
            }
        }
    }
    findings
}

/// The beginnings of the paths of modules that are compiled for tests only.
fn test_files(house: &House, folder: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in house.files.iter().filter(|f| f.path.starts_with(folder)) {
        let parent = file.path.strip_suffix(".rs").unwrap_or(&file.path);
        let is_root = ["lib", "main", "mod"]
            .iter()
            .any(|root| parent.ends_with(&format!("/{root}")));
        let base = match parent.rsplit_once('/') {
            Some((above, _)) if is_root => above,
            _ => parent,
        };
        for module in source::test_modules(&file.text) {
            found.insert(format!("{base}/{module}.rs"));
            found.insert(format!("{base}/{module}/"));
        }
    }
    found
}

/// Line, name and remedy of each thing of the outside world that code outside tests names.
fn named_outside(text: &str) -> Vec<(usize, &'static str, &'static str)> {
    let mut found = Vec::new();
    let mut in_group = false;
    for line in source::code(text).into_iter().filter(|line| !line.test) {
        // `use std::{collections::BTreeMap, fs};` names it too, over one line or several.
        let group = line.text.split_once("use std::{").map(|(_, rest)| rest);
        in_group |= group.is_some();
        let segments: Vec<&str> = group
            .unwrap_or(line.text)
            .split([',', '{', '}', ' ', ';'])
            .collect();
        for (name, remedy) in OUTSIDE {
            let grouped = name.strip_prefix("std::").is_some_and(|module| {
                let first = |segment: &&str| segment.split("::").next() == Some(module);
                in_group && segments.iter().any(first)
            });
            if grouped || source::names(line.text, name) {
                found.push((line.number, *name, *remedy));
            }
        }
        in_group &= !line.text.contains(';');
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{member, problems, with_files};

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let mut house = with_files(files);
        house.members = vec![member("policy", "pure", &[]), member("ledger", "port", &[])];
        problems(check(&house))
    }

    #[test]
    fn the_outside_world_is_found_in_every_spelling() {
        for text in [
            "let x = std::fs::read(p);",
            "use std::net::TcpStream;",
            "use std::{collections::BTreeMap, fs};",
            "use std::{\n    collections::BTreeMap,\n    env::args,\n};",
            "let now = std::time::SystemTime::now();",
            "let now = Utc::now();",
        ] {
            let found = found(&[("crates/policy/src/a.rs", text)]);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
        }
    }

    #[test]
    fn tests_ports_comments_and_build_time_text_may_name_it() {
        let text = "std::fs::read(p)";
        let test = format!("#[cfg(test)]\nmod tests {{\n    {text}\n}}\n");
        let none: Vec<String> = Vec::new();
        let files = [
            ("crates/policy/src/lib.rs", "#[cfg(test)]\nmod cases;\n"),
            ("crates/policy/src/cases.rs", text),
            ("crates/policy/src/a.rs", test.as_str()),
            ("crates/policy/src/b.rs", "// std::fs\ninclude_str!(\"a\")"),
            ("crates/policy/src/c.rs", "use std::{fmt, sync::Arc};\nfs;"),
            ("crates/policy/tests/it/main.rs", text),
            ("crates/ledger/src/lib.rs", text),
        ];
        assert_eq!(found(&files), none);
    }
}
