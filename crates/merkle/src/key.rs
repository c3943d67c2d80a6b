//! Public keys of logs and witnesses (C2SP signed-note): text form, key id, and what each type can
//! verify.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

use crate::Error;
use crate::error::{Format, malformed};

/// LIMIT: a key name; C2SP ML-DSA cosignatures can name no longer one.
pub(crate) const NAME_BYTES_MAX: usize = 255;
/// LIMIT: an ML-DSA-44 public key has 1,312 bytes, the largest key that C2SP knows.
const KEY_BYTES_MAX: usize = 4096;

/// The first four bytes of a hash over name, type and public key. An identifier, no commitment:
/// anybody can make a key with a given id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(u32);

impl KeyId {
    pub(crate) const fn new(id: u32) -> Self {
        Self(id)
    }

    /// As a big-endian number.
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The type of a key, which fixes what its signatures are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// 0x01: Ed25519 over the text of the note, by a log.
    Ed25519,
    /// 0x04: Ed25519 over time and checkpoint, by a witness.
    Cosignature,
    /// 0x06: ML-DSA-44 over time and tree head. Kept, not verified yet.
    MlDsa44,
    /// Any other: kept, never verified.
    Other(u8),
}

impl Algorithm {
    /// The type byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
            Self::MlDsa44 => 0x06,
            Self::Other(byte) => byte,
        }
    }

    const fn of(byte: u8) -> Self {
        match byte {
            0x01 => Self::Ed25519,
            0x04 => Self::Cosignature,
            0x06 => Self::MlDsa44,
            byte => Self::Other(byte),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:02x}", self.byte())
    }
}

/// A public key: `name+id+base64(type || key)`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: KeyId,
    algorithm: Algorithm,
    bytes: Vec<u8>,
    /// Present exactly for the types whose signatures are Ed25519.
    ed25519: Option<VerifyingKey>,
}

impl VerifierKey {
    /// The key of a log (0x01) or of a witness (0x04) from its 32 bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a bad name, or bytes that are no point or a weak one;
    /// [`Error::WrongAlgorithm`] for another type.
    pub fn new(name: &str, algorithm: Algorithm, public: &[u8; 32]) -> Result<Self, Error> {
        check_name(name, Format::VerifierKey)?;
        if !matches!(algorithm, Algorithm::Ed25519 | Algorithm::Cosignature) {
            return Err(Error::WrongAlgorithm {
                algorithm,
                wanted: Algorithm::Ed25519,
            });
        }
        Ok(Self {
            name: name.to_owned(),
            id: key_id(name, algorithm, public),
            algorithm,
            bytes: public.to_vec(),
            ed25519: Some(read_ed25519(public)?),
        })
    }

    /// The name; a log's is its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key id.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The type.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public key without its type.
    pub fn public_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the signature is over the message, for the types that are Ed25519. Strict: weak keys
    /// and other encodings of a signature are refused, so that all verifiers agree.
    pub(crate) fn is_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = Signature::from_bytes(signature);
        self.ed25519
            .is_some_and(|key| key.verify_strict(message, &signature).is_ok())
    }

    pub(crate) fn must_be(&self, wanted: Algorithm) -> Result<(), Error> {
        if self.algorithm == wanted {
            return Ok(());
        }
        Err(Error::WrongAlgorithm {
            algorithm: self.algorithm,
            wanted,
        })
    }
}

impl FromStr for VerifierKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = |why| malformed(Format::VerifierKey, why);
        let form = "write `name+id+key`, as the log or witness publishes it";
        let (name, rest) = text.split_once('+').ok_or(refuse(form))?;
        let (id, key) = rest.split_once('+').ok_or(refuse(form))?;
        check_name(name, Format::VerifierKey)?;
        let id = read_id(id).ok_or(refuse("the key id has eight hexadecimal digits"))?;
        if key.len() > KEY_BYTES_MAX * 4 / 3 {
            return Err(Error::TooLarge {
                format: Format::VerifierKey,
                limit: KEY_BYTES_MAX,
                unit: "bytes",
            });
        }
        let key = BASE64_STANDARD
            .decode(key)
            .map_err(|_| refuse("the key is standard base64 with padding"))?;
        let (byte, bytes) = key.split_first().ok_or(refuse("the key is empty"))?;
        let algorithm = Algorithm::of(*byte);
        let ed25519 = match algorithm {
            Algorithm::Ed25519 | Algorithm::Cosignature => {
                let public = bytes
                    .try_into()
                    .map_err(|_| refuse("an Ed25519 key has 32 bytes"))?;
                Some(read_ed25519(public)?)
            }
            Algorithm::MlDsa44 | Algorithm::Other(_) => None,
        };
        // Types that we do not know may compute their ids by other rules.
        let has_known_id = !matches!(algorithm, Algorithm::Other(_));
        if has_known_id && id != key_id(name, algorithm, bytes) {
            return Err(refuse("the id is not of this name and key; copy it again"));
        }
        Ok(Self {
            name: name.to_owned(),
            id,
            algorithm,
            bytes: bytes.to_vec(),
            ed25519,
        })
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = with_type(self.algorithm, &self.bytes);
        let key = BASE64_STANDARD.encode(key);
        write!(f, "{}+{}+{key}", self.name, self.id)
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A name is not empty and has neither spaces, pluses nor control characters.
pub(crate) fn check_name(name: &str, format: Format) -> Result<(), Error> {
    let is_valid = signed_note::is_key_name_valid(name)
        && name.len() <= NAME_BYTES_MAX
        && !name.chars().any(char::is_control);
    if is_valid {
        return Ok(());
    }
    Err(malformed(
        format,
        "a name has 1 to 255 bytes and no space, plus or control character",
    ))
}

pub(crate) fn key_id(name: &str, algorithm: Algorithm, key: &[u8]) -> KeyId {
    KeyId(signed_note::key_id(name, &with_type(algorithm, key)))
}

/// Eight hexadecimal digits of either case.
pub(crate) fn read_id(text: &str) -> Option<KeyId> {
    let is_hex = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u32::from_str_radix(text, 16).ok().filter(|_| is_hex);
    number.map(KeyId)
}

pub(crate) fn with_type(algorithm: Algorithm, key: &[u8]) -> Vec<u8> {
    let mut bytes = vec![algorithm.byte()];
    bytes.extend_from_slice(key);
    bytes
}

fn read_ed25519(public: &[u8; 32]) -> Result<VerifyingKey, Error> {
    VerifyingKey::from_bytes(public)
        .ok()
        .filter(|key| !key.is_weak())
        .ok_or(malformed(
            Format::VerifierKey,
            "the bytes are no Ed25519 public key; copy it again",
        ))
}
