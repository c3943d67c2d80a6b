//! Tamper-evident logs over opaque bytes, in the open formats of C2SP: the RFC 6962 tree, tiles,
//! entry bundles, checkpoints, cosignatures, proof and policy files, and the texts that a log and
//! its witnesses exchange.
//!
//! This crate never learns what an entry means (that is `record`), does no IO, reads no clock and
//! draws no randomness: bytes, times and seeds come in as arguments. Nothing that it is given makes
//! it panic.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod bundle;
mod checkpoint;
mod cosignature;
mod error;
mod frontier;
mod hash;
mod key;
mod key_private;
mod note;
mod path;
mod policy;
mod proof;
mod proof_file;
mod signed_checkpoint;
mod tile_reader;
mod tree_tiles;
mod witness;

pub use bundle::{
    BUNDLE_WIDTH_MAX, BundleWriter, ENTRY_BYTES_MAX, decode_bundle, encode_bundle, encode_entry,
};
pub use checkpoint::{Checkpoint, TreeHead};
pub use cosignature::Cosignature;
pub use error::{Error, Format, ReadFailure};
pub use frontier::Frontier;
pub use hash::{Hash, leaf_hash, node_hash};
pub use key::{Algorithm, KeyId, VerifierKey};
pub use key_private::{CosignerKey, SignerKey};
pub use note::{Note, NoteSignature, parse_signature_lines};
pub use path::{
    BundlePath, TILE_WIDTH_MAX, TilePath, bundles_changed, bundles_of, tiles_changed, tiles_of,
};
pub use policy::{Evaluation, Party, Policy, Standing, WitnessName};
pub use proof::{
    PROOF_HASHES_MAX, TREE_SIZE_MAX, check_consistency, check_inclusion, consistency_proof,
    inclusion_proof, root_at,
};
pub use proof_file::ProofFile;
pub use signed_checkpoint::SignedCheckpoint;
pub use tile_reader::TileReader;
pub use tree_tiles::TreeTiles;
pub use witness::{AddCheckpoint, format_size, parse_size};
