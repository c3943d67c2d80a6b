//! What must hold of decisions, tried from outside the crate.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that fails should fail loudly"
)]

mod covered;
mod forge;
mod ladder;
mod loaders;
mod monotone;
mod policies;
mod refusals;
mod review;
mod setting;
mod us_dsp;
mod views;
