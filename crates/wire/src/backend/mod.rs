//! Reads what a server sends.
//!
//! [`take`] cuts the stream: rows come as blocks of whole frames to be passed on as they are, counted
//! by their headers; everything else comes as a [`Frame`] that can be read with [`Frame::message`].
//! The one byte that answers a TLS request is no message and is read by the caller.

mod authentication;
mod framing;
mod message;
mod rows;

pub use authentication::{Authentication, Mechanisms};
pub use framing::{Frame, Incoming, Tag, take};
pub use message::{CopyFormats, Message, rows_of_tag};
pub use rows::{Cells, Row, RowFrames, Rows};
