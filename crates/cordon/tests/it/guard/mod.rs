//! The guard against a real PostgreSQL.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::print_stdout,
    reason = "what a test does not expect fails it; figures are printed for people"
)]

mod alive;
mod attacks;
mod cases;
mod features;
mod hidden;
mod holes;
mod oracles;
mod properties;
mod rows;
mod smith;
mod smoke;
mod twins;
mod views;
pub mod world;

pub use world::SERVER;
