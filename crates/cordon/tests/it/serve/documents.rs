//! docs/operating.md says what the program does: its example is read by the program, every key and every
//! bypass stands in it, and every message that it explains is one that the program can say.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use identity::oidc::Configuration;
use postgres::bypass::{Kind, UNTOLD};

use crate::command::{root, sample, spoil};

fn document() -> String {
    fs::read_to_string(root().join("docs/operating.md")).unwrap()
}

/// The example of a whole cordon.toml.
fn example(document: &str) -> String {
    let (_, rest) = document.split_once("```toml\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// The rows of the table below a line that begins so: the first cell without its quotes, and the
/// second.
fn table(document: &str, heading: &str) -> Vec<(String, String)> {
    let lines = document
        .lines()
        .skip_while(|line| !line.starts_with(heading));
    let rows = lines
        .skip(1)
        .skip_while(|line| !line.starts_with("| "))
        .take_while(|line| line.starts_with('|'));
    rows.skip(2)
        .map(|row| {
            let mut cells = row.trim_matches('|').split(" | ").map(str::trim);
            let name = cells.next().unwrap().trim_matches('`').to_owned();
            (name, cells.next().unwrap().trim_matches('`').to_owned())
        })
        .collect()
}

fn names(rows: &[(String, String)]) -> BTreeSet<&str> {
    rows.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn every_key_of_the_gateway_is_documented_and_stands_in_the_example() {
    let document = document();
    let parsed: toml::Table = toml::from_str(&example(&document)).unwrap();
    for (section, keys) in deployment::SERVICE_KEYS {
        let heading = match section {
            "witness" | "network" => format!("`[[{section}]]`"),
            section => format!("`[{section}]`"),
        };
        let wanted: BTreeSet<&str> = keys.iter().copied().collect();
        assert_eq!(names(&table(&document, &heading)), wanted, "{heading}");
        let value = &parsed[section];
        let value = value.as_array().map_or(value, |list| &list[0]);
        let table = value.as_table().unwrap();
        let written: BTreeSet<&str> = table.keys().map(String::as_str).collect();
        assert_eq!(written, wanted, "{section} in the example");
    }
}

#[test]
fn every_key_of_tokens_is_documented_and_stands_in_the_example() {
    let document = document();
    let parsed: toml::Table = toml::from_str(&example(&document)).unwrap();
    let text = toml::to_string(&parsed["oidc"]).unwrap();
    toml::from_str::<Configuration>(&text).unwrap();
    // The reader itself lists its keys when it meets one that it does not know.
    let error = toml::from_str::<Configuration>("no_such_key = 1")
        .unwrap_err()
        .to_string();
    let (_, list) = error.split_once("expected one of ").unwrap();
    let wanted: BTreeSet<&str> = list.split('`').skip(1).step_by(2).collect();
    assert!(wanted.len() > 8, "{error}");
    assert_eq!(names(&table(&document, "`[oidc]`")), wanted);
    let written: BTreeSet<&str> = parsed["oidc"]
        .as_table()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(written, wanted);
}

#[test]
fn the_example_is_read_and_the_defaults_are_what_is_written() {
    let document = document();
    let folder = sample();
    let dir = spoil(&folder, "cordon.toml", "name =", "name =");
    let read = |text: &str| {
        fs::write(Path::new(&dir).join("cordon.toml"), text).unwrap();
        deployment::load(Path::new(&dir)).unwrap_or_else(|faults| panic!("{faults:#?}"))
    };
    let example = example(&document);
    read(&example);
    // Without each table its values are the defaults; with what the documents say they are the same.
    let (head, _) = example.split_once("[gateway]").unwrap();
    let defaults = read(head).service;
    let mut said = String::from("[gateway]\n");
    for (key, default) in table(&document, "`[gateway]`") {
        match default.as_str() {
            "none" => {}
            "true" | "false" => said.push_str(&format!("{key} = {default}\n")),
            number if number.parse::<u32>().is_ok() => {
                said.push_str(&format!("{key} = {number}\n"))
            }
            text => said.push_str(&format!("{key} = \"{text}\"\n")),
        }
    }
    assert_eq!(read(&format!("{head}{said}")).service, defaults);
}

#[test]
fn the_default_limits_are_what_is_written() {
    let (gate, wire) = (gateway::Limits::default(), wire_message_bytes());
    let seconds = |duration: std::time::Duration| duration.as_secs().to_string();
    for (name, default) in table(&document(), "`[limits]`") {
        let is = match name.as_str() {
            "sessions" => gate.sessions_max.to_string(),
            "sessions_of_one" => gate.asker_sessions_max.to_string(),
            "unproved" => gate.unproved_max.to_string(),
            "unproved_of_one" => gate.unproved_of_one_max.to_string(),
            "authentication_s" => seconds(gate.authentication),
            "idle_s" => seconds(gate.idle),
            "transaction_s" => seconds(gate.transaction),
            "statement_s" => seconds(gate.statement),
            "write_s" => seconds(gate.write),
            "unwitnessed_s" => seconds(ledger::BooksSettings::default().unwitnessed_max),
            "link_wait_s" => seconds(gate.link_wait),
            "message_bytes" => wire.to_string(),
            other => panic!("`{other}` has no default here"),
        };
        assert_eq!(default, is, "{name}");
    }
}

fn wire_message_bytes() -> u32 {
    gateway::Limits::default().wire.client_message_bytes
}

#[test]
fn every_bypass_is_documented_in_the_words_of_the_program() {
    let document = document();
    let written: BTreeSet<(String, String)> = table(&document, "## Bypasses").into_iter().collect();
    let known = Kind::ALL.iter();
    let known = known.map(|kind| (kind.as_str().to_owned(), kind.meaning().to_owned()));
    assert_eq!(written, known.collect());
    for untold in UNTOLD {
        assert!(
            document.contains(&format!("`{}`", untold.name)),
            "{}",
            untold.name
        );
    }
}

#[test]
fn every_message_that_is_explained_can_be_said() {
    let mut sources = String::new();
    let mut folders = vec![root().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_test = path.ends_with("tests") || path.ends_with("benches");
            if path.is_dir() && !is_test {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let messages = table(&document(), "## At 3 a.m.");
    assert!(messages.len() > 15, "{messages:?}");
    for (message, _) in messages {
        assert!(sources.contains(&message), "nothing says `{message}`");
    }
}
