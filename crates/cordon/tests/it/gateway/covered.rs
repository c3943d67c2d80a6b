//! What a client received, held against what the ledger let out: for every byte of a row there is a
//! durable decision, and a reservation where it takes one.

use std::collections::HashMap;

use serde_json::Value;

use crate::command::cordon;
use crate::serve::Setup;

/// What a client received of one statement, whose text no other statement has.
#[derive(Debug)]
pub struct Received {
    pub text: String,
    pub rows: u64,
    /// Bytes of rows, whole or not; of COPY the rows alone are counted.
    pub bytes: u64,
}

/// Nothing was received that the ledger did not let out before.
pub fn assert_covered(setup: &Setup, received: &[Received]) {
    let let_out = let_out(setup);
    for Received { text, rows, bytes } in received {
        if (*rows, *bytes) == (0, 0) {
            continue;
        }
        let (rows_until, bytes_until) = let_out.get(text).copied().unwrap_or_default();
        assert!(
            *rows <= rows_until && *bytes <= bytes_until,
            "{rows} rows and {bytes} bytes of `{text}` were received, and the ledger let \
             {rows_until} and {bytes_until} out"
        );
    }
}

/// For the text of each decision how many rows and bytes may have left.
fn let_out(setup: &Setup) -> HashMap<String, (u64, u64)> {
    let folder = setup.file("ledger/access-gate-1-1");
    let folder = folder.to_str().unwrap();
    let key = setup.file("secrets/payload.key");
    let key = key.to_str().unwrap();
    let entries = cordon(&["ledger", "export", folder]).out;
    let payloads = cordon(&["ledger", "export", folder, "--payloads", "--key", key]).out;
    let entries: Vec<Value> = entries
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut until: HashMap<(u64, u64), (u64, u64)> = HashMap::new();
    for entry in &entries {
        let kind = entry["kind"].as_str().unwrap();
        if kind == "decision" || kind == "reservation" {
            let (number, (rows, bytes)) = until_of(entry);
            let most = until.entry(number).or_default();
            *most = (most.0.max(rows), most.1.max(bytes));
        }
    }
    let mut texts = HashMap::new();
    let is_text = |line: &&str| line.contains("\"client_text\"");
    for line in payloads.lines().filter(is_text) {
        let line: Value = serde_json::from_str(line).unwrap();
        let index = usize::try_from(line["index"].as_u64().unwrap()).unwrap();
        let entry = &entries[index];
        if entry["kind"] != "decision" {
            continue;
        }
        let (number, _) = until_of(entry);
        let bytes = decode(line["bytes"].as_str().unwrap());
        texts.insert(String::from_utf8(bytes).unwrap(), until[&number]);
    }
    texts
}

/// Session and number of an entry, and how many rows and bytes it lets out.
fn until_of(entry: &Value) -> ((u64, u64), (u64, u64)) {
    let number = |name: &str| entry["body"][name].as_u64().unwrap();
    (
        (number("session"), number("number")),
        (number("rows_until"), number("bytes_until")),
    )
}

/// Standard base64.
fn decode(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::new();
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = LETTERS.iter().position(|known| *known == letter).unwrap();
        bits = bits << 6 | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}
