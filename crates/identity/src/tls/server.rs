//! The listener's configuration, read from files: TLS 1.2 and 1.3 with ring, optional client
//! certificates, and no way back to plain text.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig};

use super::end_point::EndPoint;
use crate::error::IdentityError;
use crate::secret_file;

/// The protocol that a client names in its handshake; for TLS without SSLRequest it must.
pub const ALPN: &[u8] = b"postgresql";

/// Where the listener's certificates lie, all in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The server's certificate, then its chain without the root.
    pub certificate: PathBuf,
    /// The key of the first certificate, mode 0600.
    pub key: PathBuf,
    /// The authorities whose client certificates count; without them no client is asked for one.
    pub client_ca: Option<PathBuf>,
    /// Revocation lists of those authorities. With a list, a certificate whose authority has none
    /// here, or one that is out of date, is refused.
    pub revoked: Option<PathBuf>,
}

/// The listener's TLS, ready for connections.
#[derive(Clone, Debug)]
pub struct ServerTls {
    config: Arc<ServerConfig>,
    end_point: Option<EndPoint>,
}

impl ServerTls {
    /// Reads and checks everything: key and certificate belong together, lists can be read. A listener
    /// must not start after an error.
    ///
    /// # Errors
    /// [`IdentityError::CertificateFile`] with file and cause.
    pub fn load(files: &Files) -> Result<Self, IdentityError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = client_verifier(files, &provider)?;
        let chain = certificates(&files.certificate)?;
        let end_point = chain
            .first()
            .and_then(|leaf| EndPoint::of_certificate(leaf));
        let key = key(&files.key)?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map(|builder| builder.with_client_cert_verifier(verifier))
            .and_then(|builder| builder.with_single_cert(chain, key))
            .map_err(|error| {
                let cause = format!(
                    "it does not go with the key `{}`: {error}",
                    files.key.display()
                );
                bad(
                    &files.certificate,
                    cause,
                    "give a certificate and its own key",
                )
            })?;
        config.alpn_protocols = vec![ALPN.to_vec()];
        // A resumed session brings its client certificate along without verifying it again, so that a
        // revocation would not reach it. Connections to databases are long; nothing is lost.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self {
            config: Arc::new(config),
            end_point,
        })
    }

    /// For `tokio_rustls::TlsAcceptor` or `rustls::ServerConnection`.
    pub fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    /// What SCRAM binds to; `None` where the certificate's signature has no binding (Ed25519).
    pub const fn end_point(&self) -> Option<&EndPoint> {
        self.end_point.as_ref()
    }
}

fn client_verifier(
    files: &Files,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, IdentityError> {
    let Some(path) = &files.client_ca else {
        return match &files.revoked {
            None => Ok(WebPkiClientVerifier::no_client_auth()),
            Some(path) => Err(bad(
                path,
                "there is no client authority whose certificates it could revoke",
                "name the authority's file too, or take the list out",
            )),
        };
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| {
            let cause = format!("it holds a certificate that is no authority: {error}");
            bad(
                path,
                cause,
                "put only the client authority's certificates there",
            )
        })?;
    }
    let mut builder =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
            .allow_unauthenticated();
    if let Some(path) = &files.revoked {
        builder = builder
            .with_crls(revocation_lists(path)?)
            .only_check_end_entity_revocation()
            .enforce_revocation_expiration();
    }
    builder.build().map_err(|error| {
        let path = files.revoked.as_ref().unwrap_or(path);
        bad(
            path,
            error.to_string(),
            "make the file again with the authority's tools",
        )
    })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    let text = fs::read(path).map_err(IdentityError::io("read", path))?;
    all(path, &text, "certificate")
}

fn revocation_lists(
    path: &Path,
) -> Result<Vec<CertificateRevocationListDer<'static>>, IdentityError> {
    let text = fs::read(path).map_err(IdentityError::io("read", path))?;
    all(path, &text, "revocation list")
}

/// Everything of one kind in a PEM text; nothing is an error.
fn all<Item: PemObject>(path: &Path, text: &[u8], kind: &str) -> Result<Vec<Item>, IdentityError> {
    let found: Result<Vec<Item>, _> = Item::pem_slice_iter(text).collect();
    let found = found.map_err(|error| {
        let cause = format!("it cannot be read as PEM: {error}");
        bad(
            path,
            cause,
            "make the file again with the authority's tools",
        )
    })?;
    if found.is_empty() {
        let cause = format!("it holds no {kind} in PEM");
        return Err(bad(path, cause, "is it the right file, and not in DER?"));
    }
    Ok(found)
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, IdentityError> {
    let remedy = "write the certificate's key there, in PEM and without a passphrase";
    let text = secret_file::read(path)?.ok_or_else(|| bad(path, "it is not there", remedy))?;
    // The cause is not repeated: it may quote the file.
    PrivateKeyDer::from_pem_slice(text.as_bytes())
        .map_err(|_| bad(path, "it holds no private key that can be read", remedy))
}

fn bad(path: &Path, cause: impl Into<String>, remedy: &'static str) -> IdentityError {
    IdentityError::CertificateFile {
        path: path.to_owned(),
        cause: cause.into(),
        remedy,
    }
}
