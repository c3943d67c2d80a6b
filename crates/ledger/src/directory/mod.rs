//! Both contracts on a directory.

mod journal;
mod objects;
mod reader;
mod replay;
mod reserve;
mod segment;

pub use journal::{DirectoryJournal, JournalSettings};
pub use objects::DirectoryObjects;
pub(crate) use reserve::Reserve;
