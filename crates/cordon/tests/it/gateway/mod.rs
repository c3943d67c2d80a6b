//! The gateway as a client on a raw socket sees it, and what its ledger says afterwards.

mod again;
mod changing;
mod covered;
mod cursors;
mod killed;
mod killed_within;
mod ledger;
mod pipelines;
mod raw;
mod refused;
mod roles;
mod secured;
mod told;
mod tools;
mod transactions;

pub use covered::{Received, assert_covered};
pub use ledger::Entries;
pub use raw::Raw;
