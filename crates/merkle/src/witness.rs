//! What a log and a witness say to each other (C2SP tlog-witness), as text. Sends nothing.

use std::fmt;

use crate::error::{Format, malformed};
use crate::{Error, Hash, PROOF_HASHES_MAX, SignedCheckpoint};

/// The body of `POST add-checkpoint`: the log asks a witness to cosign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the witness cosigned last, as far as the log knows; 0 if none.
    pub old_size: u64,
    /// From that size to the checkpoint's; at most 63 hashes, none if the old size is 0.
    pub proof: Vec<Hash>,
    /// The new checkpoint with the log's signature.
    pub checkpoint: SignedCheckpoint,
}

impl AddCheckpoint {
    /// Reads a request. It is not judged: whether the old size is above the checkpoint's, is what
    /// the witness stored, and whether the proof holds, each has its own answer in the protocol.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::TooLarge`] or [`Error::TreeTooLarge`]: answer 400.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let refuse = |why| malformed(Format::AddCheckpoint, why);
        let body = str::from_utf8(body).map_err(|_| refuse("write UTF-8"))?;
        let (first, mut rest) = next_line(body).ok_or(refuse("write `old N` first"))?;
        let old_size = first
            .strip_prefix("old ")
            .and_then(read_decimal)
            .ok_or(refuse("write `old N` with the size in decimal"))?;
        let mut proof = Vec::new();
        loop {
            let cut = "write an empty line before the checkpoint";
            let (line, after) = next_line(rest).ok_or(refuse(cut))?;
            rest = after;
            if line.is_empty() {
                break;
            }
            if proof.len() == PROOF_HASHES_MAX {
                return Err(Error::TooLarge {
                    format: Format::AddCheckpoint,
                    limit: PROOF_HASHES_MAX,
                    unit: "proof lines",
                });
            }
            proof.push(Hash::from_base64(line)?);
        }
        Ok(Self {
            old_size,
            proof,
            checkpoint: rest.parse()?,
        })
    }
}

/// The body as it is sent.
impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        self.proof
            .iter()
            .try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// The body of the answer 409: the size that the witness has, `text/x.tlog.size`.
pub fn format_size(size: u64) -> String {
    format!("{size}\n")
}

/// Reads the body of the answer 409.
///
/// # Errors
/// [`Error::Malformed`] for anything but a decimal number without leading zeroes and a newline.
pub fn parse_size(body: &[u8]) -> Result<u64, Error> {
    let size = str::from_utf8(body)
        .ok()
        .and_then(|body| body.strip_suffix('\n'))
        .and_then(read_decimal);
    size.ok_or(malformed(
        Format::TreeSize,
        "write a decimal number and a newline",
    ))
}

/// A line without its newline, and what follows; nothing if no newline is left.
pub(crate) fn next_line(text: &str) -> Option<(&str, &str)> {
    text.split_once('\n')
}

/// Digits alone, without leading zeroes.
pub(crate) fn read_decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}
