//! Writes what the gate sends to a server.
//!
//! Every function appends one message, under the same rule as in [`crate::server`]: a message that
//! cannot be written leaves the buffer as it was.

mod authentication;
mod extended;
mod startup;

pub use authentication::{password, sasl_initial, sasl_response};
pub use extended::{
    Bind, bind, close, copy_fail, describe, execute, flush, parse, query, sync, terminate,
};
pub use startup::{cancel_request, startup, tls_request};
