//! Every limit of the protocol's messages, each with its reason.

/// LIMIT: PostgreSQL's own for the first packet. It holds a user, a database and a few settings.
pub const STARTUP_BYTES_MAX: u32 = 10_000;
/// LIMIT: PostgreSQL takes any number; drivers send fewer than ten.
pub const STARTUP_PARAMETERS_MAX: usize = 64;
/// LIMIT: PostgreSQL's own for answers during authentication. A token with many claims fits.
pub const AUTHENTICATION_BYTES_MAX: u32 = 65_535;
/// LIMIT: an identifier of PostgreSQL. It cuts longer names of statements and portals, so that two
/// names that differ behind this place would be one there and two here; we refuse them.
pub const NAME_BYTES_MAX: usize = 63;
/// LIMIT: the shortest cancel key, from the protocol's documentation: 3.0 has exactly this.
pub const CANCEL_KEY_BYTES_MIN: usize = 4;
/// LIMIT: the longest cancel key, from the documentation of protocol 3.2.
pub const CANCEL_KEY_BYTES_MAX: usize = 256;
/// LIMIT: a count on the wire has two bytes. PostgreSQL reads it without a sign.
pub const LIST_LENGTH_MAX: usize = 65_535;
/// LIMIT: a text of an error or notice that we write is cut here; nobody reads further.
pub(crate) const REPORT_TEXT_BYTES_MAX: usize = 65_536;
/// LIMIT: the parser's memory; larger statements are data in the wrong place.
const MESSAGE_BYTES_MAX: u32 = 16 << 20;
/// LIMIT: one row of a server must fit in memory as a whole. A value in PostgreSQL may have a
/// gigabyte, but a hundred sessions that fetch such rows would take the gate with them.
const ROW_BYTES_MAX: u32 = 64 << 20;
/// LIMIT: what a server says beside rows: the longest is a description of 1,664 columns.
const CONTROL_BYTES_MAX: u32 = 4 << 20;

/// The limits that a deployment may set. Lengths count the length field itself, as on the wire, but
/// not the type byte in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest message of a client after it is let in.
    pub client_message_bytes: u32,
    /// The longest row (or piece of COPY data) of a server.
    pub row_bytes: u32,
    /// The longest message of a server that is no row.
    pub control_bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            client_message_bytes: MESSAGE_BYTES_MAX,
            row_bytes: ROW_BYTES_MAX,
            control_bytes: CONTROL_BYTES_MAX,
        }
    }
}
