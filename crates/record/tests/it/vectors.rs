//! The vectors under tests/data/record: diagnostic notation, bytes, and what is read from them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use record::{Entry, KINDS, Shape};

use crate::diagnostic::{Item, hex, parse};
use crate::write::{holds, in_repository};

/// One vector.
pub struct Vector {
    /// The kind and what it shows.
    pub title: String,
    /// In diagnostic notation.
    pub diagnostic: String,
}

impl Vector {
    /// The bytes that the notation stands for.
    pub fn bytes(&self) -> Vec<u8> {
        parse(&self.diagnostic).bytes()
    }
}

/// The vectors of one kind, in the order of their file.
pub fn of_kind(name: &str) -> Vec<Vector> {
    let path = in_repository(&path_of(name));
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let mut vectors = Vec::new();
    for stanza in text.split("\n# ") {
        let (title, rest) = stanza
            .split_once("\n\n[diagnostic]\n")
            .expect("a diagnostic");
        let (diagnostic, _) = rest.split_once("\n\n[hex]\n").expect("bytes after it");
        vectors.push(Vector {
            title: title.trim_start_matches("# ").to_owned(),
            diagnostic: diagnostic.to_owned(),
        });
    }
    vectors
}

/// Every vector of every kind.
pub fn all() -> Vec<Vector> {
    KINDS.iter().flat_map(|kind| of_kind(kind.name)).collect()
}

/// Bytes as lines of 48.
pub fn lines_of_hex(bytes: &[u8]) -> String {
    let lines: Vec<String> = bytes.chunks(48).map(hex).collect();
    lines.join("\n")
}

fn path_of(name: &str) -> String {
    format!("tests/data/record/{name}.txt")
}

#[test]
fn vectors_are_read_and_written_as_they_stand() {
    for kind in KINDS {
        let mut text = String::new();
        for vector in of_kind(kind.name) {
            let bytes = vector.bytes();
            let entry =
                Entry::decode(&bytes).unwrap_or_else(|why| panic!("{}: {why}", vector.title));
            assert_eq!(entry.kind().name, kind.name);
            assert_eq!(
                hex(&entry.encode().unwrap()),
                hex(&bytes),
                "{}",
                vector.title
            );
            let (title, diagnostic) = (&vector.title, &vector.diagnostic);
            let bytes = lines_of_hex(&bytes);
            writeln!(
                text,
                "# {title}\n\n[diagnostic]\n{diagnostic}\n\n[hex]\n{bytes}\n\n[read]\n{entry:#?}\n"
            )
            .unwrap();
        }
        holds(&path_of(kind.name), &text);
    }
}

#[test]
fn every_key_and_every_committed_field_is_in_some_vector_and_every_optional_one_not_in_all() {
    for kind in KINDS {
        let Shape::Table(table) = kind.body else {
            panic!("{} has no table", kind.name);
        };
        let mut seen = Vec::new();
        for vector in of_kind(kind.name) {
            let mut item = parse(&vector.diagnostic);
            let keys: BTreeSet<u64> = numbers(item.at(6).pairs().iter().map(|(key, _)| key));
            let fields = item
                .at(7)
                .items()
                .iter_mut()
                .map(|pair| pair.items()[0].clone());
            seen.push((keys, numbers(&fields.collect::<Vec<_>>())));
        }
        for key in table.keys {
            let count = seen
                .iter()
                .filter(|(keys, _)| keys.contains(&key.number))
                .count();
            assert!(count > 0, "{} {}", kind.name, key.name);
            assert_eq!(
                key.required,
                count == seen.len(),
                "{} {}",
                kind.name,
                key.name
            );
        }
        for field in kind.fields {
            let number = u64::from(field.field.0);
            let found = seen.iter().any(|(_, fields)| fields.contains(&number));
            assert!(found, "{} {}", kind.name, field.name);
        }
    }
}

fn numbers<'a>(items: impl IntoIterator<Item = &'a Item>) -> BTreeSet<u64> {
    items
        .into_iter()
        .map(|item| {
            let Item::Unsigned(number) = item else {
                panic!("{item:?} is no number");
            };
            *number
        })
        .collect()
}
