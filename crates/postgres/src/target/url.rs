//! Reads the text of an address.

use std::path::PathBuf;
use std::time::Duration;

use super::{Place, TargetError};

const PORT: u16 = 5432;

/// What an address says.
pub(super) struct Parts {
    pub(super) place: Place,
    pub(super) user: String,
    pub(super) database: Option<String>,
    pub(super) mode: Option<String>,
    pub(super) authorities: Option<PathBuf>,
    pub(super) patience: Option<Duration>,
}

#[derive(Default)]
struct Settings {
    host: Option<String>,
    port: Option<String>,
    mode: Option<String>,
    authorities: Option<String>,
    patience_s: Option<String>,
}

const fn wrong(reason: &'static str) -> TargetError {
    TargetError::Url { reason }
}

pub(super) fn read(address: &str) -> Result<Parts, TargetError> {
    let rest = address
        .strip_prefix("postgres://")
        .or_else(|| address.strip_prefix("postgresql://"))
        .ok_or(wrong("it does not begin with postgres://"))?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    if database.contains('/') {
        return Err(wrong("there is a `/` in the database's name"));
    }
    let (user, host) = authority
        .rsplit_once('@')
        .ok_or(wrong("it names no user"))?;
    if user.contains(':') {
        return Err(wrong("it holds a password, which belongs into the secrets"));
    }
    let user = decode(user)?;
    if user.is_empty() {
        return Err(wrong("it names no user"));
    }
    let settings = settings(query)?;
    let (host, port) = host_and_port(host)?;
    let host = match (host, settings.host) {
        (Some(_), Some(_)) => return Err(wrong("it names two hosts")),
        (Some(host), None) | (None, Some(host)) => host,
        (None, None) => return Err(wrong("it names no host")),
    };
    let port = match (port, settings.port) {
        (Some(_), Some(_)) => return Err(wrong("it names two ports")),
        (Some(port), None) | (None, Some(port)) => port
            .parse()
            .ok()
            .filter(|port| *port != 0)
            .ok_or(wrong("the port is no number of a port"))?,
        (None, None) => PORT,
    };
    if host.contains(',') {
        return Err(wrong("it names several hosts"));
    }
    let place = if host.starts_with('/') {
        Place::Socket(host.into(), port)
    } else {
        Place::Tcp(host, port)
    };
    let patience = settings
        .patience_s
        .map(|seconds| {
            seconds
                .parse()
                .map_err(|_| wrong("connect_timeout is no number"))
        })
        .transpose()?
        .map(Duration::from_secs);
    Ok(Parts {
        place,
        user,
        database: Some(decode(database)?).filter(|name| !name.is_empty()),
        mode: settings.mode,
        authorities: settings.authorities.map(PathBuf::from),
        patience,
    })
}

fn host_and_port(text: &str) -> Result<(Option<String>, Option<String>), TargetError> {
    let (host, port) = if let Some(bracketed) = text.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']').ok_or(wrong("a `]` is missing"))?;
        match rest.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None if rest.is_empty() => (host, None),
            None => return Err(wrong("there is something behind the `]`")),
        }
    } else {
        match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        }
    };
    let host = Some(decode(host)?).filter(|host| !host.is_empty());
    Ok((host, port.map(ToOwned::to_owned)))
}

fn settings(query: &str) -> Result<Settings, TargetError> {
    let mut settings = Settings::default();
    for setting in query.split('&').filter(|setting| !setting.is_empty()) {
        let (name, value) = setting
            .split_once('=')
            .ok_or(wrong("a setting has no value"))?;
        let slot = match name {
            "host" => &mut settings.host,
            "port" => &mut settings.port,
            "sslmode" => &mut settings.mode,
            "sslrootcert" => &mut settings.authorities,
            "connect_timeout" => &mut settings.patience_s,
            _ => {
                return Err(TargetError::Setting {
                    name: name.to_owned(),
                });
            }
        };
        if slot.replace(decode(value)?).is_some() {
            return Err(wrong("a setting stands twice"));
        }
    }
    Ok(settings)
}

/// Resolves `%xx`. A `+` is a plus.
fn decode(text: &str) -> Result<String, TargetError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = if byte == b'%' {
            let mut digit = || {
                rest.next()
                    .and_then(|digit| char::from(digit).to_digit(16))
                    .and_then(|digit| u8::try_from(digit).ok())
                    .ok_or(wrong("a `%` is not followed by two digits"))
            };
            digit()? << 4 | digit()?
        } else {
            byte
        };
        if byte == 0 {
            return Err(wrong("it holds a NUL"));
        }
        bytes.push(byte);
    }
    String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8"))
}
