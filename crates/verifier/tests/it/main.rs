//! Honest logs verify; each way of tampering has its own finding.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod asked;
mod honest;
mod made;
mod world;
