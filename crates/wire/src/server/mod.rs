//! Writes what the gate answers.
//!
//! Every function appends one message. Those that take texts or lists fail when a text holds a NUL
//! or a list is too long for its count, and then leave the buffer as it was: a bad frame cannot be
//! written.

mod authentication;
mod plain;
mod row;

pub use authentication::{
    authentication_cleartext, authentication_ok, authentication_sasl, authentication_sasl_continue,
    authentication_sasl_final,
};
pub use plain::{
    backend_key_data, bind_complete, close_complete, command_complete, copy_data, copy_done,
    copy_out_response, empty_query, error, negotiate_version, no_data, notice, parameter_status,
    parse_complete, portal_suspended, ready_for_query,
};
pub use row::{Cell, DataRow, data_row, parameter_description, row_description};
