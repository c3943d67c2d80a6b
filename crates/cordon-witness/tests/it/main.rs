//! The witness's rules, its files, its HTTP, and the attack that it is there for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod attack;
mod client;
mod command;
mod http;
mod made;
mod rules;
mod state;
mod strangers;
