//! Which server, as whom, and how sure we must be that it is the one.

mod tls;
mod url;

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;

pub(crate) use tls::endpoint_hash;

/// Why an address cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// It cannot be read.
    #[error(
        "the upstream's url cannot be read ({reason}): write postgres://user@host:port/database"
    )]
    Url {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// It has a setting that is not known.
    #[error(
        "the upstream's url has the setting `{name}`, which is not known: use sslmode, sslrootcert, host, port or connect_timeout"
    )]
    Setting {
        /// Its name.
        name: String,
    },
    /// It wants TLS in a way that proves nothing.
    #[error("sslmode `{mode}` does not prove who the server is: use verify-full, or verify-ca")]
    Unverified {
        /// The mode.
        mode: String,
    },
    /// It wants no TLS where others can listen.
    #[error("sslmode `disable` is only for sockets and this machine: use verify-full")]
    Exposed,
    /// It wants TLS where there is none.
    #[error("a Unix socket has no TLS: leave sslmode out")]
    SocketTls,
    /// The file of authorities cannot be used.
    #[error("the certificates in `{}` cannot be read: give a PEM file of the authorities", .path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// TLS cannot be set up.
    #[error("TLS to the upstream cannot be set up")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A password. Nothing prints it.
#[derive(Clone)]
pub struct Password(Arc<str>);

impl Password {
    /// Takes a password.
    #[must_use]
    pub fn new(password: &str) -> Self {
        Self(password.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(not shown)")
    }
}

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The directory of its socket, and its port.
    Socket(PathBuf, u16),
    /// A host and a port.
    Tcp(String, u16),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(folder, port) => write!(f, "{}/.s.PGSQL.{port}", folder.display()),
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
        }
    }
}

/// How TLS is spoken.
#[derive(Clone)]
pub(crate) struct TlsSetup {
    pub(crate) config: Arc<ClientConfig>,
    pub(crate) name: ServerName<'static>,
}

impl fmt::Debug for TlsSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsSetup")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A server, a database in it and an account there. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Target {
    pub(crate) place: Place,
    pub(crate) user: String,
    pub(crate) database: String,
    pub(crate) password: Option<Password>,
    pub(crate) tls: Option<TlsSetup>,
    pub(crate) patience: Duration,
}

/// LIMIT: a server that does not answer within this time is not there.
const PATIENCE: Duration = Duration::from_secs(10);

impl Target {
    /// Reads an address: `postgres://user@host:port/database`, or with `?host=/directory` for a
    /// socket. `sslmode` is `verify-full` (the default), `verify-ca`, or `disable`, which is the
    /// default and allowed for sockets and this machine alone. `sslrootcert` is a PEM file; without
    /// it, the authorities count that browsers trust. The password never stands in the address.
    ///
    /// # Errors
    ///
    /// When the address cannot be read, or wants a connection that could be listened to, or the
    /// file of authorities cannot be read.
    pub fn parse(address: &str, password: Option<Password>) -> Result<Self, TargetError> {
        let parts = url::read(address)?;
        let tls = match (&parts.place, parts.mode.as_deref()) {
            (Place::Socket(..), None | Some("disable")) => None,
            (Place::Socket(..), Some(_)) => return Err(TargetError::SocketTls),
            (Place::Tcp(host, _), None | Some("disable")) if is_this_machine(host) => None,
            (Place::Tcp(..), Some("disable")) => return Err(TargetError::Exposed),
            (Place::Tcp(host, _), None | Some("verify-full")) => {
                Some(tls::setup(host, parts.authorities.as_deref(), true)?)
            }
            (Place::Tcp(host, _), Some("verify-ca")) => {
                Some(tls::setup(host, parts.authorities.as_deref(), false)?)
            }
            (Place::Tcp(..), Some(mode)) => {
                return Err(TargetError::Unverified {
                    mode: mode.to_owned(),
                });
            }
        };
        Ok(Self {
            database: parts.database.unwrap_or_else(|| parts.user.clone()),
            user: parts.user,
            place: parts.place,
            password,
            tls,
            patience: parts.patience.unwrap_or(PATIENCE),
        })
    }

    /// The same server and account with another database.
    #[must_use]
    pub fn with_database(mut self, database: &str) -> Self {
        database.clone_into(&mut self.database);
        self
    }

    /// How long to wait for a connection, if nobody says otherwise.
    #[must_use]
    pub const fn patience(&self) -> Duration {
        self.patience
    }

    /// Host and port, or the socket; for messages to operators.
    #[must_use]
    pub fn place(&self) -> String {
        self.place.to_string()
    }

    /// The account.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }
}

/// Whether a host is this machine by its name or number. Whether the name also leads here is seen
/// once it is resolved.
fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(address: &str) -> TargetError {
        Target::parse(address, None).unwrap_err()
    }

    #[test]
    fn addresses_are_read_in_every_form() {
        let target = Target::parse("postgres://app@db.example:6000/shop", None).unwrap();
        assert_eq!(target.place(), "db.example:6000");
        assert_eq!((target.user(), target.database()), ("app", "shop"));
        assert!(target.tls.is_some());
        let target = Target::parse("postgresql://app@[::1]/", None).unwrap();
        assert_eq!(target.place, Place::Tcp("::1".into(), 5432));
        assert_eq!(target.database(), "app");
        assert!(target.tls.is_none());
        for address in [
            "postgres://a%20b@%2Frun%2Fpg:7/x",
            "postgres://a%20b@/x?host=/run/pg&port=7",
            "postgres://a%20b@/x?port=7&host=%2Frun%2Fpg&connect_timeout=3",
        ] {
            let target = Target::parse(address, None).unwrap();
            assert_eq!(target.place, Place::Socket("/run/pg".into(), 7));
            assert_eq!((target.user(), target.database()), ("a b", "x"));
        }
    }

    #[test]
    fn tls_that_proves_nothing_is_refused() {
        for mode in ["require", "prefer", "allow", "verify_full", ""] {
            let error = refused(&format!("postgres://a@db.example/x?sslmode={mode}"));
            assert!(matches!(error, TargetError::Unverified { .. }), "{mode}");
        }
        let exposed = refused("postgres://a@db.example/x?sslmode=disable");
        assert!(matches!(exposed, TargetError::Exposed));
        let socket = refused("postgres://a@/x?host=/run&sslmode=verify-full");
        assert!(matches!(socket, TargetError::SocketTls));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for address in [
            "mysql://a@h/x",
            "postgres://h/x",
            "postgres://@h/x",
            "postgres://a@/x",
            "postgres://a:b@h/x",
            "postgres://a@h:0/x",
            "postgres://a@h:x/x",
            "postgres://a@h,i/x",
            "postgres://a@h/x/y",
            "postgres://a@h/%ff",
            "postgres://a@h/%4",
            "postgres://a%00@h/x",
            "postgres://a@h/x?host=/run&host=/else",
            "postgres://a@[::1/x",
        ] {
            let error = refused(address);
            assert!(
                matches!(error, TargetError::Url { .. }),
                "{address}: {error}"
            );
        }
        for name in ["options", "password", "channel_binding", "sslnegotiation"] {
            let error = refused(&format!("postgres://a@h/x?{name}=1"));
            assert!(matches!(error, TargetError::Setting { .. }), "{name}");
        }
        let absent = refused("postgres://a@h/x?sslrootcert=/nowhere.pem");
        assert!(matches!(absent, TargetError::Authorities { .. }));
    }

    #[test]
    fn a_password_is_not_printed() {
        let target = Target::parse("postgres://a@localhost/x", Some(Password::new("hunter2")));
        assert!(!format!("{target:?}").contains("hunter2"));
    }
}
