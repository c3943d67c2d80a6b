//! What a document points to exists: links to files, and paths of the house in code spans.
//!
//! The threat model names the file that stops an attack; a file that moved must not leave a claim
//! behind.

use std::collections::BTreeSet;

use super::Finding;
use crate::house::House;

/// A code span that begins so is a path from the root.
const FOLDERS: &[&str] = &["crates/", "docs/", "fuzz/", "policies/", "xtask/"];

pub fn check(house: &House) -> Vec<Finding> {
    let known = files_and_folders(house);
    let mut findings = Vec::new();
    for file in &house.files {
        let at_root = !file.path.contains('/');
        if !file.path.ends_with(".md") || !(at_root || file.path.starts_with("docs/")) {
            continue;
        }
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let links = links(&file.text).filter_map(|link| resolved(folder, link));
        let paths = code_paths(&file.text).map(str::to_owned);
        for path in links.chain(paths) {
            if !known.contains(path.trim_end_matches('/')) {
                let text = format!("{}: `{path}` does not exist", file.path);
                findings.push(Finding::problem(text));
            }
        }
    }
    findings
}

fn files_and_folders(house: &House) -> BTreeSet<&str> {
    let mut known = BTreeSet::new();
    for file in &house.files {
        let mut path = file.path.as_str();
        known.insert(path);
        while let Some((folder, _)) = path.rsplit_once('/') {
            known.insert(folder);
            path = folder;
        }
    }
    known
}

/// The targets of Markdown links that are not addresses or places on the same page.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.split('#').next().unwrap_or(target))
        .filter(|target| !target.is_empty() && !target.contains(':'))
}

/// A link's target as a path from the root; nothing for one that leaves the repository, which no
/// file of ours can be.
fn resolved(folder: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Paths in code spans. Patterns and places to fill in (`crates/<name>`) are not paths, and what a
/// tool makes (`fuzz/corpus/`) is not tracked.
fn code_paths(text: &str) -> impl Iterator<Item = &str> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|span| FOLDERS.iter().any(|folder| span.starts_with(folder)))
        .filter(|span| !span.contains(['*', '<', ' ', '\n']) && !span.contains("NAME"))
        .filter(|span| *span != "fuzz/corpus/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{problems, with_files};

    fn found(text: &str) -> Vec<String> {
        let files = [
            ("docs/a.md", text),
            ("docs/b.md", ""),
            ("README.md", ""),
            ("crates/policy/src/lib.rs", ""),
        ];
        problems(check(&with_files(&files)))
    }

    #[test]
    fn what_exists_may_be_named() {
        let none: Vec<String> = Vec::new();
        let text = "[b](b.md), [top](../README.md#status), [web](https://example.org), \
                    [here](#x), `crates/policy/src/lib.rs`, `crates/policy`, `crates/<name>/`";
        assert_eq!(found(text), none);
    }

    #[test]
    fn what_does_not_exist_is_found() {
        for text in [
            "[c](c.md)",
            "[up](../b.md)",
            "`crates/policy/src/gone.rs`",
            "`crates/gone`",
        ] {
            assert_eq!(found(text).len(), 1, "{text}");
        }
    }
}
