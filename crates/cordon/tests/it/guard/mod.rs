//! The guard against a real PostgreSQL.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::print_stdout,
    reason = "what a test does not expect fails it; figures are printed for people"
)]

mod alive;
mod attacks;
pub mod cases;
mod features;
pub mod hidden;
mod holes;
pub mod oracles;
mod properties;
pub mod rows;
mod smith;
mod smoke;
mod twins;
pub mod views;
pub mod world;

pub use world::SERVER;
