//! The gateway as it runs: the real binary in front of a real PostgreSQL.

mod checked;
mod documents;
mod gateway;
mod http;
mod reload;
mod starts;

pub use gateway::{Gateway, PASSWORD, Setup, wait};
