//! Named bypasses: every way past the gate that can be told from inside a server, each with the SQL
//! that closes it. A question to the server ([`ask`]), and a judgement that asks nobody ([`judge`]).

mod facts;
mod judge;
mod kind;

pub use facts::{Facts, Governed, ask};
pub use judge::judge;
pub use kind::Kind;

/// One way past the gate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bypass {
    /// Which kind of way.
    pub kind: Kind,
    /// Whose, or over what; together with the kind it names the bypass.
    pub subject: String,
    /// What it means here.
    pub text: String,
    /// What closes it, run by the owner of the thing or a superuser.
    pub sql: Vec<String>,
}

/// What no question from inside can tell, with the way for an operator to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Untold {
    /// Its name in output, reports and documents.
    pub name: &'static str,
    /// What it is.
    pub text: &'static str,
    /// How a superuser looks, in SQL, where there is a way.
    pub look: Option<&'static str>,
}

/// Everything that cannot be told.
pub const UNTOLD: [Untold; 3] = [
    Untold {
        name: "pg-hba",
        text: "which hosts may connect as whom, and with which proof: only the gateway's host should \
               reach the server as the gateway's account",
        look: Some(
            "SELECT line_number, type, database, user_name, address, auth_method, error \
             FROM pg_catalog.pg_hba_file_rules;",
        ),
    },
    Untold {
        name: "server-host",
        text: "who administers the server's host, its disks, its backups and its archive of \
               write-ahead segments",
        look: Some(
            "SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ('data_directory', \
             'archive_mode', 'archive_command', 'shared_preload_libraries');",
        ),
    },
    Untold {
        name: "account-password",
        text: "who else knows the password of the gateway's account",
        look: None,
    },
];
