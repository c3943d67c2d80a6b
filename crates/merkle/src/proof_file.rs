//! Proof files (C2SP tlog-proof): all that a stranger needs to verify one entry offline.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::error::{Format, malformed};
use crate::witness::{next_line, read_decimal};
use crate::{Error, Evaluation, Hash, PROOF_HASHES_MAX, Policy, SignedCheckpoint, check_inclusion};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// LIMIT: as long as the largest entry, which is what a proof could need to carry.
const EXTRA_BYTES_MAX: usize = 65_535;

/// An entry's place in a log, its inclusion proof and the checkpoint it leads to. The entry itself
/// is not in it. The file's name ends in `.tlog-proof`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFile {
    /// Bytes for an application, at most 65,535. Nobody signed them: never trust them.
    pub extra: Option<Vec<u8>>,
    /// The entry's index.
    pub index: u64,
    /// From the leaf's sibling upwards; see [`crate::inclusion_proof`].
    pub hashes: Vec<Hash>,
    /// The log's signature, and cosignatures if any.
    pub checkpoint: SignedCheckpoint,
}

impl ProofFile {
    /// Reads a proof file; only the one right spelling is taken. Nothing is verified.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::TooLarge`] or [`Error::TreeTooLarge`].
    pub fn parse(file: &[u8]) -> Result<Self, Error> {
        let refuse = |why| malformed(Format::ProofFile, why);
        let cut = "it ends before its checkpoint";
        let file = str::from_utf8(file).map_err(|_| refuse("write UTF-8"))?;
        let (first, rest) = next_line(file).ok_or(refuse(cut))?;
        if first != FIRST_LINE {
            return Err(refuse("its first line is `c2sp.org/tlog-proof@v1`"));
        }
        let (line, after) = next_line(rest).ok_or(refuse(cut))?;
        let extra = line.strip_prefix("extra ").map(read_extra).transpose()?;
        let (line, mut rest) = match extra {
            Some(_) => next_line(after).ok_or(refuse(cut))?,
            None => (line, after),
        };
        let index = line
            .strip_prefix("index ")
            .and_then(read_decimal)
            .ok_or(refuse("write `index N` with the index in decimal"))?;
        let mut hashes = Vec::new();
        loop {
            let (line, after) = next_line(rest).ok_or(refuse(cut))?;
            rest = after;
            if line.is_empty() {
                break;
            }
            if hashes.len() == PROOF_HASHES_MAX {
                return Err(Error::TooLarge {
                    format: Format::ProofFile,
                    limit: PROOF_HASHES_MAX,
                    unit: "hashes",
                });
            }
            hashes.push(Hash::from_base64(line)?);
        }
        Ok(Self {
            extra,
            index,
            hashes,
            checkpoint: rest.parse()?,
        })
    }

    /// Checks that the leaf ([`crate::leaf_hash`] of the entry) has this place in the tree of the
    /// checkpoint. Says nothing about who signed.
    ///
    /// # Errors
    /// As [`check_inclusion`].
    pub fn check_inclusion(&self, leaf: &Hash) -> Result<(), Error> {
        let head = self.checkpoint.checkpoint().head();
        check_inclusion(&self.hashes, head, self.index, leaf)
    }

    /// The whole proof: the entry is in the tree, a log of the policy signed it, the quorum
    /// cosigned it. Answers who did.
    ///
    /// # Errors
    /// As [`check_inclusion`] and [`Evaluation::must_hold`].
    pub fn verify(&self, leaf: &Hash, policy: &Policy) -> Result<Evaluation, Error> {
        self.check_inclusion(leaf)?;
        let evaluation = policy.evaluate(&self.checkpoint);
        evaluation.must_hold()?;
        Ok(evaluation)
    }
}

/// The whole file.
impl fmt::Display for ProofFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", BASE64_STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes
            .iter()
            .try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

fn read_extra(text: &str) -> Result<Vec<u8>, Error> {
    if text.len() > EXTRA_BYTES_MAX.div_ceil(3) * 4 {
        return Err(Error::TooLarge {
            format: Format::ProofFile,
            limit: EXTRA_BYTES_MAX,
            unit: "bytes of extra data",
        });
    }
    BASE64_STANDARD.decode(text).map_err(|_| {
        let why = "extra data are standard base64 with padding";
        malformed(Format::ProofFile, why)
    })
}
