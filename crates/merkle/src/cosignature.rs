//! Cosignatures (C2SP tlog-cosignature): what a witness says about a checkpoint, and when.

use crate::{Algorithm, Error, NoteSignature, VerifierKey};

/// The latest time that a cosignature can name.
pub(crate) const TIME_S_MAX: u64 = (1 << 63) - 1;

/// A verified statement: at this time the checkpoint was the largest consistent one that the
/// witness had seen of its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    witness: VerifierKey,
    time_s: u64,
}

impl Cosignature {
    /// Verifies a signature line over the text of a checkpoint. Whether its time is in the future
    /// is for the caller to say, who has a clock.
    pub(crate) fn verify(
        text: &str,
        signature: &NoteSignature,
        key: &VerifierKey,
    ) -> Result<Self, Error> {
        key.must_be(Algorithm::Cosignature)?;
        let wrong = || Error::WrongSignature {
            name: key.name().to_owned(),
            id: key.id(),
        };
        let (time, ed25519) = signature
            .bytes()
            .split_first_chunk::<8>()
            .ok_or_else(wrong)?;
        let time_s = u64::from_be_bytes(*time);
        let ed25519 = ed25519.try_into().map_err(|_| wrong())?;
        let message = cosigned_text(text, time_s);
        if time_s > TIME_S_MAX || !key.is_signed(message.as_bytes(), ed25519) {
            return Err(wrong());
        }
        Ok(Self {
            witness: key.clone(),
            time_s,
        })
    }

    /// The key that cosigned.
    pub const fn witness(&self) -> &VerifierKey {
        &self.witness
    }

    /// When, in seconds since 1970, by the witness's clock.
    pub const fn time_s(&self) -> u64 {
        self.time_s
    }
}

/// What the Ed25519 signature of a cosignature is over.
pub(crate) fn cosigned_text(checkpoint: &str, time_s: u64) -> String {
    format!("cosignature/v1\ntime {time_s}\n{checkpoint}")
}
