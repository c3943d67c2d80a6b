//! From a connection to a session: who we are, how we prove it, and what the server says at first.

use wire::backend::{Authentication, Frame, Incoming, Message};
use wire::{Cancel, Minor, Severity, frontend};

use super::channel::Channel;
use crate::error::LinkError;
use crate::scram::{Binding, First, Last};
use crate::settings::Pins;
use crate::target::Target;

const MECHANISM: &str = "SCRAM-SHA-256";
const MECHANISM_PLUS: &str = "SCRAM-SHA-256-PLUS";

/// What a server says about a session when it begins.
#[derive(Debug, Default)]
pub(super) struct Greeting {
    pub(super) cancel: Option<Cancel>,
    pub(super) server_version: Option<String>,
}

/// Logs in and reads up to the first ReadyForQuery.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else may come some day, it cannot come here"
)]
pub(super) async fn log_in(
    channel: &mut Channel,
    target: &Target,
    pins: &mut Pins,
) -> Result<Greeting, LinkError> {
    let who = [
        ("user", target.user.as_str()),
        ("database", target.database.as_str()),
    ];
    frontend::startup(
        &mut channel.outbox,
        Minor::Zero,
        who.into_iter().chain(pins.startup()),
    )?;
    authenticate(channel, target).await?;
    let mut greeting = Greeting::default();
    loop {
        let frame = control(channel).await?;
        match frame.message()? {
            Message::BackendKeyData(cancel) => greeting.cancel = Some(cancel),
            Message::ParameterStatus { name, value } => {
                pins.check(name, value)?;
                if name == "server_version" {
                    greeting.server_version = Some(value.to_owned());
                }
            }
            Message::ReadyForQuery(wire::TransactionStatus::Idle) => return Ok(greeting),
            Message::Notice(_) => {}
            _ => return Err(unexpected(&frame)),
        }
    }
}

/// The next message of a server that has no rows to send yet. An error of its is ours.
async fn control(channel: &mut Channel) -> Result<Frame, LinkError> {
    match channel.next().await? {
        Incoming::Rows(_) => Err(LinkError::Unexpected { what: "rows" }),
        Incoming::Control(frame) => {
            if let Message::Error(report) = frame.message()? {
                return Err(LinkError::Refused {
                    sqlstate: report.sqlstate,
                    message: report.message.to_owned(),
                });
            }
            Ok(frame)
        }
    }
}

fn unexpected(frame: &Frame) -> LinkError {
    LinkError::Unexpected {
        what: frame.tag().name(),
    }
}

/// Answers until the server is convinced, and is convinced itself.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else may come some day, it cannot come here"
)]
async fn authenticate(channel: &mut Channel, target: &Target) -> Result<(), LinkError> {
    let mut first: Option<First> = None;
    let mut last: Option<Last> = None;
    let mut is_asked = false;
    loop {
        let frame = control(channel).await?;
        let request = match frame.message()? {
            Message::Authentication(request) => request,
            Message::Notice(_) => continue,
            _ => return Err(unexpected(&frame)),
        };
        match request {
            // A server that began SCRAM must end it: who leaves out the last message does not know
            // the password.
            Authentication::Ok if first.is_none() && last.is_none() => return Ok(()),
            Authentication::Cleartext if !is_asked => {
                if !channel.stream().is_tls() {
                    return Err(LinkError::Method {
                        method: "a password in clear",
                    });
                }
                frontend::password(&mut channel.outbox, password(target)?)?;
            }
            Authentication::Sasl(mechanisms) if !is_asked => {
                password(target)?;
                let offered: Vec<&str> = mechanisms.iter().collect();
                first = Some(begin(channel, &offered)?);
            }
            Authentication::SaslContinue(data) => {
                let Some(begun) = first.take() else {
                    return Err(unexpected(&frame));
                };
                last = Some(prove(channel, target, begun, data).await?);
                is_asked = true;
                continue;
            }
            Authentication::SaslFinal(data) => {
                let Some(proven) = last.take() else {
                    return Err(unexpected(&frame));
                };
                proven.check(data)?;
            }
            Authentication::Md5 => return Err(LinkError::Method { method: "md5" }),
            Authentication::Gss => return Err(LinkError::Method { method: "gss" }),
            Authentication::Sspi => return Err(LinkError::Method { method: "sspi" }),
            Authentication::Kerberos => return Err(LinkError::Method { method: "kerberos" }),
            Authentication::Ok | Authentication::Cleartext | Authentication::Sasl(_) => {
                return Err(unexpected(&frame));
            }
        }
        is_asked = true;
    }
}

fn password(target: &Target) -> Result<&str, LinkError> {
    let password = target.password.as_ref().ok_or(LinkError::NoPassword)?;
    Ok(password.reveal())
}

/// Chooses the mechanism that binds to TLS if there is something to bind to.
fn begin(channel: &mut Channel, offered: &[&str]) -> Result<First, LinkError> {
    let binding = match channel.stream().endpoint_hash() {
        None => Binding::Absent,
        Some(hash) if offered.contains(&MECHANISM_PLUS) => Binding::Endpoint(hash),
        Some(_) => Binding::NotOffered,
    };
    if !offered.contains(&binding.mechanism()) {
        return Err(LinkError::Method {
            method: if offered.contains(&MECHANISM_PLUS) && !offered.contains(&MECHANISM) {
                "SCRAM-SHA-256-PLUS with a certificate that it cannot bind to"
            } else {
                "a SASL mechanism that is not SCRAM-SHA-256"
            },
        });
    }
    let mut random = [0; 18];
    getrandom::fill(&mut random)
        .map_err(|error| LinkError::Broken(std::io::Error::other(error.to_string())))?;
    let mechanism = binding.mechanism();
    let first = First::new(binding, &random);
    frontend::sasl_initial(
        &mut channel.outbox,
        mechanism,
        Some(first.message().as_bytes()),
    )?;
    Ok(first)
}

async fn prove(
    channel: &mut Channel,
    target: &Target,
    first: First,
    data: &[u8],
) -> Result<Last, LinkError> {
    let challenge = first.challenge(data)?;
    let password = password(target)?.to_owned();
    // Thousands of rounds are milliseconds in which other sessions need not wait.
    let (challenge, salted) = tokio::task::spawn_blocking(move || {
        let salted = challenge.salt(&password);
        (challenge, salted)
    })
    .await
    .map_err(|error| LinkError::Broken(std::io::Error::other(error.to_string())))?;
    let (message, last) = first.prove(&challenge, &salted)?;
    frontend::sasl_response(&mut channel.outbox, message.as_bytes())?;
    Ok(last)
}

/// Whether an error means that the session is over.
pub(super) const fn is_fatal(severity: Severity) -> bool {
    matches!(severity, Severity::Fatal | Severity::Panic)
}
