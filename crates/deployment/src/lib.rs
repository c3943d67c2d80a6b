//! Owns the directory DIR of a deployment: its layout, and the one [`Bundle`] that is loaded from
//! its files, with everything that is wrong with them said at once.
//!
//! This crate reads files and nothing else: no clock, no socket, no data store. It never reads
//! `DIR/secrets`, never writes, and decides nothing about anybody's rights.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod bundle;
mod check;
mod delegation;
mod entry;
mod files;
mod gaps;
mod layout;
mod load;
mod notes;
mod regimes;
mod register;
mod rights;
mod service;
mod settings;
mod table;
mod url;

pub use bundle::Bundle;
pub use delegation::{DELEGATION_NAMESPACE, DelegationTerms};
pub use gaps::gaps_at;
pub use layout::Layout;
pub use load::load;
pub use service::{SERVICE_KEYS, Service, Tls, Witness};
pub use url::Url;
