//! PostgreSQL statements in, facts about them and guarded statements out.
//!
//! The one crate that links libpg_query, which is C: it does no IO, but it is not memory-safe, and
//! docs/threat-model.md says so. This crate decides nothing about people: what may be seen comes in
//! as views. It never forwards a text that it was given: what is sent is printed here from a tree
//! that was checked, read again, and compared.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod bind;
mod catalogue;
mod error;
mod guard;
mod kind;
mod print;
mod read;
mod resolve;
mod settings;
pub mod tree;

pub use bind::{Binding, Homes, Mismatch};
pub use catalogue::{Told, ToldText};
pub use error::Refused;
pub use guard::{
    Action, Change, Form, Guarded, KeyKind, Parameter, ParameterTypes, PseudonymKey, Shape, Views,
    guard,
};
pub use print::print;
pub use read::{Limits, read, read_bytes};
pub use resolve::{Context, Resolution, Role, SessionNames, Sight, Use, resolve};
pub use settings::{Treatment, treatment};
