//! Starts a throw-away PostgreSQL from the installed binaries, for tests and the demo. It is gone,
//! process and files, when its [`Server`] is dropped and also when the process that owns it dies.
//!
//! Nothing here is for production: everybody who reaches the port is let in, and nothing is flushed
//! to disk.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod account;
mod binaries;
mod error;
mod keeper;
mod ready;
mod server;
mod template;

pub use error::ScratchError;
pub use server::Server;
