//! Opens a link to a server, over a socket or over TCP.

use std::time::Duration;

use tokio_postgres::config::{ChannelBinding, SslMode, SslNegotiation};
use tokio_postgres::{Client, Config, NoTls};

/// LIMIT: a server that does not answer within this time is not there. Operators may say otherwise
/// in the URL (`connect_timeout`).
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL cannot be read.
    #[error("the upstream's url cannot be read: write postgresql://user@host:port/database")]
    Url(#[source] tokio_postgres::Error),
    /// The URL wants TLS and this version has none. It is never left out silently.
    #[error(
        "the upstream's url asks for TLS (`{setting}`), which this version does not speak: remove it \
         only where the way to the server is private"
    )]
    Tls {
        /// The setting that asks for it.
        setting: &'static str,
    },
    /// The server is not there or does not let us in.
    #[error("cannot connect to the upstream: check its url, that it runs, and that it lets us in")]
    Refused(#[source] tokio_postgres::Error),
}

/// Connects to the server that a URL names.
///
/// The link is driven by a task of its own, which ends when the client is dropped; so this must be
/// called inside a tokio runtime.
///
/// # Errors
///
/// When the URL is wrong or wants TLS, or the server refuses.
pub async fn connect(url: &str) -> Result<Client, ConnectError> {
    let mut config: Config = url.parse().map_err(ConnectError::Url)?;
    refuse_tls(&config)?;
    config.ssl_mode(SslMode::Disable);
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(PATIENCE);
    }
    if config.get_application_name().is_none() {
        config.application_name("cordon");
    }
    let (client, connection) = config.connect(NoTls).await.map_err(ConnectError::Refused)?;
    // A link that breaks makes every later request on the client fail, which says it to who asks.
    tokio::spawn(async move { connection.await.unwrap_or_default() });
    Ok(client)
}

/// `prefer` is what a URL without any setting says, so it counts as no wish.
fn refuse_tls(config: &Config) -> Result<(), ConnectError> {
    let setting = match (
        config.get_ssl_mode(),
        config.get_channel_binding(),
        config.get_ssl_negotiation(),
    ) {
        (
            SslMode::Disable | SslMode::Prefer,
            ChannelBinding::Disable | ChannelBinding::Prefer,
            SslNegotiation::Postgres,
        ) => {
            return Ok(());
        }
        (SslMode::Disable | SslMode::Prefer, ChannelBinding::Require, _) => "channel_binding",
        (SslMode::Disable | SslMode::Prefer, _, SslNegotiation::Direct) => "sslnegotiation",
        // The type may grow; a mode that is not known here is a stricter one.
        _ => "sslmode",
    };
    Err(ConnectError::Tls { setting })
}
