//! The lines of a payload export: JSON, one object a line, the first of them the head.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use record::Salt;
use serde::{Deserialize, Serialize};

/// What the first line's `format` says.
pub(crate) const FORMAT: &str = "cordon/payload-export/1";

/// The first line: what the export claims to have all of.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct ExportHead {
    format: String,
    /// For each log how many of its first entries have all their payloads in here, but for classes
    /// that are withheld.
    pub logs: BTreeMap<String, u64>,
    /// Retention classes that are withheld as a whole.
    pub withheld: Vec<String>,
}

impl ExportHead {
    /// An export that has the payloads of so many first entries of each log.
    pub fn new(logs: BTreeMap<String, u64>, withheld: Vec<String>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            logs,
            withheld,
        }
    }

    pub(crate) fn is_known(&self) -> bool {
        self.format == FORMAT
    }

    /// The line, without its newline.
    pub fn to_line(&self) -> String {
        // Maps with texts as keys are always JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What the store that exports found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Found {
    /// Salt and bytes are given.
    Present,
    /// It was erased, by the control-log entry `by`.
    Erased,
    /// It should be there and is not.
    Missing,
    /// It is there and damaged.
    Mismatch,
    /// It is there and not disclosed.
    Withheld,
}

/// One payload.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct PayloadLine {
    /// The log.
    pub log: String,
    /// The entry.
    pub index: u64,
    /// The entry's kind, by name.
    pub kind: String,
    /// The field, by name.
    pub field: String,
    /// What the store found.
    pub found: Found,
    /// For `erased`: the index of the erasure in the control log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<u64>,
    /// For `present`: 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
    /// For `present`: standard base64 with padding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
}

impl PayloadLine {
    /// A payload that is disclosed.
    pub fn present(
        log: &str,
        index: u64,
        kind: &str,
        field: &str,
        salt: &Salt,
        bytes: &[u8],
    ) -> Self {
        let digits = salt.bytes().iter().map(|byte| format!("{byte:02x}"));
        Self {
            salt: Some(digits.collect()),
            bytes: Some(BASE64_STANDARD.encode(bytes)),
            ..Self::absent(log, index, kind, field, Found::Present)
        }
    }

    /// A payload that is not in the export; `by` is filled by who knows which entry erased it.
    pub fn absent(log: &str, index: u64, kind: &str, field: &str, found: Found) -> Self {
        Self {
            log: log.to_owned(),
            index,
            kind: kind.to_owned(),
            field: field.to_owned(),
            found,
            by: None,
            salt: None,
            bytes: None,
        }
    }

    /// The line, without its newline.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Salt and bytes of a payload that is disclosed.
    pub(crate) fn opened(&self) -> Option<(Salt, Vec<u8>)> {
        let salt = read_hex(self.salt.as_deref()?)?;
        let bytes = BASE64_STANDARD.decode(self.bytes.as_deref()?).ok()?;
        Some((Salt::new(salt), bytes))
    }
}

fn read_hex(text: &str) -> Option<[u8; 32]> {
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut bytes = [0; 32];
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)).filter(|_| is_hex) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    is_hex.then_some(bytes)
}
