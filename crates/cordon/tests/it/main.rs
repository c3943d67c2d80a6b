//! The binary as people and programs use it: text, JSON, exit codes, errors.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that fails should fail loudly"
)]

mod catalogue;
mod command;
mod gateway;
mod guard;
mod ledger;
mod load;
mod mistakes;
mod sample;
mod serve;
mod wire;
