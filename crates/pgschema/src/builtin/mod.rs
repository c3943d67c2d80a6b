//! What schema `pg_catalog` of PostgreSQL 15 to 18 has, and the review of what a statement may use of it.
//!
//! The lists in `data/` are generated from a server; the review beside them is written by people.
//! What no review allows is refused.

mod functions;
mod operators;
mod profile;
mod review;
mod types;

pub use functions::{Function, FunctionOverload, function, functions};
pub use operators::{Operator, OperatorOverload, operator, operators};
pub use profile::{Profile, Reviewed, profile};
pub use review::FunctionClass;
pub use types::{BuiltinType, type_by_oid, type_named};

/// The major versions whose lists were reviewed: nothing is known of others.
pub const VERSIONS: std::ops::RangeInclusive<u32> = 15..=18;
