//! The first packets: TLS or not, a cancel request, or the wish for a session.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::BytesMut;
use identity::tls::ClientCertificate;
use model::Refusal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use wire::client::{Startup, StartupMessage, take_startup};

use super::{Away, Stranger, claimed};
use crate::gate::Gate;
use crate::problem::Problem;
use crate::session::Stream;

/// The first byte of a TLS handshake: the client speaks TLS without asking (PostgreSQL 17).
const TLS_HANDSHAKE: u8 = 0x16;

/// Up to a wish for a session.
pub(super) async fn negotiate(
    gate: &Arc<Gate>,
    mut stream: TcpStream,
    address: IpAddr,
) -> Result<(Stranger, StartupMessage), Away> {
    let mut first = [0];
    let seen = stream.peek(&mut first).await.map_err(|_| Away::Quietly)?;
    if seen == 1 && first == [TLS_HANDSHAKE] {
        let stranger = accept_tls(gate, stream, address, true).await?;
        return wish(gate, stranger).await;
    }
    let mut inbox = BytesMut::new();
    let mut asked_gss = false;
    let mut asked_tls = false;
    loop {
        match take_startup(&mut inbox) {
            Ok(Some(Startup::Tls)) => {
                // Bytes in front of TLS would be read as if they had come inside it.
                if !inbox.is_empty() {
                    return Err(Away::Quietly);
                }
                // Nobody who was told No asks again.
                if std::mem::replace(&mut asked_tls, true) {
                    return Err(Away::Quietly);
                }
                if gate.doors().tls.is_none() {
                    stream.write_all(b"N").await.map_err(|_| Away::Quietly)?;
                    continue;
                }
                stream.write_all(b"S").await.map_err(|_| Away::Quietly)?;
                let stranger = accept_tls(gate, stream, address, false).await?;
                return wish(gate, stranger).await;
            }
            Ok(Some(Startup::Gss)) if !asked_gss && inbox.is_empty() => {
                asked_gss = true;
                stream.write_all(b"N").await.map_err(|_| Away::Quietly)?;
            }
            Ok(Some(Startup::Gss)) => return Err(Away::Quietly),
            Ok(Some(Startup::Cancel(cancel))) => {
                gate.cancel(&cancel, address).await;
                return Err(Away::Quietly);
            }
            Ok(Some(Startup::Session(message))) => {
                let stranger = Stranger {
                    stream: Box::new(stream),
                    inbox,
                    address,
                    is_tls: false,
                    certificate: None,
                };
                if gate.doors().plain && address.is_loopback() {
                    return Ok((stranger, message));
                }
                let problem = Problem::refusal(Refusal::TlsNeeded, "");
                let claimed = claimed(&message, address);
                return Err(Away::Told(stranger, Box::new(problem), claimed));
            }
            Ok(None) => {
                let read = stream.read_buf(&mut inbox).await;
                if !matches!(read, Ok(count) if count > 0) {
                    return Err(Away::Quietly);
                }
            }
            Err(error) => {
                let stranger = Stranger {
                    stream: Box::new(stream),
                    inbox: BytesMut::new(),
                    address,
                    is_tls: false,
                    certificate: None,
                };
                return Err(malformed(stranger, &error));
            }
        }
    }
}

/// Inside TLS only a wish for a session or a cancel request may come.
async fn wish(
    gate: &Arc<Gate>,
    mut stranger: Stranger,
) -> Result<(Stranger, StartupMessage), Away> {
    loop {
        match take_startup(&mut stranger.inbox) {
            Ok(Some(Startup::Session(message))) => return Ok((stranger, message)),
            Ok(Some(Startup::Cancel(cancel))) => {
                gate.cancel(&cancel, stranger.address).await;
                // libpq takes a connection that ends without TLS's own end for a failure.
                let _ = stranger.stream.shutdown().await;
                return Err(Away::Quietly);
            }
            Ok(Some(Startup::Tls | Startup::Gss)) => return Err(Away::Quietly),
            Ok(None) => stranger.read().await.map_err(|_| Away::Quietly)?,
            Err(error) => return Err(malformed(stranger, &error)),
        }
    }
}

fn malformed(stranger: Stranger, error: &wire::Error) -> Away {
    let about = error.to_string();
    let problem = Problem::refusal(Refusal::ProtocolViolation, &about);
    let claimed = format!("address={}", stranger.address);
    Away::Told(stranger, Box::new(problem), claimed)
}

async fn accept_tls(
    gate: &Arc<Gate>,
    stream: TcpStream,
    address: IpAddr,
    is_direct: bool,
) -> Result<Stranger, Away> {
    let doors = gate.doors();
    let Some(tls) = &doors.tls else {
        return Err(Away::Quietly);
    };
    let accepted = TlsAcceptor::from(tls.config()).accept(stream).await;
    let stream = accepted.map_err(|error| {
        tracing::debug!(%error, "a TLS handshake failed");
        Away::Quietly
    })?;
    let (_, connection) = stream.get_ref();
    // Without the protocol's name, TLS that was meant for another service could be replayed here.
    if is_direct && connection.alpn_protocol() != Some(b"postgresql") {
        return Err(Away::Quietly);
    }
    let certificate = ClientCertificate::of_connection(connection);
    let boxed: Box<dyn Stream> = Box::new(stream);
    let stranger = |certificate| Stranger {
        stream: boxed,
        inbox: BytesMut::new(),
        address,
        is_tls: true,
        certificate,
    };
    match certificate {
        Ok(certificate) => Ok(stranger(certificate)),
        Err(error) => {
            let problem = super::identify::problem(&error);
            let claimed = format!("address={address}");
            Err(Away::Told(stranger(None), Box::new(problem), claimed))
        }
    }
}
