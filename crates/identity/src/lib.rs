//! Proves who connects, and how strongly: passwords by SCRAM, access tokens of an OIDC issuer, client
//! certificates, and the country of an address.
//!
//! State machines over bytes and readers of secrets; the gateway drives the wire. This crate never
//! decides what anybody may see, never speaks PostgreSQL's framing, and never tells a client whether a
//! user exists: an unknown name gets the same messages, made with the same work, as a known one.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod authenticated;
pub mod certificates;
mod country;
mod error;
pub mod oidc;
pub mod scram;
mod secret_file;
pub mod tls;

pub use authenticated::{Authenticated, Factor, Proof};
pub use country::{COUNTRY_SOURCE, country_of};
pub use error::IdentityError;
