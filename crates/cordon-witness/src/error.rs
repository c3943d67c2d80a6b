//! Why the witness does not start, or stops: each message names the file, the cause and the remedy.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// A failure of the witness itself. Refusing a request is none: see [`crate::Answer`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// The disk or the system did not do what was asked.
    #[error("cannot {action} `{path}`: {source}; {remedy}")]
    Io {
        /// A verb.
        action: &'static str,
        /// Of what.
        path: PathBuf,
        /// The system's words.
        #[source]
        source: std::io::Error,
        /// What to do.
        remedy: &'static str,
    },
    /// A file does not have its form.
    #[error("`{path}`: {cause}; {remedy}")]
    File {
        /// Which; with its line where there is one.
        path: String,
        /// What is wrong.
        cause: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A log on the command line or in the settings.
    #[error("log `{text}`: {cause}; write `VKEY` or `VKEY@SIZE:ROOT` as the log publishes them")]
    LogStart {
        /// As it was given.
        text: String,
        /// What is wrong.
        cause: String,
    },
    /// The settings do not suffice.
    #[error("{cause}; {remedy}")]
    Settings {
        /// What is wrong.
        cause: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Another witness runs on this state.
    #[error("`{path}` is locked by another process; stop it, one witness runs on one state")]
    Locked {
        /// The lock.
        path: PathBuf,
    },
    /// The state that this key once had is not there.
    #[error(
        "`{marker}` says that this key has cosigned{what}, and `{state}` does not have it; restore \
         the state directory, or retire this key and make a new one: a witness that forgot may \
         cosign a fork"
    )]
    StateVanished {
        /// The marker beside the key.
        marker: PathBuf,
        /// Where the state should be.
        state: PathBuf,
        /// Empty, or ` for the log X`.
        what: String,
    },
    /// Neither state nor marker is there: nobody can tell whether the key has cosigned.
    #[error(
        "`{marker}` is not there and the state is empty: nobody can tell what this key has cosigned; \
         bring the marker and the state with the key, or make a new key"
    )]
    MarkerMissing {
        /// The marker beside the key.
        marker: PathBuf,
    },
    /// The state is of another key.
    #[error(
        "`{state}` is the state of another witness, `{owner}`; give each key its own directory"
    )]
    OtherState {
        /// The directory.
        state: PathBuf,
        /// The key that it belongs to, or its number.
        owner: String,
    },
    /// The clock shows less than a time that was cosigned.
    #[error(
        "the clock shows {now_s} and `{path}` was cosigned at {stored_s}; set the clock right, then \
         start again"
    )]
    ClockRanBack {
        /// Seconds since 1970.
        now_s: u64,
        /// Seconds since 1970.
        stored_s: u64,
        /// The checkpoint.
        path: PathBuf,
    },
    /// A start contradicts what was cosigned.
    #[error(
        "log `{origin}`: the start at size {start} contradicts the record, which stands at {stored}; \
         remove `@SIZE:ROOT` to go on from the record, and ask who gave you that start"
    )]
    StartContradicts {
        /// The log.
        origin: String,
        /// The size of the start.
        start: u64,
        /// The size in the record.
        stored: u64,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}`: {source}; choose another address or stop who uses it")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// The system's words.
        #[source]
        source: std::io::Error,
    },
    /// What was stored may not be durable: no signature may leave any more.
    #[error("stopped, because {cause}; see to the disk and start again")]
    Stopped {
        /// What happened.
        cause: String,
    },
}

impl WitnessError {
    pub(crate) fn io(
        action: &'static str,
        path: &Path,
        source: std::io::Error,
        remedy: &'static str,
    ) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
            remedy,
        }
    }

    pub(crate) fn file(path: &Path, cause: impl ToString, remedy: &'static str) -> Self {
        Self::File {
            path: path.display().to_string(),
            cause: cause.to_string(),
            remedy,
        }
    }
}
