//! A line inside TLS with a certificate of its person: the second factor.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use identity::certificates::{Authority, Issued, Validity};
use model::{PersonId, Timestamp};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::line::Line;

/// The authority of one stage.
pub struct Certificates(Authority);

const VALIDITY: Validity = Validity {
    from: Timestamp::from_seconds(1_700_000_000),
    until: Timestamp::from_seconds(2_500_000_000),
};

impl Certificates {
    pub fn make() -> Self {
        Self(Authority::make("test", VALIDITY).unwrap())
    }

    /// Writes what the gateway needs into its folder, and says so in its settings' words.
    pub fn write(&self, folder: &std::path::Path) -> &'static str {
        let server = self.0.server(&["localhost"], VALIDITY).unwrap();
        server.write(folder, "server").unwrap();
        std::fs::write(folder.join("ca.crt"), self.0.certificate()).unwrap();
        "[tls]\ncertificate = \"server.crt\"\nkey = \"server.key\"\nclient_authorities = \"ca.crt\"\n"
    }

    /// A connection inside TLS, from the first byte on, of somebody with a certificate.
    pub fn connect(&self, address: SocketAddr, who: &str) -> Line {
        let person = PersonId::new(who).unwrap();
        let Issued { certificate, key } = self.0.client(&person, VALIDITY).unwrap();
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_slice(self.0.certificate().as_bytes());
        roots.add(authority.unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let chain = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![chain], key)
            .unwrap();
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        let name = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Line::over(Box::new(StreamOwned::new(connection, stream)))
    }
}
