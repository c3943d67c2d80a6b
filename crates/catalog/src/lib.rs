//! The catalogue: Fides dataset manifests with the `cordon:` block become [`model::Dataset`]s, with
//! everything that is wrong or left open said in place; what changed between two of them; and edits
//! that leave the rest of the text alone.
//!
//! This crate never opens a file, asks a store or reads a clock: text comes in with the name it has
//! for messages. Whether a column exists in the store is `deployment`'s to check.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod block;
mod catalog;
mod change;
pub mod condition;
mod diff;
mod draft;
pub mod edit;
mod entry;
mod fides;
mod fold;
mod resolve;
mod taxonomy;

pub use catalog::{Catalog, Options, read};
pub use change::{Change, What};
pub use diff::diff;
pub use resolve::parent_key;
pub use taxonomy::{default_categories, legal_categories_of};
