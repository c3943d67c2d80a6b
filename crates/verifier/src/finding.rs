//! One thing found, and a list of them that stays readable when a log is broken all over.

use std::collections::BTreeMap;

use crate::{Code, Severity};

/// LIMIT: findings of one code in one log that are listed; the others are counted.
const LISTED_MAX: u64 = 20;

/// Something found in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What sort of thing.
    pub code: Code,
    /// In which log.
    pub log: String,
    /// At which entry, if it is one's.
    pub entry: Option<u64>,
    /// In which file, if it is one's; under its C2SP name.
    pub file: Option<String>,
    /// What was found, in a sentence.
    pub text: String,
}

impl Finding {
    /// How grave it is.
    pub const fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// Where in a log.
#[derive(Clone, Debug)]
pub(crate) enum At {
    Log,
    Entry(u64),
    File(String),
}

/// The findings of one log while it is verified.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    log: String,
    listed: Vec<Finding>,
    counts: BTreeMap<Code, u64>,
}

impl Findings {
    pub fn of(log: &str) -> Self {
        Self {
            log: log.to_owned(),
            ..Self::default()
        }
    }

    pub fn add(&mut self, code: Code, at: At, text: impl Into<String>) {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if *count > LISTED_MAX {
            return;
        }
        let (entry, file) = match at {
            At::Log => (None, None),
            At::Entry(index) => (Some(index), None),
            At::File(file) => (None, Some(file)),
        };
        self.listed.push(Finding {
            code,
            log: self.log.clone(),
            entry,
            file,
            text: text.into(),
        });
    }

    pub fn has(&self, code: Code) -> bool {
        self.counts.contains_key(&code)
    }

    /// The findings, and how many of each code were not listed.
    pub fn into_parts(self) -> (Vec<Finding>, BTreeMap<Code, u64>) {
        let unlisted = self.counts.into_iter().filter_map(|(code, count)| {
            let more = count.saturating_sub(LISTED_MAX);
            (more > 0).then_some((code, more))
        });
        (self.listed, unlisted.collect())
    }
}
