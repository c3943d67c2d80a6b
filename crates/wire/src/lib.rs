//! PostgreSQL's protocol, versions 3.0 and 3.2, in both directions: what clients send ([`client`]),
//! what the gate answers ([`server`]), what it sends to a server ([`frontend`]) and what a server
//! answers ([`backend`]).
//!
//! This crate never reads or writes a socket, never guesses, and never decodes with loss: a message
//! is understood to its last byte or it is an [`Error`]. It does not know which message may come
//! when; that is the session's business. It does not look into rows unless it is asked to.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

pub mod backend;
pub mod client;
pub mod frontend;
pub mod server;

mod body;
mod cancel;
mod column;
mod error;
mod format;
mod frame;
mod limits;
mod report;
mod sqlstate;
mod status;
mod version;

pub use cancel::Cancel;
pub use column::Column;
pub use error::Error;
pub use format::{Format, Formats};
pub use limits::{CANCEL_KEY_BYTES_MAX, CANCEL_KEY_BYTES_MIN, Limits, NAME_BYTES_MAX};
pub use report::{Report, Severity};
pub use sqlstate::SqlState;
pub use status::{Subject, TransactionStatus};
pub use version::{Minor, Version};
