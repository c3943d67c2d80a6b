//! A checkpoint with the signatures of its log and its witnesses.

use std::fmt;
use std::str::FromStr;

use crate::note::not_signed;
use crate::{
    Algorithm, Checkpoint, Cosignature, CosignerKey, Error, Note, NoteSignature, SignerKey,
    VerifierKey,
};

/// A checkpoint and signature lines, verified by nobody yet: ask [`SignedCheckpoint::verify_log`]
/// and [`SignedCheckpoint::verify_cosignature`], or a [`crate::Policy`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    /// INVARIANT: its text is that of the checkpoint.
    note: Note,
}

impl SignedCheckpoint {
    /// Signs a checkpoint as its log. Sign none that is inconsistent with an earlier one, or whose
    /// entries are not durable.
    ///
    /// # Errors
    /// [`Error::OtherOrigin`] if the key's name is not the checkpoint's origin.
    pub fn sign(checkpoint: Checkpoint, key: &SignerKey) -> Result<Self, Error> {
        is_of(&checkpoint, key.verifier())?;
        let mut note = Note::new(&checkpoint.to_string())?;
        note.add(key.sign(note.text()))?;
        Ok(Self { checkpoint, note })
    }

    /// Reads a signed checkpoint; only the one right spelling is taken, so that writing it gives
    /// the same bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::TooLarge`] or [`Error::TreeTooLarge`].
    pub fn parse(note: &[u8]) -> Result<Self, Error> {
        let note = Note::parse(note)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        Ok(Self { checkpoint, note })
    }

    /// What was signed. Trust it only after a signature is verified.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// All signature lines, verified or not.
    pub fn signatures(&self) -> &[NoteSignature] {
        self.note.signatures()
    }

    /// Adds a signature line, in the place of earlier ones by the same key. Verify a foreign one
    /// first with [`SignedCheckpoint::check_line`]: one wrong line spoils the checkpoint.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above 100 lines.
    pub fn add(&mut self, line: NoteSignature) -> Result<(), Error> {
        self.note.add(line)
    }

    /// Adds a cosignature of this time (seconds since 1970); see [`CosignerKey::cosign`].
    ///
    /// # Errors
    /// As [`CosignerKey::cosign`] and [`SignedCheckpoint::add`].
    pub fn cosign(&mut self, key: &CosignerKey, time_s: u64) -> Result<(), Error> {
        self.add(key.cosign(&self.checkpoint, time_s)?)
    }

    /// The checkpoint, if its log signed it: the key is of type 0x01, its name is the origin, and
    /// every line that claims it is right.
    ///
    /// # Errors
    /// [`Error::WrongAlgorithm`], [`Error::OtherOrigin`], [`Error::NotSigned`] or
    /// [`Error::WrongSignature`].
    pub fn verify_log(&self, key: &VerifierKey) -> Result<&Checkpoint, Error> {
        key.must_be(Algorithm::Ed25519)?;
        is_of(&self.checkpoint, key)?;
        self.note.verify(key)?;
        Ok(&self.checkpoint)
    }

    /// The latest cosignature of a witness's key, of type 0x04. Every line that claims it must be
    /// right. Says nothing about the log's own signature.
    ///
    /// # Errors
    /// [`Error::WrongAlgorithm`], [`Error::NotSigned`] or [`Error::WrongSignature`].
    pub fn verify_cosignature(&self, key: &VerifierKey) -> Result<Cosignature, Error> {
        key.must_be(Algorithm::Cosignature)?;
        let mut latest: Option<Cosignature> = None;
        for line in self.note.lines_of(key)? {
            let found = Cosignature::verify(self.note.text(), line, key)?;
            if latest.as_ref().is_none_or(|l| l.time_s() < found.time_s()) {
                latest = Some(found);
            }
        }
        latest.ok_or_else(|| not_signed(key))
    }

    /// Checks one line, which need not be added yet, by a key of either type.
    ///
    /// # Errors
    /// [`Error::NotSigned`] if the line claims another key, [`Error::WrongSignature`], or
    /// [`Error::WrongAlgorithm`] for a key that nobody here can verify.
    pub fn check_line(&self, line: &NoteSignature, key: &VerifierKey) -> Result<(), Error> {
        if !line.claims(key) {
            return Err(not_signed(key));
        }
        if key.algorithm() == Algorithm::Cosignature {
            return Cosignature::verify(self.note.text(), line, key).map(|_| ());
        }
        key.must_be(Algorithm::Ed25519)?;
        self.note.check_ed25519(line, key)
    }
}

/// The whole note: text, empty line, signature lines.
impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

impl FromStr for SignedCheckpoint {
    type Err = Error;

    fn from_str(note: &str) -> Result<Self, Error> {
        Self::parse(note.as_bytes())
    }
}

fn is_of(checkpoint: &Checkpoint, key: &VerifierKey) -> Result<(), Error> {
    if checkpoint.origin() == key.name() {
        return Ok(());
    }
    Err(Error::OtherOrigin {
        origin: checkpoint.origin().to_owned(),
        name: key.name().to_owned(),
    })
}
