//! The gateway as a client on a raw socket sees it, and what its ledger says afterwards.

mod changing;
mod cursors;
mod killed;
mod ledger;
mod pipelines;
mod raw;
mod refused;
mod roles;
mod told;
mod transactions;

pub use ledger::Entries;
pub use raw::Raw;
