//! Proof files (C2SP tlog-proof): made from a log's tiles, checked without the log.

use merkle::{
    Policy, ProofFile, SignedCheckpoint, Standing, VerifierKey, inclusion_proof, leaf_hash,
};

use super::Reader;
use crate::report::Verdict;
use crate::source::{Files, Source, WITNESSED};
use crate::{Error, clock};

/// Makes the proof file of an entry: under the checkpoint that witnesses cosigned if it covers the
/// entry, else under the latest.
///
/// # Errors
/// [`Error::NoEntry`], or [`Error::Proof`] when the tiles do not lead to the signed root.
pub fn prove(source: &dyn Source, index: u64) -> Result<ProofFile, Error> {
    let mut reader = Reader::new(source)?;
    let leaf = leaf_hash(&reader.bytes(index)?);
    let kept = source.read(WITNESSED)?;
    let kept = kept.and_then(|bytes| SignedCheckpoint::parse(&bytes).ok());
    let covers = |checkpoint: &SignedCheckpoint| {
        let kept = checkpoint.checkpoint();
        kept.origin() == reader.log() && kept.head().size > index
    };
    let checkpoint = match kept.filter(covers) {
        Some(kept) => kept,
        None => crate::heads::read_latest(source)?,
    };
    // Partial tiles of the smaller size may be gone; those of the latest have the same hashes.
    let files = Files {
        source,
        size: reader.size(),
    };
    let head = *checkpoint.checkpoint().head();
    let proof = ProofFile {
        extra: None,
        index,
        hashes: inclusion_proof(&files, &head, index).map_err(Error::Proof)?,
        checkpoint,
    };
    proof.check_inclusion(&leaf).map_err(Error::Proof)?;
    Ok(proof)
}

/// What a proof file shows.
#[derive(Clone, Debug)]
pub struct Proved {
    /// The log.
    pub log: String,
    /// The entry's place.
    pub index: u64,
    /// The size of the tree it was proved in.
    pub size: u64,
    /// The witnesses that cosigned, with their times in seconds since 1970.
    pub witnesses: Vec<(String, u64)>,
    /// Whether a witness was asked for. If not, the log's key alone vouches for the tree.
    pub is_witnessed: bool,
}

impl Proved {
    /// Proved without any witness, nobody can tell whether others are shown another log.
    pub const fn verdict(&self) -> Verdict {
        if self.is_witnessed {
            Verdict::Ok
        } else {
            Verdict::CannotTell
        }
    }

    /// In words.
    pub fn to_text(&self) -> String {
        let Self {
            log, index, size, ..
        } = self;
        let mut text = format!(
            "the entry is number {index} of {log}, in the tree of {size} entries that it signed\n"
        );
        for (name, time_s) in &self.witnesses {
            let time = clock::of_seconds(*time_s);
            text.push_str(&format!("cosigned by {name} at {time}\n"));
        }
        if !self.is_witnessed {
            text.push_str(
                "CANNOT TELL whether others are shown the same log: no witness was asked for; give \
                 `--witness`\n",
            );
        }
        text
    }
}

/// Checks a proof file against an entry's bytes, the log's key and a policy of witnesses.
///
/// # Errors
/// [`Error::Given`] for a file that is no proof, [`Error::Proof`] when it does not hold.
pub fn check_proof(
    file: &[u8],
    entry: &[u8],
    key: &VerifierKey,
    witnesses: Option<&Policy>,
) -> Result<Proved, Error> {
    let proof = ProofFile::parse(file).map_err(|source| Error::Given {
        place: "the proof file".to_owned(),
        source,
    })?;
    let leaf = leaf_hash(entry);
    proof.check_inclusion(&leaf).map_err(Error::Proof)?;
    proof.checkpoint.verify_log(key).map_err(Error::Proof)?;
    let mut cosigned = Vec::new();
    if let Some(policy) = witnesses {
        let evaluation = policy.evaluate(&proof.checkpoint);
        for (party, standing) in evaluation.witnesses() {
            if let Standing::Signed { time_s } = standing {
                let name = party.key().name().to_owned();
                cosigned.push((name, time_s.unwrap_or_default()));
            }
        }
        if let Some(key) = evaluation.wrong_key() {
            return Err(Error::Proof(merkle::Error::WrongSignature {
                name: key.name().to_owned(),
                id: key.id(),
            }));
        }
        if !evaluation.is_quorum_met() {
            return Err(Error::Proof(merkle::Error::NoQuorum));
        }
    }
    let head = proof.checkpoint.checkpoint().head();
    Ok(Proved {
        log: proof.checkpoint.checkpoint().origin().to_owned(),
        index: proof.index,
        size: head.size,
        witnesses: cosigned,
        is_witnessed: witnesses.is_some_and(|policy| !policy.asks_for_no_witness()),
    })
}
