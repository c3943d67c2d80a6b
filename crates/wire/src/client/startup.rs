//! The first packets of a connection, which have no type byte.

use bytes::{Bytes, BytesMut};

use crate::body::Body;
use crate::limits::{
    CANCEL_KEY_BYTES_MAX, NAME_BYTES_MAX, STARTUP_BYTES_MAX, STARTUP_PARAMETERS_MAX,
};
use crate::{Cancel, Error, Version};

const MESSAGE: &str = "a startup packet";
const CANCEL: u32 = 80_877_102;
const SSL: u32 = 80_877_103;
const GSS: u32 = 80_877_104;
/// Length and code.
const HEADER_BYTES: usize = 8;
/// What the names of protocol extensions begin with.
const EXTENSION: &str = "_pq_.";

/// What a client may send first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Startup {
    /// Whether TLS is spoken. It is answered with one byte, `S` or `N`. If the buffer is not empty
    /// after this, somebody put bytes in front of TLS: close the connection.
    Tls,
    /// Whether GSSAPI encryption is spoken. It is answered with one byte, `G` or `N`.
    Gss,
    /// Whose running statement shall stop. It is not answered.
    Cancel(Cancel),
    /// Who wants a session.
    Session(StartupMessage),
}

/// The wish for a session: parameters with distinct names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartupMessage {
    version: Version,
    parameters: Vec<(String, String)>,
}

impl StartupMessage {
    /// The version that the client wants.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Who it says that it is: neither empty nor longer than a name may be.
    #[must_use]
    pub fn user(&self) -> &str {
        // INVARIANT: `read` refuses a message without it.
        self.parameter("user").unwrap_or_default()
    }

    /// The database that it wants: the user's name, if it does not say one, as in PostgreSQL.
    #[must_use]
    pub fn database(&self) -> &str {
        match self.parameter("database") {
            None | Some("") => self.user(),
            Some(name) => name,
        }
    }

    /// A parameter by its exact name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }

    /// All parameters in their order, `user` and `database` among them, extensions not.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .filter(|(key, _)| !key.starts_with(EXTENSION))
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The protocol extensions that are asked for (`_pq_.` names). None is spoken here:
    /// NegotiateProtocolVersion lists them.
    pub fn extensions(&self) -> impl Iterator<Item = &str> {
        self.parameters
            .iter()
            .filter(|(key, _)| key.starts_with(EXTENSION))
            .map(|(key, _)| key.as_str())
    }

    /// Whether the client gets just what it asks for, so that no NegotiateProtocolVersion is needed.
    #[must_use]
    pub fn is_spoken(&self) -> bool {
        self.version.is_spoken() && self.extensions().next().is_none()
    }

    fn read(version: Version, mut body: Body<'_>) -> Result<Self, Error> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        loop {
            let name = body.text("a parameter's name")?;
            if name.is_empty() {
                break;
            }
            let value = body.text("a parameter's value")?;
            // Which of two wins differs between programs, and that difference is the attack.
            if parameters.iter().any(|(known, _)| known == name) {
                return Err(Error::Twice {
                    message: MESSAGE,
                    field: "a parameter",
                });
            }
            if parameters.len() == STARTUP_PARAMETERS_MAX {
                return Err(Error::Limit {
                    message: MESSAGE,
                    field: "the list of parameters",
                    limit: STARTUP_PARAMETERS_MAX,
                });
            }
            parameters.push((name.to_owned(), value.to_owned()));
        }
        let message = Self {
            version,
            parameters,
        };
        if message.user().is_empty() {
            return Err(body.refuse("the user"));
        }
        for (field, name) in [
            ("the user", message.user()),
            ("the database", message.database()),
        ] {
            if name.len() > NAME_BYTES_MAX {
                return Err(Error::Limit {
                    message: MESSAGE,
                    field,
                    limit: NAME_BYTES_MAX,
                });
            }
        }
        body.end()?;
        Ok(message)
    }
}

/// Takes the next packet out of a buffer, or `None` while it is not whole.
///
/// How often which packet may come is for the caller to say: a TLS request once, nothing of this
/// kind after a wish for a session.
///
/// # Errors
///
/// When the packet is longer than PostgreSQL would take, its version is unknown, or its body is not
/// what it must be.
pub fn take_startup(buffer: &mut BytesMut) -> Result<Option<Startup>, Error> {
    let Some(length) = buffer.first_chunk().copied().map(u32::from_be_bytes) else {
        return Ok(None);
    };
    if length < HEADER_BYTES as u32 {
        return Err(Error::TooShort {
            message: MESSAGE,
            length,
        });
    }
    if length > STARTUP_BYTES_MAX {
        return Err(Error::TooLong {
            message: MESSAGE,
            length,
            limit: STARTUP_BYTES_MAX,
        });
    }
    if buffer.len() < length as usize {
        return Ok(None);
    }
    let packet = buffer.split_to(length as usize).freeze();
    read(&packet).map(Some)
}

fn read(packet: &Bytes) -> Result<Startup, Error> {
    let mut body = Body::new(MESSAGE, packet, 4);
    let startup = match body.u32("the version")? {
        SSL => Startup::Tls,
        GSS => Startup::Gss,
        CANCEL => {
            let mut body = Body::new("CancelRequest", packet, HEADER_BYTES);
            let process = body.u32("the process")?;
            let key = body.rest();
            if key.len() > CANCEL_KEY_BYTES_MAX {
                return Err(body.refuse("the secret"));
            }
            return Cancel::new(process, key).map(Startup::Cancel);
        }
        code => {
            let version = Version::from_code(code)?;
            return StartupMessage::read(version, body).map(Startup::Session);
        }
    };
    body.end()?;
    Ok(startup)
}
