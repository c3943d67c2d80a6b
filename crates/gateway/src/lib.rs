//! The data plane: PostgreSQL clients in front, a data store behind.
//!
//! A session is let in once its identity is proved and its start is recorded. Each statement is checked
//! by `enforce`, decided, recorded, sent as it was guarded, and its rows leave only after the decision
//! is durable (`record::release` says so in types). This crate never decides who may see what, never
//! forwards a client's text, and never lets an answer of the data store reach a message that did not
//! ask for it.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod cancels;
mod copy;
mod counts;
mod database;
mod gate;
mod keys;
mod limits;
mod live;
mod networks;
mod problem;
mod record;
mod redact;
mod serve;
mod session;
mod startup;
mod strangers;
mod turned_away;
mod world;

pub use counts::Counts;
pub use database::Database;
pub use gate::{Doors, Gate};
pub use keys::Root;
pub use limits::Limits;
pub use networks::{BadRange, Networks};
pub use record::Recorder;
pub use serve::serve;
pub use world::{InForce, Shared, World};
