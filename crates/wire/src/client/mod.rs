//! Reads what clients send.
//!
//! A connection begins with [`take_startup`], until it yields [`Startup::Session`]; then
//! [`take_authentication`] while the client proves who it is; then [`take_frame`]. None of them
//! takes bytes out of the buffer before the message is whole, and all refuse a message by its first
//! bytes if it is too long, so that a buffer never holds much more than a limit.

mod authentication;
mod bind;
mod framing;
mod message;
mod startup;

pub use authentication::{SaslInitial, Secret};
pub use bind::Bind;
pub use framing::{Frame, Tag, take_authentication, take_frame};
pub use message::Message;
pub use startup::{Startup, StartupMessage, take_startup};
