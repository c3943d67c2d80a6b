//! The rules that Fides itself has for a dataset manifest (fideslang 3.1.4), in our own words.
//!
//! Keys that Fides does not know it ignores, and so does this; the `cordon:` blocks are read by
//! `block`.

mod collection;
mod dataset;
mod field;
mod words;
mod yaml;

pub(crate) use collection::Collection;
pub(crate) use dataset::manifests;
pub(crate) use field::{Column, Reference};
