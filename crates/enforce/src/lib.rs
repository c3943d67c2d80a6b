//! One statement, from its text to what may be sent to the data store: read by `sql`, decided by
//! `policy`, guarded by `sql` again.
//!
//! Every way in (the wire, the command line, a replay) goes through here, so that all of them answer
//! alike. This crate decides nothing itself, knows no sockets and no clock.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod bind;
mod enforcer;
mod refused;
mod sight;
mod standing;
mod subject_key;

pub use bind::{Secrets, bind};
pub use enforcer::{Basis, Checked, Enforcer, Moment, Renewed, Request};
pub use refused::Refused;
