//! A report for people: the verdict first, then what was looked at, then what was found.

use std::fmt::Write as _;

use super::{LogReport, Report, Verdict};
use crate::clock::{of_millis, of_seconds};
use crate::{Finding, Severity};

impl Report {
    /// The report as text.
    pub fn to_text(&self) -> String {
        let mut text = self.headline();
        text.push_str("\n\nchecked\n");
        for log in &self.logs {
            text.push_str(&checked(log));
        }
        let sections = [
            ("violations", Severity::Violation),
            ("cannot tell", Severity::CannotTell),
            ("gaps: not wrong, not covered", Severity::Gap),
            ("notes", Severity::Note),
        ];
        for (title, severity) in sections {
            let findings: Vec<&Finding> = self.of(severity).collect();
            if findings.is_empty() {
                continue;
            }
            // Writing into a String cannot fail.
            let _ = writeln!(text, "\n{title}");
            for finding in findings {
                text.push_str(&told(finding));
            }
            let unlisted = self.unlisted.iter();
            for (log, code, more) in unlisted.filter(|(_, code, _)| code.severity() == severity) {
                let _ = writeln!(text, "  {code}  {log}: {more} more like this");
            }
        }
        text
    }

    fn headline(&self) -> String {
        let entries: u64 = self.logs.iter().map(|log| log.entries).sum();
        let logs = plural(self.logs.len() as u64, "log", "logs");
        let entries = plural(entries, "entry", "entries");
        let found = |severity| self.of(severity).count() as u64;
        match self.verdict() {
            Verdict::Ok => {
                let vouched: u64 = self.logs.iter().map(LogReport::vouched).sum();
                format!(
                    "OK: {entries} in {logs} are what was signed; others than the logs' own keys \
                     vouch for {vouched} of them"
                )
            }
            Verdict::Violation => {
                let unlisted = self.unlisted.iter();
                let more = unlisted.filter(|(_, code, _)| code.severity() == Severity::Violation);
                let more: u64 = more.map(|(_, _, more)| more).sum();
                let count = found(Severity::Violation) + more;
                format!("VIOLATION: {count} found in {logs} with {entries}")
            }
            Verdict::CannotTell => {
                let count = found(Severity::CannotTell);
                let questions = plural(count, "question is open", "questions are open");
                format!("CANNOT TELL: no violation found in {entries} of {logs}, but {questions}")
            }
        }
    }
}

fn checked(log: &LogReport) -> String {
    let role = if log.is_control { "control" } else { "access" };
    let mut text = format!("  {role} log {}\n", log.name);
    let mut line = |words: String| {
        let _ = writeln!(text, "    {words}");
    };
    match &log.head {
        Some(head) => line(format!("{} entries, root {}", head.size, head.root)),
        None => line("no checkpoint to go by".to_owned()),
    }
    line(format!(
        "read and hashed: {} in {}, {}; {} compared",
        plural(log.entries, "entry", "entries"),
        plural(log.bundles, "bundle", "bundles"),
        plural(log.bytes, "byte", "bytes"),
        plural(log.tiles, "tile", "tiles")
    ));
    if let Some((first, last)) = log.times_ms {
        line(format!(
            "written {} to {}",
            of_millis(first),
            of_millis(last)
        ));
    }
    if let Some(witnessed) = &log.witnessed {
        line(format!(
            "witnessed: the first {} entries, by {} at {}",
            witnessed.size,
            witnessed.by.join(" and "),
            of_seconds(witnessed.time_s)
        ));
    }
    if log.anchored_and_witnessed > 0 {
        line(format!(
            "witnessed through the control log: the first {} entries",
            log.anchored_and_witnessed
        ));
    }
    if let Some(earlier) = log.earlier {
        line(format!(
            "vouched for by the earlier checkpoint: the first {earlier} entries"
        ));
    }
    let kinds: Vec<String> = (log.kinds.iter())
        .map(|(kind, count)| format!("{kind} {count}"))
        .collect();
    if !kinds.is_empty() {
        line(kinds.join(", "));
    }
    let counts = log.payloads;
    let words = [
        (counts.present, "present"),
        (counts.erased, "erased"),
        (counts.withheld, "withheld"),
        (counts.missing, "MISSING"),
        (counts.mismatch, "MISMATCH"),
    ];
    let words: Vec<String> = words
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if !words.is_empty() {
        line(format!("payloads: {}", words.join(", ")));
    }
    text
}

fn told(finding: &Finding) -> String {
    let mut place = finding.log.clone();
    if let Some(index) = finding.entry {
        let _ = write!(place, " entry {index}");
    }
    if let Some(file) = &finding.file {
        let _ = write!(place, " {file}");
    }
    format!("  {}  {place}\n    {}\n", finding.code, finding.text)
}

fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
