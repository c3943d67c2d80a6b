//! Why there is no link, or none any more.

use std::io;

use wire::SqlState;

/// What went wrong with a link. But for [`LinkError::Busy`] and the texts and settings that are
/// refused before anything is sent, the link is of no use afterwards.
///
/// Only [`LinkError::Refused`] holds a text of the server: what it says to who is not let in yet.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The server cannot be reached.
    #[error("cannot reach the upstream at `{place}`: check the address, and that the server runs")]
    Unreachable {
        /// Host and port, or the socket.
        place: String,
        /// What the system said.
        source: io::Error,
    },
    /// Time ran out.
    #[error("the upstream did not answer in time while {doing}: check its load and the network")]
    Late {
        /// What was waited for.
        doing: &'static str,
    },
    /// The server does not speak TLS and the target wants it. It is never left out silently.
    #[error("the upstream does not speak TLS: set `ssl = on` there")]
    NoTls,
    /// TLS failed, a certificate that does not hold included.
    #[error("no TLS with the upstream: check its certificate and `sslrootcert`")]
    Tls(#[source] io::Error),
    /// The server asks for a proof that is not given.
    #[error(
        "the upstream asks for {method}, which is not given: set `scram-sha-256` in pg_hba.conf"
    )]
    Method {
        /// How it wants to be convinced.
        method: &'static str,
    },
    /// The server asks for a password and there is none.
    #[error("the upstream asks for a password and none is configured: put it into the secrets")]
    NoPassword,
    /// SCRAM went wrong; the server may not know the password itself.
    #[error(
        "the upstream does not prove that it knows the password ({reason}): check who answers at its address"
    )]
    Unproven {
        /// What did not hold.
        reason: &'static str,
    },
    /// The server does not let us in.
    #[error("the upstream does not let us in ({sqlstate}): {message}")]
    Refused {
        /// Its code.
        sqlstate: SqlState,
        /// Its words.
        message: String,
    },
    /// A pinned setting has another value.
    #[error(
        "the upstream reports another value for `{setting}` than was set: nothing between may change it"
    )]
    Deviated {
        /// Which one.
        setting: String,
    },
    /// The server said something that nobody asked for, or something that is no message.
    #[error("the upstream sent {what} where that cannot come: the link is given up")]
    Unexpected {
        /// What it sent.
        what: &'static str,
    },
    /// Bytes that are no message, or a message that cannot be written.
    #[error("a message to or from the upstream is not well formed")]
    Wire(#[from] wire::Error),
    /// The server ended the session and said why.
    #[error("the upstream ended the session ({sqlstate})")]
    Ended {
        /// Its code.
        sqlstate: SqlState,
    },
    /// The connection is gone.
    #[error("the connection to the upstream is gone")]
    Closed,
    /// The connection broke.
    #[error("the connection to the upstream broke")]
    Broken(#[source] io::Error),
    /// The link went wrong before.
    #[error("this link to the upstream went wrong before: take another")]
    Poisoned,
    /// The link still has answers to come.
    #[error("the link has answers to come: read them first")]
    Busy,
    /// A question of our own failed.
    #[error("the upstream refuses a question of our own ({sqlstate})")]
    Question {
        /// Its code.
        sqlstate: SqlState,
    },
    /// No link became free in time.
    #[error(
        "all {links_max} links to the upstream stayed busy for {waited_ms} ms: raise the limit or wait"
    )]
    Exhausted {
        /// How many there may be.
        links_max: usize,
        /// How long was waited.
        waited_ms: u64,
    },
}
