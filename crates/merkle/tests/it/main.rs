//! Trees, tiles, proofs, notes, checkpoints, policies and witness texts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod bundles;
mod checkpoints;
mod hostile;
mod keys;
mod made;
mod paths;
mod policies;
mod proof_files;
mod proofs;
mod tree;
mod witness;
