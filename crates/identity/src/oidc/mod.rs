//! An access token as password: who may use one, which tokens count, and whom a token proves.
//!
//! A token selects a person of the register and may only narrow what they see. It travels in clear
//! inside the connection: the gateway asks for it inside TLS only, by the pattern of names alone.

mod address;
mod algorithm;
mod claims;
mod configuration;
mod fetch;
mod issuer;
mod json;
mod key;
mod keys;
mod pattern;
mod token;

pub use algorithm::Algorithm;
pub use claims::TokenProof;
pub use configuration::{Configuration, Settings};
pub use issuer::Issuer;
pub use pattern::UserPattern;
