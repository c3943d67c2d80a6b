//! What may go wrong with a throw-away server.

use std::io;
use std::path::PathBuf;

/// Why there is no throw-away server, or why it did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScratchError {
    /// PostgreSQL is not installed, or not where it is looked for.
    #[error(
        "found no `postgres` with `initdb` and `psql` beside it in {looked}: install PostgreSQL, or set \
         CORDON_PG_BIN to the directory that has them"
    )]
    NoBinaries {
        /// The places that were looked at.
        looked: String,
    },
    /// PostgreSQL refuses to run as root, and there is nobody else.
    #[error(
        "postgres does not run as root and there is no user `postgres`: create one, or be another user"
    )]
    NoAccount,
    /// The folder of templates belongs to somebody else.
    #[error("`{}` is not ours alone: remove it, or set TMPDIR to another place", .folder.display())]
    Foreign {
        /// The folder.
        folder: PathBuf,
    },
    /// The operating system refused something.
    #[error("cannot {doing} `{}`", .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With which file or program.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program ended with a failure.
    #[error("`{program}` failed: {output}")]
    Failed {
        /// The program.
        program: &'static str,
        /// What it printed.
        output: String,
    },
    /// The server ended, or did not get ready in time.
    #[error("the server did not get ready; the end of its log: {log}")]
    NotReady {
        /// The end of its log.
        log: String,
    },
}

impl ScratchError {
    /// For `map_err` where the operating system is asked.
    pub(crate) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }
}
