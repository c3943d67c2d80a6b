//! Speaks to a PostgreSQL server: opens links to it and reads what its schema is.
//!
//! This crate decides nothing about what may be seen, and reads no row of anybody's data: only the
//! catalogues.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod connect;
mod introspect;

pub use connect::{ConnectError, connect};
pub use introspect::{IntrospectError, introspect};
