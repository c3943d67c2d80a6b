//! The durable log: what is acknowledged stays, whatever the disk does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "tests"
)]

mod books;
mod child;
mod crash;
mod damage;
mod erased;
mod faulty;
mod fixture;
mod life;
mod other_process;
mod property;
mod recorded;
mod tail;
mod witness;
