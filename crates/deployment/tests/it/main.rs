//! What a deployment's directory must say, and how each mistake in one is answered.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on stops"
)]

mod faults;
mod mutations;
mod place;
mod sample;
