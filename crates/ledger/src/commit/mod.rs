//! The commit point: many entries, one sync.

mod queue;
mod thread;
mod writer;

pub use queue::Waiting;
pub(crate) use queue::{Closing, Queue};
pub(crate) use thread::run;
pub use writer::{Notice, Writer};
