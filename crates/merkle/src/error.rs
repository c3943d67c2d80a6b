//! What can be wrong with a log, a proof or a text about them.

use std::fmt;

use crate::{Algorithm, KeyId, TilePath};

/// Why a reader of tiles could not read; a missing tile is not a failure.
pub type ReadFailure = Box<dyn std::error::Error + Send + Sync>;

/// The texts and files that this crate reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// 32 bytes in base64 or hexadecimal.
    Hash,
    /// `tile/...`
    TilePath,
    /// `tile/entries/...`
    BundlePath,
    /// A file of entries.
    Bundle,
    /// `name+id+base64`
    VerifierKey,
    /// `PRIVATE+KEY+name+id+base64`
    PrivateKey,
    /// A text with signatures.
    Note,
    /// The signed text of a checkpoint.
    Checkpoint,
    /// A cosignature of a witness.
    Cosignature,
    /// `c2sp.org/tlog-proof@v1`
    ProofFile,
    /// A list of logs, witnesses and the quorum.
    Policy,
    /// The request to a witness.
    AddCheckpoint,
    /// A witness's answer that names a tree size.
    TreeSize,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hash => "hash",
            Self::TilePath => "tile path",
            Self::BundlePath => "bundle path",
            Self::Bundle => "entry bundle",
            Self::VerifierKey => "verifier key",
            Self::PrivateKey => "private key",
            Self::Note => "signed note",
            Self::Checkpoint => "checkpoint",
            Self::Cosignature => "cosignature",
            Self::ProofFile => "proof file",
            Self::Policy => "policy file",
            Self::AddCheckpoint => "add-checkpoint request",
            Self::TreeSize => "tree size",
        })
    }
}

/// A refusal. None of them is a reason to trust a part of what was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text does not have its format: the fault of whoever wrote it.
    #[error("this is no {format}: {why}")]
    Malformed {
        /// What was expected.
        format: Format,
        /// What is wrong and what is right.
        why: &'static str,
    },
    /// A line of a policy file is wrong: the operator's fault.
    #[error("line {line} of the policy file: {why}")]
    PolicyLine {
        /// Counted from one.
        line: usize,
        /// What is wrong and what is right.
        why: &'static str,
    },
    /// More than this crate reads.
    #[error("the {format} is over its limit of {limit} {unit}; refuse whoever sent it")]
    TooLarge {
        /// What was too large.
        format: Format,
        /// The limit.
        limit: usize,
        /// What the limit counts.
        unit: &'static str,
    },
    /// A tree larger than any log can grow.
    #[error(
        "a tree of {size} entries is above the limit of {}",
        crate::TREE_SIZE_MAX
    )]
    TreeTooLarge {
        /// The size that was asked for or claimed.
        size: u64,
    },
    /// The index is not below the size.
    #[error("entry {index} is not in a tree of {size} entries; ask for one below its size")]
    IndexOutsideTree {
        /// The entry.
        index: u64,
        /// The tree.
        size: u64,
    },
    /// The older tree is larger than the newer.
    #[error("the older tree has {old} entries, more than the newer with {new}; swap them")]
    SizesSwapped {
        /// The size that should be the smaller.
        old: u64,
        /// The size that should be the larger.
        new: u64,
    },
    /// The reader failed: nothing is known about the tile.
    #[error("cannot read `{path}`; try again or look at the storage")]
    Read {
        /// The tile that was wanted.
        path: TilePath,
        /// The storage's own words.
        source: ReadFailure,
    },
    /// A tile that the tree must have is not there, neither partial nor full.
    #[error("`{path}` is missing; restore it or derive it again from the entries")]
    MissingTile {
        /// The tile.
        path: TilePath,
    },
    /// A tile has another length than its path says.
    #[error("`{path}` has {bytes} bytes, not 32 for each of its hashes; derive it again")]
    TileLength {
        /// The tile.
        path: TilePath,
        /// Its length.
        bytes: usize,
    },
    /// The tiles are not those of the tree with this head.
    #[error("the tiles contradict the root at size {size}; somebody changed them or the root")]
    TilesContradictRoot {
        /// The tree whose root was given.
        size: u64,
    },
    /// The proof does not show what it claims.
    #[error("the inclusion proof does not lead from entry {index} to the root at size {size}")]
    NotIncluded {
        /// The entry.
        index: u64,
        /// The tree.
        size: u64,
    },
    /// The proof does not show that the older tree is the beginning of the newer.
    #[error("the consistency proof does not lead from size {old} to size {new}; keep both heads")]
    NotConsistent {
        /// The older tree.
        old: u64,
        /// The newer tree.
        new: u64,
    },
    /// The note has no signature under this key.
    #[error("no signature by `{name}` with key id {id}; check the key or ask for the signature")]
    NotSigned {
        /// The key's name.
        name: String,
        /// The key's id.
        id: KeyId,
    },
    /// A signature under this key is there and is wrong.
    #[error("the signature by `{name}` with key id {id} is wrong; trust nothing of this note")]
    WrongSignature {
        /// The key's name.
        name: String,
        /// The key's id.
        id: KeyId,
    },
    /// The key cannot do what is asked of it.
    #[error("a key of type {algorithm} cannot verify this; give one of type {wanted}")]
    WrongAlgorithm {
        /// The key's type.
        algorithm: Algorithm,
        /// The type that can.
        wanted: Algorithm,
    },
    /// The checkpoint is not of the log that the key belongs to.
    #[error("the checkpoint is of `{origin}`, the key of `{name}`; use the log's own key")]
    OtherOrigin {
        /// The log that the checkpoint names.
        origin: String,
        /// The log that the key names.
        name: String,
    },
    /// The quorum of the policy did not cosign.
    #[error("the policy's quorum is not met; see which witnesses cosigned")]
    NoQuorum,
    /// No log of the policy signed the checkpoint.
    #[error("no log of the policy signed this checkpoint; add its key or refuse it")]
    NoLog,
}

pub(crate) const fn malformed(format: Format, why: &'static str) -> Error {
    Error::Malformed { format, why }
}
