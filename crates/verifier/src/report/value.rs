//! A report for programs. Keys and codes are stable; new ones may be added.

use serde_json::{Value, json};

use super::{LogReport, Report};

impl Report {
    /// The report as JSON.
    pub fn to_value(&self) -> Value {
        let findings = self.findings.iter().map(|finding| {
            json!({
                "severity": finding.severity().as_str(),
                "code": finding.code.as_str(),
                "log": finding.log,
                "entry": finding.entry,
                "file": finding.file,
                "text": finding.text,
            })
        });
        let unlisted = self
            .unlisted
            .iter()
            .map(|(log, code, count)| json!({ "log": log, "code": code.as_str(), "count": count }));
        json!({
            "verdict": self.verdict().as_str(),
            "logs": self.logs.iter().map(log).collect::<Vec<_>>(),
            "findings": findings.collect::<Vec<_>>(),
            "unlisted": unlisted.collect::<Vec<_>>(),
        })
    }
}

fn log(log: &LogReport) -> Value {
    let payloads = log.payloads;
    json!({
        "log": log.name,
        "role": if log.is_control { "control" } else { "access" },
        "size": log.head.map(|head| head.size),
        "root": log.head.map(|head| head.root.to_string()),
        "entries": log.entries,
        "bytes": log.bytes,
        "bundles": log.bundles,
        "tiles": log.tiles,
        "kinds": log.kinds,
        "first_time_ms": log.times_ms.map(|(first, _)| first),
        "last_time_ms": log.times_ms.map(|(_, last)| last),
        "witnessed": log.witnessed.as_ref().map(|witnessed| json!({
            "size": witnessed.size,
            "by": witnessed.by,
            "time_s": witnessed.time_s,
        })),
        "anchored_and_witnessed": log.anchored_and_witnessed,
        "earlier": log.earlier,
        "payloads": {
            "present": payloads.present,
            "erased": payloads.erased,
            "withheld": payloads.withheld,
            "missing": payloads.missing,
            "mismatch": payloads.mismatch,
        },
    })
}
