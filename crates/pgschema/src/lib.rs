//! What a PostgreSQL database has: a snapshot of its schema with look-ups, and what is built in, with
//! the review of which types, functions and operators a statement may use.
//!
//! This crate never asks a server and knows no SQL: `postgres` takes snapshots, `sql` judges
//! statements by them.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

pub mod builtin;
mod index;
mod snapshot;

pub use index::{Schema, SchemaError};
pub use snapshot::{
    Column, ColumnNumber, Extension, Function, Oid, Operator, QualifiedName, Relation,
    RelationKind, Snapshot, Type, TypeKind, Volatility,
};
