//! Reads operators' YAML into types or into a tree, with the place of every value, and says precisely
//! what is wrong with it.
//!
//! This crate knows no schema and never opens a file: text comes in, types or a
//! [`model::Diagnostic`] come out. Keys that a type does not name are that type's business
//! (`#[serde(deny_unknown_fields)]`).
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod located;
pub mod nearest;
mod read;
pub mod tree;

pub use located::Located;
pub use read::{LENGTH_MAX, read};
