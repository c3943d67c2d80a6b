//! The two storage contracts. Whatever keeps them can hold a log: a directory today, PostgreSQL or
//! an object store later.

mod journal;
mod objects;

pub use journal::{Journal, ReadJournal};
pub use objects::{CHECKPOINT, Objects, WITNESSED};
