//! Which certificates are believed, and what of them SCRAM binds itself to.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::{TargetError, TlsSetup};

/// Sets TLS up for a host. `by_name` says whether the certificate must also be for the host's name.
pub(super) fn setup(
    host: &str,
    authorities: Option<&Path>,
    by_name: bool,
) -> Result<TlsSetup, TargetError> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| TargetError::Tls(error);
    let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(error.into()))?;
    let provider = Arc::new(default_provider());
    let roots = Arc::new(match authorities {
        Some(path) => read(path)?,
        None => RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        },
    });
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.into()))?;
    let chain = WebPkiServerVerifier::builder_with_provider(roots, provider)
        .build()
        .map_err(|error| failed(error.into()))?;
    let mut config = if by_name {
        builder.with_webpki_verifier(chain).with_no_client_auth()
    } else {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyName(chain)))
            .with_no_client_auth()
    };
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(TlsSetup {
        config: Arc::new(config),
        name,
    })
}

fn read(path: &Path) -> Result<RootCertStore, TargetError> {
    let refuse = |source: Box<dyn std::error::Error + Send + Sync>| TargetError::Authorities {
        path: path.to_owned(),
        source,
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| refuse(error.into()))? {
        let certificate = certificate.map_err(|error| refuse(error.into()))?;
        roots
            .add(certificate)
            .map_err(|error| refuse(error.into()))?;
    }
    if roots.is_empty() {
        return Err(refuse("there is no certificate in it".into()));
    }
    Ok(roots)
}

/// `verify-ca`: the chain must hold, the name need not. Everything else is webpki's.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // The name is what webpki looks at last, so this error says that all else holds.
        match self
            .0
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// The hash of a server's certificate that `tls-server-end-point` (RFC 5929) binds to: with the hash
/// of its signature, or SHA-256 in place of MD5 and SHA-1. `None` where the RFC knows none, for
/// Ed25519 for example.
pub(crate) fn endpoint_hash(certificate: &[u8]) -> Option<Vec<u8>> {
    let parsed = Certificate::from_der(certificate).ok()?;
    let oid = parsed.signature_algorithm.oid.to_string();
    match oid.as_str() {
        // RSA with MD5, SHA-1 and SHA-256; ECDSA with SHA-1 and SHA-256.
        "1.2.840.113549.1.1.4"
        | "1.2.840.113549.1.1.5"
        | "1.2.840.113549.1.1.11"
        | "1.2.840.10045.4.1"
        | "1.2.840.10045.4.3.2" => Some(Sha256::digest(certificate).to_vec()),
        // With SHA-384.
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => {
            Some(Sha384::digest(certificate).to_vec())
        }
        // With SHA-512.
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => {
            Some(Sha512::digest(certificate).to_vec())
        }
        _ => None,
    }
}
