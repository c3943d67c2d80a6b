//! Commitments: the entry says that something was said without saying it.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::class::Class;
use crate::fixed::{Digest, Salt};
use crate::kind::Kind;

/// What keeps these hashes apart from all others; 21 bytes with the line feed.
const DOMAIN: &[u8] = b"cordon/commitment/v1\n";

/// LIMIT: the largest payloads are catalogues and schema snapshots, a few mebibytes.
pub const PAYLOAD_MAX: usize = 16 << 20;

/// A committed field of a kind, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Field(pub u16);

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The commitment to `bytes` as one field of one kind of entry.
///
/// SHA-256 over: `cordon/commitment/v1` and a line feed (21 bytes), kind (2, big-endian), field (2,
/// big-endian), salt (32), length of `bytes` (8, big-endian), `bytes`.
pub fn commit(kind: &Kind, field: Field, salt: &Salt, bytes: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(DOMAIN);
    hasher.update(kind.number.to_be_bytes());
    hasher.update(field.0.to_be_bytes());
    hasher.update(salt.bytes());
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
    Digest::new(hasher.finalize().into())
}

/// Whether a payload is what an entry committed to.
pub fn check(kind: &Kind, field: Field, salt: &Salt, bytes: &[u8], commitment: &Digest) -> bool {
    commit(kind, field, salt, bytes) == *commitment
}

/// The commitments of an entry, by field.
pub type Commitments = BTreeMap<Field, Digest>;

/// What an entry commits to and does not say.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    kind: &'static Kind,
    field: Field,
    class: Class,
    salt: Salt,
    bytes: Vec<u8>,
}

/// A payload that cannot be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPayload {
    /// The kind has no such field.
    #[error("an entry of kind `{kind}` commits to no field {field}; see docs/ledger-format.md")]
    NoSuchField {
        /// The kind.
        kind: &'static str,
        /// The field.
        field: Field,
    },
    /// More than [`PAYLOAD_MAX`].
    #[error("{size} bytes are more than a payload may have, {PAYLOAD_MAX}; split what it says")]
    TooLarge {
        /// How large it is.
        size: usize,
    },
}

impl Payload {
    /// A payload for one field of one kind of entry. `salt` is fresh random bytes, never used twice.
    ///
    /// # Errors
    /// [`BadPayload`] when the kind has no such field, or the bytes are too many.
    pub fn new(
        kind: &'static Kind,
        field: Field,
        salt: Salt,
        bytes: Vec<u8>,
    ) -> Result<Self, BadPayload> {
        let Some(committed) = kind.field(field) else {
            return Err(BadPayload::NoSuchField {
                kind: kind.name,
                field,
            });
        };
        if bytes.len() > PAYLOAD_MAX {
            return Err(BadPayload::TooLarge { size: bytes.len() });
        }
        Ok(Self {
            kind,
            field,
            class: committed.class,
            salt,
            bytes,
        })
    }

    /// The kind of entry it belongs to.
    pub const fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// The field.
    pub const fn field(&self) -> Field {
        self.field
    }

    /// How long it is kept.
    pub const fn class(&self) -> Class {
        self.class
    }

    /// The salt.
    pub const fn salt(&self) -> &Salt {
        &self.salt
    }

    /// What it says.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The commitment to it.
    pub fn commitment(&self) -> Digest {
        commit(self.kind, self.field, &self.salt, &self.bytes)
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither salt nor bytes may reach a log for operators.
        f.debug_struct("Payload")
            .field("kind", &self.kind.name)
            .field("field", &self.field)
            .field("class", &self.class)
            .field("size", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
