//! The listener's TLS with a real client library on the other side, in memory.

use std::sync::Arc;

use identity::IdentityError;
use identity::certificates::{Authority, Issued};
use identity::tls::{ALPN, ClientCertificate, EndPoint, Files, ServerTls};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConnection};

use crate::made::{Place, long, openssl, person, validity};

struct Client<'a> {
    certificate: Option<&'a Issued>,
    alpn: Option<&'a [u8]>,
    version: &'static rustls::SupportedProtocolVersion,
}

const CLIENT: Client<'static> = Client {
    certificate: None,
    alpn: Some(ALPN),
    version: &TLS13,
};

impl Client<'_> {
    fn connection(&self, place: &Place) -> ClientConnection {
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_slice(place.authority.certificate().as_bytes());
        roots.add(ca.unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[self.version])
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match self.certificate {
            None => builder.with_no_client_auth(),
            Some(issued) => {
                let chain = CertificateDer::from_pem_slice(issued.certificate.as_bytes());
                let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap();
                builder
                    .with_client_auth_cert(vec![chain.unwrap()], key)
                    .unwrap()
            }
        };
        config.alpn_protocols = self.alpn.iter().map(|name| name.to_vec()).collect();
        ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap()
    }

    /// Handshakes until both are done or one refuses.
    fn connect(&self, place: &Place, files: &Files) -> Result<ServerConnection, rustls::Error> {
        let tls = ServerTls::load(files).unwrap();
        let mut server = ServerConnection::new(tls.config()).unwrap();
        let mut client = self.connection(place);
        for _ in 0..10 {
            let mut bytes = Vec::new();
            while client.wants_write() {
                client.write_tls(&mut bytes).unwrap();
            }
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                server.read_tls(&mut rest).unwrap();
                server.process_new_packets()?;
            }
            let mut bytes = Vec::new();
            while server.wants_write() {
                server.write_tls(&mut bytes).unwrap();
            }
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                client.read_tls(&mut rest).unwrap();
                client.process_new_packets()?;
            }
        }
        assert!(!server.is_handshaking() && !client.is_handshaking());
        Ok(server)
    }
}

/// What a listener learns of a client that shows this certificate.
pub fn shown(place: &Place, issued: &Issued) -> Result<Option<ClientCertificate>, IdentityError> {
    let client = Client {
        certificate: Some(issued),
        ..CLIENT
    };
    let connection = client.connect(place, &place.files()).unwrap();
    ClientCertificate::of_connection(&connection)
}

#[test]
fn both_versions_of_tls_connect_and_agree_on_the_protocol() {
    let place = Place::make();
    for version in [&TLS12, &TLS13] {
        let client = Client { version, ..CLIENT };
        let server = client.connect(&place, &place.files()).unwrap();
        assert_eq!(server.protocol_version(), Some(version.version));
        assert_eq!(server.alpn_protocol(), Some(ALPN));
        assert_eq!(ClientCertificate::of_connection(&server).unwrap(), None);
    }
}

#[test]
fn a_client_of_another_protocol_is_refused_and_one_that_names_none_is_not() {
    let place = Place::make();
    let connect = |alpn| Client { alpn, ..CLIENT }.connect(&place, &place.files());
    assert!(connect(Some(b"http/1.1".as_slice())).is_err());
    assert_eq!(connect(None).unwrap().alpn_protocol(), None);
}

#[test]
fn no_session_is_resumed() {
    let place = Place::make();
    let tls = ServerTls::load(&place.files()).unwrap();
    assert_eq!(tls.config().send_tls13_tickets, 0);
    assert!(!tls.config().session_storage.can_cache());
    assert!(!tls.config().ticketer.enabled());
}

#[test]
fn a_verified_certificate_names_its_person() {
    let place = Place::make();
    for version in [&TLS12, &TLS13] {
        let issued = place.client("ana.home");
        let client = Client {
            certificate: Some(&issued),
            version,
            ..CLIENT
        };
        let server = client.connect(&place, &place.files()).unwrap();
        let found = ClientCertificate::of_connection(&server).unwrap().unwrap();
        assert_eq!(found.person(), &person("ana.home"));
        assert_eq!(found.not_after(), long().until);
        assert_eq!(found.fingerprint().to_string().len(), 64);
        assert!(!found.serial().is_empty());
    }
}

#[test]
fn certificates_that_do_not_count_end_the_handshake() {
    let place = Place::make();
    let ana = person("ana");
    let server_use = place.authority.server(&["ana"], long()).unwrap();
    let expired = validity("2020-01-01", "2020-02-01");
    let later = validity("2098-01-01", "2099-01-01");
    let stranger = Authority::make("Test authority", long()).unwrap();
    for (what, issued) in [
        ("another authority", stranger.client(&ana, long()).unwrap()),
        ("expired", place.authority.client(&ana, expired).unwrap()),
        (
            "not yet valid",
            place.authority.client(&ana, later).unwrap(),
        ),
        ("for servers", server_use),
    ] {
        let client = Client {
            certificate: Some(&issued),
            ..CLIENT
        };
        let result = client.connect(&place, &place.files());
        assert!(result.is_err(), "{what}");
    }
}

#[test]
fn a_revoked_certificate_is_refused_and_others_are_not() {
    let place = Place::make();
    let (bad, good) = (place.client("bad"), place.client("good"));
    let serial = shown(&place, &bad).unwrap().unwrap();
    let list = place.authority.revoke(&[serial.serial()], long()).unwrap();
    let files = Files {
        revoked: Some(place.put("revoked.pem", &list)),
        ..place.files()
    };
    let connect = |issued| {
        let certificate = Some(issued);
        Client {
            certificate,
            ..CLIENT
        }
        .connect(&place, &files)
    };
    assert!(connect(&bad).is_err());
    assert!(connect(&good).is_ok());
    assert!(
        CLIENT.connect(&place, &files).is_ok(),
        "no certificate is still allowed"
    );
    // A list that is out of date says nothing about today.
    let old = place
        .authority
        .revoke(&[], validity("2020-01-01", "2020-02-01"));
    place.put("revoked.pem", &old.unwrap());
    assert!(connect(&good).is_err());
}

#[test]
fn files_that_cannot_serve_are_named_with_a_cause() {
    let place = Place::make();
    let other = place.authority.server(&["localhost"], long()).unwrap();
    place.put("other.key", &other.key);
    place.put("empty", "");
    place.put("half.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n");
    place.put(
        "rubbish.crt",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    crate::made::write(&place.path("open.key"), &other.key, 0o644);
    let good = place.files();
    let with = |change: &dyn Fn(&mut Files)| {
        let mut files = good.clone();
        change(&mut files);
        ServerTls::load(&files).unwrap_err().to_string()
    };
    let cases: [(&str, String); 10] = [
        (
            "server.crt",
            with(&|files| files.key = place.path("other.key")),
        ),
        (
            "open.key",
            with(&|files| files.key = place.path("open.key")),
        ),
        (
            "none.key",
            with(&|files| files.key = place.path("none.key")),
        ),
        ("empty", with(&|files| files.key = place.path("empty"))),
        (
            "none.crt",
            with(&|files| files.certificate = place.path("none.crt")),
        ),
        (
            "empty",
            with(&|files| files.certificate = place.path("empty")),
        ),
        (
            "half.crt",
            with(&|files| files.certificate = place.path("half.crt")),
        ),
        (
            "rubbish.crt",
            with(&|files| files.client_ca = Some(place.path("rubbish.crt"))),
        ),
        (
            "ca.crt",
            with(&|files| files.revoked = Some(place.path("ca.crt"))),
        ),
        (
            "empty",
            with(&|files| {
                files.client_ca = None;
                files.revoked = Some(place.path("empty"));
            }),
        ),
    ];
    for (name, error) in cases {
        assert!(error.contains(name), "{name}: {error}");
        assert!(!error.contains("PRIVATE KEY"), "{error}");
    }
}

#[test]
fn a_binding_follows_the_hash_of_the_certificates_signature() {
    use sha2::Digest;
    for (file, expected) in [
        ("sha256", Some(32)),
        ("sha384", Some(48)),
        ("sha512", Some(64)),
        ("sha1", Some(32)),
        ("pss384", Some(48)),
        ("ed25519", None),
    ] {
        let der = made_by_openssl(file);
        let found = EndPoint::of_certificate(&der);
        let expected = expected.map(|length| match length {
            32 => sha2::Sha256::digest(&der).to_vec(),
            48 => sha2::Sha384::digest(&der).to_vec(),
            _ => sha2::Sha512::digest(&der).to_vec(),
        });
        assert_eq!(found.map(|end| end.as_bytes().to_vec()), expected, "{file}");
    }
    assert_eq!(EndPoint::of_certificate(b"no certificate"), None);
}

/// A self-signed certificate in DER, signed as the name says.
fn made_by_openssl(kind: &str) -> Vec<u8> {
    let folder = tempfile::TempDir::new().unwrap();
    let key = folder.path().join("key.pem");
    let out = folder.path().join("crt.der");
    let signature: &[&str] = match kind {
        "ed25519" => &["-newkey", "ed25519"],
        "pss384" => &[
            "-newkey",
            "rsa:2048",
            "-sha384",
            "-sigopt",
            "rsa_padding_mode:pss",
        ],
        "sha1" => &["-newkey", "rsa:2048", "-sha1"],
        "sha384" => &["-newkey", "rsa:2048", "-sha384"],
        "sha512" => &["-newkey", "rsa:2048", "-sha512"],
        _ => &["-newkey", "rsa:2048", "-sha256"],
    };
    let (key, out) = (key.as_os_str(), out.as_os_str());
    let mut arguments: Vec<&std::ffi::OsStr> = Vec::new();
    let before = [
        "req",
        "-x509",
        "-nodes",
        "-subj",
        "/CN=localhost",
        "-days",
        "30",
    ];
    for word in before.iter().chain(signature).chain(&["-outform", "DER"]) {
        arguments.push(word.as_ref());
    }
    arguments.extend(["-keyout".as_ref(), key, "-out".as_ref(), out]);
    openssl(&arguments);
    std::fs::read(out).unwrap()
}
