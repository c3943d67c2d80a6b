//! What the entries of a log say when they are read one after the other.

mod access;
mod control;
mod irregular;
mod released;
mod tally;

pub(crate) use access::AccessFold;
pub(crate) use control::{Book, ControlFold};
pub(crate) use tally::{Tally, stop_text, unreadable_code};
