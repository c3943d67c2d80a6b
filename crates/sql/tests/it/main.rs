//! What must hold of reading and printing statements, tried from outside the crate.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod limits;
mod make;
mod print;
mod read;
mod round_trip;
