//! How a witness stands, for people and programs: from the running one, or from its directory.

use std::collections::BTreeMap;
use std::path::Path;

use merkle::{AddCheckpoint, Hash, TreeHead, VerifierKey};
use serde_json::{Value, json};

use crate::evidence::{Evidence, Kind, Refused};
use crate::history::History;
use crate::log_record::{LogRecord, read_latest, read_start};
use crate::{WitnessError, durable, state};

/// How a witness stands.
#[derive(Clone, Debug)]
pub struct Status {
    /// Its public key.
    pub key: VerifierKey,
    /// Why it cosigns nothing any more, if so.
    pub broken: Option<String>,
    /// Each log.
    pub logs: Vec<LogStatus>,
}

/// How a witness stands to one log.
#[derive(Clone, Debug)]
pub struct LogStatus {
    /// The log.
    pub origin: String,
    /// The latest cosigned head, or the start.
    pub head: TreeHead,
    /// When that was cosigned, in seconds since 1970; never if nothing was.
    pub cosigned_s: Option<u64>,
    /// How many refused requests of each kind are kept.
    pub refused: BTreeMap<&'static str, usize>,
    /// Those requests; empty in the status of a running witness.
    pub evidence: Vec<Refused>,
    /// Of those, which have another root than a checkpoint of the same size that was cosigned.
    pub contradictions: Vec<Refused>,
}

impl LogStatus {
    pub(crate) fn of(origin: &str, record: &LogRecord) -> Self {
        let counts = Kind::ALL.map(|kind| (kind.name(), record.evidence.count(kind)));
        Self {
            origin: origin.to_owned(),
            head: record.head(),
            cosigned_s: record.latest.as_ref().map(|latest| latest.time_s),
            refused: counts.into(),
            evidence: Vec::new(),
            contradictions: Vec::new(),
        }
    }

    fn value(&self) -> Value {
        let refused = |listed: &[Refused]| -> Vec<Value> {
            let each = listed.iter();
            each.map(
                |one| json!({ "kind": one.kind.name(), "time_s": one.time_s, "file": one.path }),
            )
            .collect()
        };
        json!({
            "origin": self.origin,
            "size": self.head.size,
            "root": self.head.root.to_string(),
            "cosigned_s": self.cosigned_s,
            "refused": self.refused,
            "evidence": refused(&self.evidence),
            "contradictions": refused(&self.contradictions),
        })
    }
}

impl Status {
    /// For programs.
    pub fn to_json(&self) -> Value {
        json!({
            "witness": self.key.to_string(),
            "is_cosigning": self.broken.is_none(),
            "broken": self.broken,
            "logs": self.logs.iter().map(LogStatus::value).collect::<Vec<_>>(),
        })
    }

    /// For people.
    pub fn to_text(&self) -> String {
        let mut text = format!("witness {}\n", self.key);
        if let Some(cause) = &self.broken {
            text.push_str(&format!("stopped: {cause}\n"));
        }
        for log in &self.logs {
            text.push_str(&format!("\nlog {}\n", log.origin));
            let (size, root) = (log.head.size, log.head.root);
            match log.cosigned_s {
                Some(time_s) => {
                    text.push_str(&format!("  cosigned size {size} root {root} at {time_s}\n"));
                }
                None => text.push_str(&format!("  starts at size {size} root {root}\n")),
            }
            for (kind, count) in log.refused.iter().filter(|(_, count)| **count > 0) {
                text.push_str(&format!("  refused, {kind}: {count}\n"));
            }
            for refused in &log.evidence {
                let is_contradiction = log.contradictions.iter().any(|c| c.path == refused.path);
                text.push_str(&format!(
                    "    {} {}{}\n",
                    refused.time_s,
                    refused.path.display(),
                    if is_contradiction {
                        "  CONTRADICTS a cosigned checkpoint of its size"
                    } else {
                        ""
                    }
                ));
            }
        }
        text
    }
}

/// Reads the state of a witness from its directory, which may be in use or a copy. Every kept request
/// is compared with every checkpoint that was cosigned.
///
/// # Errors
/// A directory that is no state, or a damaged file.
pub fn read_status(directory: &Path) -> Result<Status, WitnessError> {
    let owner = state::read_owner(directory)?.ok_or_else(|| {
        let remedy = "give the directory of `--state`";
        WitnessError::file(directory, "it is no state of a witness", remedy)
    })?;
    let mut logs = Vec::new();
    for log in state::log_directories(directory)? {
        // A log without a start is one whose making was cut off: nothing was cosigned for it.
        if let Some(start) = read_start(&log)? {
            logs.push(read_log(&log, &owner.key, start)?);
        }
    }
    logs.sort_by(|a, b| a.origin.cmp(&b.origin));
    Ok(Status {
        key: owner.key,
        broken: None,
        logs,
    })
}

fn read_log(
    directory: &Path,
    witness: &VerifierKey,
    start: merkle::Checkpoint,
) -> Result<LogStatus, WitnessError> {
    let latest = read_latest(directory, witness)?;
    let evidence = Evidence::list(&directory.join("evidence"))?;
    let mut refused: BTreeMap<&'static str, usize> = BTreeMap::new();
    for one in &evidence {
        *refused.entry(one.kind.name()).or_default() += 1;
    }
    let latest_head = latest
        .as_ref()
        .map(|latest| *latest.signed.checkpoint().head());
    Ok(LogStatus {
        origin: start.origin().to_owned(),
        head: latest_head.unwrap_or(*start.head()),
        cosigned_s: latest.map(|latest| latest.time_s),
        refused,
        contradictions: contradictions(directory, &evidence)?,
        evidence,
    })
}

/// The log signed those requests and, for the same size, something else that was cosigned.
fn contradictions(directory: &Path, evidence: &[Refused]) -> Result<Vec<Refused>, WitnessError> {
    let mut heads: Vec<(&Refused, TreeHead)> = Vec::new();
    let signed = evidence.iter().filter(|one| one.kind != Kind::Unsigned);
    for refused in signed {
        let text = durable::read(&refused.path)?.unwrap_or_default();
        if let Ok(request) = AddCheckpoint::parse(text.as_bytes()) {
            heads.push((refused, *request.checkpoint.checkpoint().head()));
        }
    }
    let sizes: Vec<u64> = heads.iter().map(|(_, head)| head.size).collect();
    let mut roots: BTreeMap<u64, Hash> = BTreeMap::new();
    History::read_all(&directory.join("cosigned"), |signed| {
        let head = signed.checkpoint().head();
        if sizes.contains(&head.size) {
            roots.insert(head.size, head.root);
        }
    })?;
    let contradicts =
        |head: &TreeHead| roots.get(&head.size).is_some_and(|root| *root != head.root);
    let found = heads.iter().filter(|(_, head)| contradicts(head));
    Ok(found.map(|(refused, _)| (*refused).clone()).collect())
}
