//! Proofs of identity as clients give them, each with what must be refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod made;
mod scram;
mod scram_refusals;
mod secrets;
mod tls;
