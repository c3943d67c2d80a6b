//! The gateway as it runs: the real binary in front of a real PostgreSQL.

mod gateway;
mod starts;

pub use gateway::{Gateway, PASSWORD, Setup};
