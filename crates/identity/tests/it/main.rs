//! Proofs of identity as clients give them, each with what must be refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "tests"
)]

mod combined;
mod issuer;
mod made;
mod oidc;
mod oidc_refusals;
mod oidc_settings;
mod scram;
mod scram_refusals;
mod secrets;
mod tls;
