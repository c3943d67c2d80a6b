//! Single entries: read, shown in words, proved to be in their log.

mod item;
mod named;
mod prove;
mod read;
mod shown;

pub use prove::{Proved, check_proof, prove};
pub use read::{Reader, Tail};
pub use shown::Shown;
