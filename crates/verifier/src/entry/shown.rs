//! One entry in words, as JSON, and in one line.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use record::Entry;
use serde_json::{Map, Value, json};

use super::item::{self, Item};
use super::named;
use crate::Error;
use crate::clock::of_millis;

/// LIMIT: of the line that `tail` prints of an entry.
const LINE_CHARACTERS_MAX: usize = 160;
/// The key of the body in an entry; source: docs/ledger-format.md.
const BODY: u64 = 6;

/// An entry to be shown.
#[derive(Clone, Debug)]
pub struct Shown {
    log: String,
    index: u64,
    bytes: Vec<u8>,
    entry: Entry,
}

impl Shown {
    /// Decodes an entry, strictly.
    ///
    /// # Errors
    /// [`Error::NotAnEntry`].
    pub fn new(log: &str, index: u64, bytes: Vec<u8>) -> Result<Self, Error> {
        let entry = Entry::decode(&bytes).map_err(|source| Error::NotAnEntry { index, source })?;
        Ok(Self {
            log: log.to_owned(),
            index,
            bytes,
            entry,
        })
    }

    /// Which entry.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The bytes whose hash is the leaf.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// With every field by its name.
    pub fn to_text(&self) -> String {
        let entry = &self.entry;
        let kind = entry.kind();
        let mut text = format!("entry {} of {}\n", self.index, self.log);
        // Writing into a String cannot fail.
        let _ = writeln!(text, "  kind: {} ({})", kind.name, kind.number);
        let _ = writeln!(text, "  time: {}", of_millis(entry.time_ms));
        let _ = writeln!(text, "  control_size: {}", entry.control_size);
        if entry.marks.evaluation {
            text.push_str("  marks: evaluation\n");
        }
        if let Some(key) = &entry.idempotency {
            let _ = writeln!(text, "  idempotency: {key}");
        }
        let _ = writeln!(text, "  leaf: {}", merkle::leaf_hash(&self.bytes));
        text.push_str("  body:\n");
        if let Some(body) = self.body() {
            named::to_lines(&body, Some(kind.body), 4, &mut text);
        }
        if !entry.commitments.is_empty() {
            text.push_str("  commitments:\n");
        }
        for (field, commitment) in &entry.commitments {
            if let Some(committed) = kind.field(*field) {
                let (name, class) = (committed.name, committed.class);
                let _ = writeln!(text, "    {name} ({class}): {commitment}");
            }
        }
        text
    }

    /// The same for programs.
    pub fn to_value(&self) -> Value {
        let kind = self.entry.kind();
        let mut commitments = Map::new();
        for (field, commitment) in &self.entry.commitments {
            if let Some(committed) = kind.field(*field) {
                let commitment = Value::from(commitment.to_string());
                commitments.insert(committed.name.to_owned(), commitment);
            }
        }
        let body = self.body();
        json!({
            "log": self.log,
            "index": self.index,
            "kind": kind.name,
            "time_ms": self.entry.time_ms,
            "control_size": self.entry.control_size,
            "evaluation": self.entry.marks.evaluation,
            "idempotency": self.entry.idempotency.map(|key| key.to_string()),
            "leaf": merkle::leaf_hash(&self.bytes).to_string(),
            "body": body.map(|body| named::to_value(&body, Some(kind.body))),
            "commitments": commitments,
        })
    }

    /// A line of an export: the value, and the bytes in base64.
    pub fn to_export_line(&self) -> String {
        let mut value = self.to_value();
        if let Value::Object(map) = &mut value {
            let bytes = BASE64_STANDARD.encode(&self.bytes);
            map.insert("bytes".to_owned(), Value::from(bytes));
        }
        value.to_string()
    }

    /// Index, time, kind, and what else fits into a line.
    pub fn to_line(&self) -> String {
        let kind = self.entry.kind();
        let time = of_millis(self.entry.time_ms);
        let mut line = format!("{} {time} {}", self.index, kind.name);
        let Some(Item::Map(pairs)) = self.body() else {
            return line;
        };
        // Hashes are for comparing, not for reading along.
        let readable = |value: &Item| named::is_flat(value) && !matches!(value, Item::Bytes(_));
        for (key, value) in pairs.iter().filter(|(_, value)| readable(value)) {
            let (name, _) = named::name_of(key, Some(kind.body));
            let word = format!(" {name}={}", named::in_line(value, ""));
            if line.chars().count() + word.chars().count() > LINE_CHARACTERS_MAX {
                line.push_str(" ..");
                break;
            }
            line.push_str(&word);
        }
        line
    }

    fn body(&self) -> Option<Item> {
        let (whole, _) = item::read(&self.bytes)?;
        whole.at(BODY).cloned()
    }
}
