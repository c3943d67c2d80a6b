//! The format against its vectors and its document, the folds against everything that must not
//! follow.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod appending;
mod arbitrary;
mod commitments;
mod control;
mod diagnostic;
mod document;
mod history;
mod order;
mod strictness;
mod trail;
mod vectors;
mod write;
