//! Private keys of logs and witnesses. They sign, and never show themselves but on demand.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};

use crate::cosignature::{TIME_S_MAX, cosigned_text};
use crate::error::{Format, malformed};
use crate::key::{check_name, key_id, read_id, with_type};
use crate::{Algorithm, Checkpoint, Error, NoteSignature, VerifierKey};

/// The key of a log (type 0x01), which signs checkpoints.
///
/// Wiped from memory when dropped. Its text form `PRIVATE+KEY+name+id+base64(type || seed)` is that
/// of the Go note package.
#[derive(Clone)]
pub struct SignerKey(Named);

/// The key of a witness (type 0x04), which cosigns checkpoints and signs nothing else.
#[derive(Clone)]
pub struct CosignerKey(Named);

#[derive(Clone)]
struct Named {
    public: VerifierKey,
    private: SigningKey,
}

impl SignerKey {
    /// The key with this name and seed: 32 bytes of randomness that nobody else knows.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a name that is empty or has spaces, pluses or control characters.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, Error> {
        Named::new(name, Algorithm::Ed25519, seed).map(Self)
    }

    /// The public key.
    pub const fn verifier(&self) -> &VerifierKey {
        &self.0.public
    }

    /// The secret in text form, to be kept in a file that only its owner reads.
    pub fn to_private_text(&self) -> String {
        self.0.to_private_text()
    }

    /// Signs the text of a note, final newline included. For checkpoints use
    /// [`crate::SignedCheckpoint::sign`]: a text that reads as a checkpoint is one.
    pub fn sign(&self, text: &str) -> NoteSignature {
        let signature = self.0.private.sign(text.as_bytes());
        NoteSignature::by(&self.0.public, signature.to_bytes().to_vec())
    }
}

impl CosignerKey {
    /// The key with this name and seed: 32 bytes of randomness that nobody else knows.
    ///
    /// A witness's seed must serve nothing else: what it signs does not name the witness.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a name that is empty or has spaces, pluses or control characters.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, Error> {
        Named::new(name, Algorithm::Cosignature, seed).map(Self)
    }

    /// The public key.
    pub const fn verifier(&self) -> &VerifierKey {
        &self.0.public
    }

    /// The secret in text form, to be kept in a file that only its owner reads.
    pub fn to_private_text(&self) -> String {
        self.0.to_private_text()
    }

    /// States that at this time (seconds since 1970) the checkpoint is the largest consistent one
    /// that the witness has seen of its log (C2SP tlog-cosignature). The caller has checked that
    /// and has stored the checkpoint durably.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a time above 2^63 - 1.
    pub fn cosign(&self, checkpoint: &Checkpoint, time_s: u64) -> Result<NoteSignature, Error> {
        if time_s > TIME_S_MAX {
            return Err(malformed(Format::Cosignature, "the time is above 2^63 - 1"));
        }
        let text = cosigned_text(&checkpoint.to_string(), time_s);
        let signature = self.0.private.sign(text.as_bytes());
        let mut bytes = time_s.to_be_bytes().to_vec();
        bytes.extend_from_slice(&signature.to_bytes());
        Ok(NoteSignature::by(&self.0.public, bytes))
    }
}

impl FromStr for SignerKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Named::parse(text, Algorithm::Ed25519).map(Self)
    }
}

impl FromStr for CosignerKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Named::parse(text, Algorithm::Cosignature).map(Self)
    }
}

/// Shows the public key alone.
impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({})", self.0.public)
    }
}

/// Shows the public key alone.
impl fmt::Debug for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CosignerKey({})", self.0.public)
    }
}

impl Named {
    fn new(name: &str, algorithm: Algorithm, seed: &[u8; 32]) -> Result<Self, Error> {
        let private = SigningKey::from_bytes(seed);
        let public = VerifierKey::new(name, algorithm, private.verifying_key().as_bytes())?;
        Ok(Self { public, private })
    }

    fn to_private_text(&self) -> String {
        let secret = with_type(self.public.algorithm(), self.private.as_bytes());
        let secret = BASE64_STANDARD.encode(secret);
        let (name, id) = (self.public.name(), self.public.id());
        format!("PRIVATE+KEY+{name}+{id}+{secret}")
    }

    fn parse(text: &str, algorithm: Algorithm) -> Result<Self, Error> {
        let refuse = |why| malformed(Format::PrivateKey, why);
        let form = "write `PRIVATE+KEY+name+id+key`";
        let rest = text.strip_prefix("PRIVATE+KEY+").ok_or(refuse(form))?;
        let (name, rest) = rest.split_once('+').ok_or(refuse(form))?;
        let (id, secret) = rest.split_once('+').ok_or(refuse(form))?;
        check_name(name, Format::PrivateKey)?;
        let id = read_id(id).ok_or(refuse("the key id has eight hexadecimal digits"))?;
        // LIMIT: a type and 32 bytes are 44 digits; nothing longer is decoded.
        let secret = Some(secret)
            .filter(|secret| secret.len() == 44)
            .and_then(|secret| BASE64_STANDARD.decode(secret).ok())
            .ok_or(refuse("the key is 33 bytes in standard base64"))?;
        let seed = match secret.split_first() {
            Some((byte, seed)) if *byte == algorithm.byte() => seed,
            _ => return Err(refuse("a log's key has type 0x01, a witness's 0x04")),
        };
        let seed = seed.try_into().map_err(|_| refuse("a seed has 32 bytes"))?;
        let key = Self::new(name, algorithm, seed)?;
        if id != key_id(name, algorithm, key.public.public_bytes()) {
            return Err(refuse("the id is not of this name and key; copy it again"));
        }
        Ok(key)
    }
}
