//! A server that asks for passwords and speaks TLS, made out of a throw-away one.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SignatureAlgorithm,
};
use scratch::Server;

pub const PASSWORD: &str = "a plain-looking password, \u{e9}t\u{e9}";

/// A server with TLS, a user `app` with a password, and its authority's certificate.
pub struct Secure {
    pub server: Server,
    pub authority: PathBuf,
    /// An authority that signed nothing.
    pub other_authority: PathBuf,
}

fn authority(
    name: &str,
    algorithm: &'static SignatureAlgorithm,
) -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate_for(algorithm).unwrap()).unwrap()
}

/// Writes a file that the server may read and nobody else.
fn write(server: &Server, path: &Path, text: &str) {
    let owner = fs::metadata(server.socket_dir()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    chown(path, Some(owner.uid()), Some(owner.gid())).unwrap();
}

/// Makes the server read its settings again and waits until it has.
pub fn reload(server: &Server) {
    let loaded = || {
        server
            .run("postgres", "select pg_conf_load_time()")
            .unwrap()
    };
    let before = loaded();
    server.run("postgres", "select pg_reload_conf()").unwrap();
    while loaded() == before {}
}

impl Secure {
    /// A certificate for `name`, with a signature of this kind.
    pub fn start(name: &str, algorithm: &'static SignatureAlgorithm, hosts: &str) -> Self {
        let server = Server::start().unwrap();
        let issuer = authority("authority", algorithm);
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()])
            .unwrap()
            .signed_by(&key, &issuer)
            .unwrap();
        let folder = server.socket_dir().to_owned();
        write(&server, &folder.join("server.pem"), &certificate.pem());
        write(&server, &folder.join("server.key"), &key.serialize_pem());
        let authority_path = folder.join("authority.pem");
        write(&server, &authority_path, &issuer.pem());
        let other_authority = folder.join("other.pem");
        write(
            &server,
            &other_authority,
            &authority("other", algorithm).pem(),
        );
        let script = format!(
            "create role app login password '{PASSWORD}';
             alter system set ssl = on;
             alter system set ssl_cert_file = '{folder}/server.pem';
             alter system set ssl_key_file = '{folder}/server.key';",
            folder = folder.display()
        );
        server.run("postgres", &script).unwrap();
        write(
            &server,
            &folder.join("data/pg_hba.conf"),
            &format!("local all postgres trust\n{hosts}\n"),
        );
        reload(&server);
        Self {
            server,
            authority: authority_path,
            other_authority,
        }
    }

    pub fn address(&self, host: &str, settings: &str) -> String {
        format!(
            "postgres://app@{host}:{}/postgres?sslrootcert={}&{settings}",
            self.server.port(),
            self.authority.display()
        )
    }
}
