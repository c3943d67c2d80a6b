//! PostgreSQL's own catalogue through the guard: what tools ask, answered by a real server.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::print_stdout,
    reason = "what a test does not expect fails it; figures are printed for people"
)]

mod attacks;
mod figures;
mod tools;
mod world;

pub use tools::TOOLS;
pub use world::asked;
