//! What came of verifying: numbers, heads and findings, and the verdict that follows from them.

mod text;
mod value;

use std::collections::BTreeMap;

use merkle::TreeHead;

use crate::{Code, Finding, Severity};

/// What came of verifying one or more logs.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Each log, control logs first.
    pub logs: Vec<LogReport>,
    /// Everything found, the gravest first.
    pub findings: Vec<Finding>,
    /// How many findings of a code in a log are not listed because there are too many.
    pub unlisted: Vec<(String, Code, u64)>,
}

/// The answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything that was asked is proved.
    Ok,
    /// A log is not what it claims, or breaks a rule.
    Violation,
    /// Nothing is wrong as far as could be told, and something could not be told.
    CannotTell,
}

/// One log: how much was looked at.
#[derive(Clone, Debug, Default)]
pub struct LogReport {
    /// Its name.
    pub name: String,
    /// Whether it is a control log.
    pub is_control: bool,
    /// The size and root that its latest checkpoint signs; nothing if there is none to go by.
    pub head: Option<TreeHead>,
    /// Entries that were read and hashed.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bundles.
    pub bundles: u64,
    /// Tiles that were compared.
    pub tiles: u64,
    /// Entries of each kind.
    pub kinds: BTreeMap<&'static str, u64>,
    /// The times of the first and the last entry, by the writer's clock, in unix milliseconds.
    pub times_ms: Option<(u64, u64)>,
    /// The latest size that enough witnesses cosigned.
    pub witnessed: Option<Witnessed>,
    /// The size that an anchor in the witnessed part of the control log covers.
    pub anchored_and_witnessed: u64,
    /// The size that an earlier checkpoint, kept by somebody, covers.
    pub earlier: Option<u64>,
    /// Verdicts on payloads.
    pub payloads: PayloadCounts,
}

/// Who cosigned, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// How many entries.
    pub size: u64,
    /// The witnesses' names.
    pub by: Vec<String>,
    /// The latest of their times, in seconds since 1970.
    pub time_s: u64,
}

/// Verdicts on the payloads of one log's commitments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PayloadCounts {
    /// Given, and what the entry commits to.
    pub present: u64,
    /// Erased, by an entry that orders it.
    pub erased: u64,
    /// Not disclosed.
    pub withheld: u64,
    /// MISSING.
    pub missing: u64,
    /// MISMATCH.
    pub mismatch: u64,
}

impl Report {
    /// The answer in one word.
    pub fn verdict(&self) -> Verdict {
        let has = |severity| self.findings.iter().any(|f| f.severity() == severity);
        if has(Severity::Violation) {
            Verdict::Violation
        } else if has(Severity::CannotTell) {
            Verdict::CannotTell
        } else {
            Verdict::Ok
        }
    }

    /// The findings of one severity.
    pub fn of(&self, severity: Severity) -> impl Iterator<Item = &Finding> {
        let all = self.findings.iter();
        all.filter(move |finding| finding.severity() == severity)
    }

    /// Sorts what was found: gravest first, then by log and entry.
    pub(crate) fn sort(&mut self) {
        let order: BTreeMap<String, usize> = (self.logs.iter().zip(0..))
            .map(|(log, place)| (log.name.clone(), place))
            .collect();
        self.findings.sort_by_key(|finding| {
            let place = order.get(&finding.log).copied().unwrap_or(usize::MAX);
            (finding.severity(), place, finding.code, finding.entry)
        });
    }
}

impl LogReport {
    /// How many of the first entries others than the log's own key vouch for.
    pub fn vouched(&self) -> u64 {
        let witnessed = self.witnessed.as_ref().map(|witnessed| witnessed.size);
        let sizes = [witnessed, self.earlier, Some(self.anchored_and_witnessed)];
        let largest = sizes.into_iter().flatten().max().unwrap_or_default();
        largest.min(self.head.map_or(0, |head| head.size))
    }
}

impl Verdict {
    /// The word that stands for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Violation => "violation",
            Self::CannotTell => "cannot tell",
        }
    }

    /// The exit code: 0, 1, 3. 2 is the command line's.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Violation => 1,
            Self::CannotTell => 3,
        }
    }
}
