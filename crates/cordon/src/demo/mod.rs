//! The demonstration: acts, each of which narrates and checks.

mod acts;
mod expected;
mod gate;
mod sample;

pub use acts::{ACTS, Stage};
pub use sample::write_sample;
