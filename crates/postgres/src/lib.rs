//! Speaks to a PostgreSQL server: opens links to it, keeps them in step, lends them out, reads what
//! its schema is and watches that it stays so.
//!
//! This crate decides nothing about what may be seen. It passes rows on as they come and looks into
//! none of them; for itself it reads only the catalogues.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

pub mod bypass;
mod connect_old;
mod error;
mod introspect;
mod link;
mod pool;
mod scram;
mod sentinel;
mod settings;
mod stream;
mod target;

pub use connect_old::{ConnectError, connect};
pub use error::LinkError;
pub use introspect::{IntrospectError, introspect};
pub use link::{Canceller, Link, Outgoing, Prepared, TextRows};
pub use pool::{Pool, PoolCounts, PoolLimits, PooledLink};
pub use sentinel::{Held, Sentinel, SentinelLimits, Validity};
pub use settings::Options;
pub use target::{Password, Target, TargetError};
