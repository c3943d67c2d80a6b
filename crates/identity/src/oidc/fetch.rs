//! One document of an issuer over HTTPS, of bounded size and in bounded time. Follows no redirect and
//! keeps no connection: it is asked once in minutes.

use std::future::poll_fn;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::address::Address;
use crate::error::IdentityError;

/// LIMIT: a discovery document has some 5 KB, a key set of a hundred RSA keys some 80.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// LIMIT: a person waits at the other end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks with one configuration of TLS.
#[derive(Clone)]
pub(super) struct Fetch(TlsConnector);

impl Fetch {
    /// Trusts the authorities of a file, or the public ones.
    pub(super) fn make(authorities: Option<&Path>) -> Result<Self, IdentityError> {
        let roots = match authorities {
            Some(path) => read_roots(path)?,
            None => RootCertStore {
                roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
            },
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| IdentityError::IssuerUnreachable {
                cause: error.to_string(),
            })?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    pub(super) async fn document(&self, from: &Address) -> Result<Vec<u8>, String> {
        let answer = tokio::time::timeout(PATIENCE, self.ask(from)).await;
        answer.unwrap_or_else(|_| Err("it did not answer within 10 seconds".to_owned()))
    }

    async fn ask(&self, from: &Address) -> Result<Vec<u8>, String> {
        let stream = TcpStream::connect((from.host.as_str(), from.port)).await;
        let stream = stream.map_err(|error| error.to_string())?;
        if !from.is_secure {
            return exchange(stream, from).await;
        }
        let name = ServerName::try_from(from.host.clone()).map_err(|error| error.to_string())?;
        let stream = self.0.connect(name, stream).await;
        exchange(stream.map_err(|error| error.to_string())?, from).await
    }
}

async fn exchange<S>(stream: S, from: &Address) -> Result<Vec<u8>, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    let request = Request::get(&from.path)
        .header(header::HOST, &from.authority)
        .header(header::ACCEPT, "application/json")
        .header(header::CONNECTION, "close")
        .body(String::new())
        .map_err(|error| error.to_string())?;
    let answer = async {
        let response = sender.send_request(request).await;
        read(response.map_err(|error| error.to_string())?).await
    };
    let mut connection = std::pin::pin!(connection);
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        // The connection may end before its last bytes have been read; its errors come back there too.
        _ = &mut connection => answer.await,
    }
}

async fn read(response: Response<Incoming>) -> Result<Vec<u8>, String> {
    if response.status() != StatusCode::OK {
        return Err(format!("it answered {}", response.status()));
    }
    let mut incoming = response.into_body();
    let mut body = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut incoming).poll_frame(context)).await {
        let frame = frame.map_err(|error| error.to_string())?;
        // Trailers are nothing to us.
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if body.len() + data.len() > ANSWER_BYTES_MAX {
            return Err("its answer is above 256 KiB".to_owned());
        }
        body.extend_from_slice(&data);
    }
    Ok(body)
}

fn read_roots(path: &Path) -> Result<RootCertStore, IdentityError> {
    let bad = |cause: String| IdentityError::CertificateFile {
        path: path.to_owned(),
        cause,
        remedy: "put the certificates of the issuer's authorities there, in PEM",
    };
    let text = std::fs::read(path).map_err(IdentityError::io("read", path))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate =
            certificate.map_err(|error| bad(format!("it cannot be read as PEM: {error}")))?;
        roots.add(certificate).map_err(|error| {
            bad(format!(
                "it holds a certificate that is no authority: {error}"
            ))
        })?;
    }
    if roots.is_empty() {
        return Err(bad("it holds no certificate in PEM".to_owned()));
    }
    Ok(roots)
}
