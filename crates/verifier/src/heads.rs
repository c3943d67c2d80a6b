//! The checkpoints of one log: who signed each, and which sizes somebody vouches for.

use std::collections::BTreeSet;

use merkle::{Checkpoint, Hash, SignedCheckpoint, Standing, TreeHead, VerifierKey};

use crate::finding::{At, Findings};
use crate::report::Witnessed;
use crate::source::{CHECKPOINT, Source};
use crate::{Code, Error, Terms};

/// A tree head that the entries must lead through, and on whose word.
#[derive(Clone, Debug)]
pub(crate) struct Vouched {
    pub head: TreeHead,
    /// `the checkpoint that w cosigned`
    pub by: String,
}

/// What the checkpoints of a log say.
pub(crate) struct Heads {
    pub head: TreeHead,
    pub vouched: Vec<Vouched>,
    pub witnessed: Option<Witnessed>,
    /// The largest size that an earlier checkpoint of the terms vouches for.
    pub earlier: Option<u64>,
    /// Whether the entries are not those that somebody vouches for: then nobody does for these.
    pub is_contradicted: bool,
}

/// The latest checkpoint, verified by nobody yet: it says which log this is.
pub(crate) fn read_latest(source: &dyn Source) -> Result<SignedCheckpoint, Error> {
    let place = source.place(CHECKPOINT);
    let bytes = source.read(CHECKPOINT)?.ok_or(Error::NotALog {
        place: place.clone(),
    })?;
    SignedCheckpoint::parse(&bytes).map_err(|source| Error::Given { place, source })
}

/// Judges all checkpoints that lie in the log, and those of the terms.
///
/// The latest is read last: a log that goes on while it is read must not look as if it were cut.
pub(crate) fn judge(
    source: &dyn Source,
    key: &VerifierKey,
    terms: &Terms,
    findings: &mut Findings,
) -> Result<Heads, Error> {
    let mut kept = Vec::new();
    for name in source.kept_checkpoints()? {
        kept.extend(source.read(&name)?.map(|bytes| (name, bytes)));
    }
    let latest = &read_latest(source)?;
    let mut heads = Heads {
        head: *latest.checkpoint().head(),
        vouched: Vec::new(),
        witnessed: None,
        earlier: None,
        is_contradicted: false,
    };
    let is_signed = heads.judge_one(latest, CHECKPOINT, key, terms, findings);
    for (name, bytes) in kept {
        match SignedCheckpoint::parse(&bytes) {
            Ok(kept) => {
                if heads.judge_one(&kept, &name, key, terms, findings) {
                    heads.vouch(*kept.checkpoint().head(), format!("the log's own `{name}`"));
                }
            }
            Err(error) => findings.add(
                Code::CheckpointUnreadable,
                At::File(name),
                format!("this is no checkpoint: {error}"),
            ),
        }
    }
    let name = latest.checkpoint().origin();
    for earlier in of_log(&terms.earlier, name) {
        heads.judge_earlier(earlier, key, terms, findings);
    }
    heads.compare(latest.checkpoint(), is_signed, findings);
    Ok(heads)
}

fn of_log<'a>(
    checkpoints: &'a [SignedCheckpoint],
    name: &'a str,
) -> impl Iterator<Item = &'a SignedCheckpoint> {
    checkpoints
        .iter()
        .filter(move |earlier| earlier.checkpoint().origin() == name)
}

impl Heads {
    /// Sizes at which the root must be known.
    pub fn sizes(&self) -> BTreeSet<u64> {
        self.vouched
            .iter()
            .map(|vouched| vouched.head.size)
            .collect()
    }

    /// Whether the log's key signed it. Cosignatures that suffice are remembered.
    fn judge_one(
        &mut self,
        checkpoint: &SignedCheckpoint,
        file: &str,
        key: &VerifierKey,
        terms: &Terms,
        findings: &mut Findings,
    ) -> bool {
        let signed = checkpoint.verify_log(key);
        if let Err(error) = &signed {
            let text = format!("{error}; the key given is {key}");
            findings.add(Code::LogSignatureWrong, At::File(file.to_owned()), text);
        }
        let Some(policy) = terms.witnesses.as_ref() else {
            return signed.is_ok();
        };
        let evaluation = policy.evaluate(checkpoint);
        let mut names = Vec::new();
        let mut time_s = 0;
        let mut is_right = true;
        for (party, standing) in evaluation.witnesses() {
            match standing {
                Standing::Signed { time_s: said } => {
                    names.push(party.key().name().to_owned());
                    time_s = said.unwrap_or_default().max(time_s);
                }
                Standing::Wrong => {
                    is_right = false;
                    let name = party.key().name();
                    let text = format!(
                        "the cosignature of `{name}` (key id {}) is forged or of another text",
                        party.key().id()
                    );
                    findings.add(Code::CosignatureWrong, At::File(file.to_owned()), text);
                }
                Standing::Absent | Standing::CannotTell => {}
            }
        }
        let is_cosigned =
            signed.is_ok() && is_right && terms.asks_for_witness() && evaluation.is_quorum_met();
        if is_cosigned {
            let head = *checkpoint.checkpoint().head();
            let witnesses = names.join(" and ");
            let witnessed = Witnessed {
                size: head.size,
                by: names,
                time_s,
            };
            if self.witnessed.as_ref().is_none_or(|w| w.size < head.size) {
                self.witnessed = Some(witnessed);
            }
            self.vouch(head, format!("the checkpoint that {witnesses} cosigned"));
        }
        signed.is_ok()
    }

    /// A checkpoint that somebody kept counts if it is the log's; who kept it vouches for the rest.
    fn judge_earlier(
        &mut self,
        earlier: &SignedCheckpoint,
        key: &VerifierKey,
        terms: &Terms,
        findings: &mut Findings,
    ) {
        if let Err(error) = earlier.verify_log(key) {
            let text = format!("the earlier checkpoint proves nothing: {error}");
            findings.add(Code::EarlierUnsigned, At::Log, text);
            return;
        }
        self.judge_one(earlier, "the earlier checkpoint", key, terms, findings);
        let head = *earlier.checkpoint().head();
        self.earlier = self.earlier.max(Some(head.size));
        self.vouch(head, "the earlier checkpoint given".to_owned());
    }

    fn vouch(&mut self, head: TreeHead, by: String) {
        self.vouched.push(Vouched { head, by });
    }

    /// What can be said before any entry is read: forks and cuts.
    fn compare(&self, latest: &Checkpoint, is_signed: bool, findings: &mut Findings) {
        let mut told = BTreeSet::new();
        for vouched in &self.vouched {
            let is_new = told.insert((vouched.head.size, *vouched.head.root.bytes()));
            if !is_new {
                continue;
            }
            let (size, by) = (vouched.head.size, &vouched.by);
            if size > self.head.size {
                let text = format!(
                    "{by} has {size} entries, the log's latest has {}: entries {} to {} were cut",
                    self.head.size,
                    self.head.size,
                    size - 1
                );
                findings.add(Code::LogCut, At::Log, text);
            }
            if size == self.head.size && vouched.head.root != self.head.root && is_signed {
                let text = format!(
                    "{by} and the log's latest both have {size} entries and different roots, {} and \
                     {}: whoever holds the log's key wrote two histories",
                    vouched.head.root,
                    latest.head().root
                );
                findings.add(Code::Fork, At::Log, text);
            }
        }
    }

    /// What the entries say about those who vouched for fewer of them.
    pub fn compare_roots(
        &mut self,
        root_at: &dyn Fn(u64) -> Option<Hash>,
        findings: &mut Findings,
    ) {
        let mut told = BTreeSet::new();
        for vouched in &self.vouched {
            let TreeHead { size, root } = vouched.head;
            if size >= self.head.size || !told.insert((size, *root.bytes())) {
                continue;
            }
            let Some(found) = root_at(size) else {
                continue;
            };
            if found != root {
                let text = format!(
                    "the first {size} entries are not those of {}: they give the root {found}, not \
                     {root}; at least one of them was rewritten after that",
                    vouched.by
                );
                findings.add(Code::HistoryRewritten, At::Log, text);
            }
        }
        let grave = [
            Code::HistoryRewritten,
            Code::Fork,
            Code::LogCut,
            Code::RootMismatch,
        ];
        self.is_contradicted = grave.into_iter().any(|code| findings.has(code));
    }
}
