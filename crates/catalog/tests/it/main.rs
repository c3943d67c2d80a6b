//! The catalogue against whole manifests: Fides' own, Cordon's, and bad ones.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on stops"
)]

mod changes;
mod edits;
mod faults;
mod fides;
mod properties;
mod reading;

use std::path::PathBuf;

use catalog::{Catalog, Options, read};

/// The manifests of Fides, by file name, in order.
fn vendored() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/fides");
    let mut open = vec![root];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                open.push(path);
            } else if name.ends_with(".yml") || name.ends_with(".invalid") {
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Reads one text that must be good.
fn good(text: &str) -> Catalog {
    read(&[("app.yaml", text)], &Options::default()).unwrap_or_else(|faults| {
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{}", shown.join("\n"))
    })
}

/// The faults of one text that must be bad, one below the other.
fn faults_of(files: &[(&str, &str)]) -> String {
    let faults = read(files, &Options::default()).expect_err("the files are bad");
    let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
    shown.join("\n")
}

/// The manifest of design.md section 6, made whole.
const APP: &str = include_str!("app.yaml");
