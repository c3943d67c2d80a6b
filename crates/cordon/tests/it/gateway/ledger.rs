//! The entries that a gateway left, by kind and session.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::command::cordon;
use crate::serve::Setup;

/// All entries of the access log.
pub struct Entries(pub Vec<Value>);

impl Entries {
    /// Reads them once the gateway has stopped, and verifies the ledger: every decision has an outcome.
    pub fn of(setup: &Setup) -> Self {
        let (entries, verdict) = Self::verified(setup);
        assert!(!verdict.contains("outcome-missing"), "{verdict}");
        entries
    }

    /// The same after a gateway was killed, which had no time for outcomes; and the verdict.
    pub fn verified(setup: &Setup) -> (Self, String) {
        let key = setup.file("ledger/control-1/log.vkey");
        let key = key.to_str().unwrap();
        let ran = cordon(&["ledger", "verify", setup.dir_text(), "--log", key, "--json"]);
        assert_ne!(ran.code, 1, "{}", ran.out);
        let verdict = ran.out;
        let folder = setup.file("ledger/access-gate-1-1");
        let ran = cordon(&["ledger", "export", folder.to_str().unwrap()]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let lines = ran.out.lines();
        let entries = lines.map(|line| serde_json::from_str(line).unwrap());
        (Self(entries.collect()), verdict)
    }

    /// Those of a kind, in order.
    pub fn of_kind(&self, kind: &str) -> Vec<&Value> {
        let is = |entry: &&Value| entry["kind"] == kind;
        self.0.iter().filter(is).collect()
    }

    /// The purpose of each decision, as it is written.
    pub fn purposes(&self) -> Vec<String> {
        let decisions = self.of_kind("decision");
        let purposes = decisions.iter().map(|entry| &entry["body"]["purpose"]);
        purposes.map(ToString::to_string).collect()
    }

    /// How many there are of each kind.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for entry in &self.0 {
            let kind = entry["kind"].as_str().unwrap().to_owned();
            *counts.entry(kind).or_default() += 1;
        }
        counts
    }

    /// The datasets of each decision, in order.
    pub fn decided(&self) -> Vec<Vec<String>> {
        let datasets = |entry: &&Value| {
            let shown = entry["body"]["datasets"].as_array().unwrap().iter();
            let name = |shown: &Value| shown["dataset"].as_str().unwrap().to_owned();
            shown.map(name).collect()
        };
        self.of_kind("decision").iter().map(datasets).collect()
    }

    /// `rows`, `end` of each outcome, in order.
    pub fn outcomes(&self) -> Vec<(u64, String)> {
        let of = |entry: &&Value| {
            let body = &entry["body"];
            let end = body["end"].as_str().unwrap().to_owned();
            (body["rows"].as_u64().unwrap(), end)
        };
        self.of_kind("outcome").iter().map(of).collect()
    }
}
