//! An entry with its payloads, checked before anybody queues it.

use crate::commitment::{BadPayload, Field, Payload};
use crate::entry::{Entry, leaf_hash};
use crate::fixed::Digest;
use crate::kind::Kind;
use crate::malformed::{Cause, Malformed};

/// What is to be appended: an entry, its bytes, and the payloads it commits to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    entry: Entry,
    bytes: Vec<u8>,
    leaf: Digest,
    payloads: Vec<Payload>,
}

/// A draft that cannot be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDraft {
    /// A payload was made for another kind of entry.
    #[error("a payload of kind `{payload}` does not belong to an entry of kind `{entry}`")]
    OtherKind {
        /// The payload's kind.
        payload: &'static str,
        /// The entry's kind.
        entry: &'static str,
    },
    /// A field has two payloads, or a payload and a commitment to something elsewhere.
    #[error(
        "field {0} is there twice; give each field one payload, or one commitment carried elsewhere"
    )]
    Twice(Field),
    /// The entry cannot be written.
    #[error("the entry cannot be written")]
    Entry(#[from] Malformed),
    /// A payload cannot be one.
    #[error("a payload cannot be kept")]
    Payload(#[from] BadPayload),
}

impl BadDraft {
    /// Whether the entry says more than one entry can.
    pub const fn is_too_large(&self) -> bool {
        match self {
            Self::Entry(malformed) => {
                matches!(
                    malformed.cause,
                    Cause::TooLarge { .. } | Cause::TooMany { .. }
                )
            }
            Self::Payload(BadPayload::TooLarge { .. }) => true,
            Self::Payload(BadPayload::NoSuchField { .. })
            | Self::OtherKind { .. }
            | Self::Twice(_) => false,
        }
    }
}

impl Draft {
    /// Commits the entry to the payloads. Commitments that the entry has already are to payloads
    /// carried elsewhere (with another entry or in somebody else's store); no payload may be given
    /// for them.
    ///
    /// # Errors
    /// [`BadDraft`] when a payload does not belong here, or the entry with its commitments cannot be
    /// written, e.g. because one that it must have is missing.
    pub fn new(mut entry: Entry, payloads: Vec<Payload>) -> Result<Self, BadDraft> {
        for payload in &payloads {
            if payload.kind() != entry.kind() {
                return Err(BadDraft::OtherKind {
                    payload: payload.kind().name,
                    entry: entry.kind().name,
                });
            }
            let field = payload.field();
            let earlier = entry.commitments.insert(field, payload.commitment());
            if earlier.is_some() {
                return Err(BadDraft::Twice(field));
            }
        }
        let bytes = entry.encode()?;
        let leaf = leaf_hash(&bytes);
        Ok(Self {
            entry,
            bytes,
            leaf,
            payloads,
        })
    }

    /// The entry with its commitments.
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Of which kind it is.
    pub const fn kind(&self) -> &'static Kind {
        self.entry.kind()
    }

    /// The canonical bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The hash of the leaf that it will be.
    pub const fn leaf(&self) -> &Digest {
        &self.leaf
    }

    /// What goes into the payload store, before the entry.
    pub fn payloads(&self) -> &[Payload] {
        &self.payloads
    }

    /// Takes it apart: the entry, its bytes, and the payloads.
    pub fn into_parts(self) -> (Entry, Vec<u8>, Vec<Payload>) {
        (self.entry, self.bytes, self.payloads)
    }
}
