//! What must hold of reading and printing statements, tried from outside the crate.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod read;
mod round_trip;
