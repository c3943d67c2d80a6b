//! Honest logs verify; each way of tampering has its own finding.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod asked;
mod between;
mod entries;
mod honest;
mod made;
mod payloads;
mod places;
mod rewritten;
mod single;
mod tampered;
mod vectors;
mod world;
