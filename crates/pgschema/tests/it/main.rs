//! Snapshots and their look-ups, and what the review refuses, allows and proves total.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod review;
mod schema;
