//! What the tests share: people, times, certificates in files.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use identity::certificates::{Authority, Issued, Validity};
use identity::tls::Files;
use model::{PersonId, Timestamp};
use tempfile::TempDir;

pub fn person(name: &str) -> PersonId {
    PersonId::new(name).unwrap()
}

/// A folder with an authority's certificates for the server `localhost`, laid out for a listener.
pub struct Place {
    pub folder: TempDir,
    pub authority: Authority,
}

/// Valid whenever the tests run.
pub fn long() -> Validity {
    validity("2020-01-01", "2099-01-01")
}

pub fn validity(from: &str, until: &str) -> Validity {
    Validity {
        from: Timestamp::parse(from).unwrap(),
        until: Timestamp::parse(until).unwrap(),
    }
}

/// Writes a file of the given mode.
pub fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

impl Place {
    pub fn make() -> Self {
        let place = Self {
            folder: TempDir::new().unwrap(),
            authority: Authority::make("Test authority", long()).unwrap(),
        };
        let server = place
            .authority
            .server(&["localhost", "127.0.0.1"], long())
            .unwrap();
        server.write(place.folder.path(), "server").unwrap();
        place.put("ca.crt", &place.authority.certificate());
        place
    }

    pub fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        write(&path, text, 0o600);
        path
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The listener's files, with the client authority and no list.
    pub fn files(&self) -> Files {
        Files {
            certificate: self.path("server.crt"),
            key: self.path("server.key"),
            client_ca: Some(self.path("ca.crt")),
            revoked: None,
        }
    }

    pub fn client(&self, name: &str) -> Issued {
        self.authority.client(&person(name), long()).unwrap()
    }

    /// A client's certificate as another authority's tools might make it: this common name (`/CN=` may
    /// follow in it) and these alternative names, in the words of openssl.
    pub fn unusual(&self, subject: &str, san: &[&str]) -> Issued {
        self.put("ca.key", &self.authority.key());
        let mut extensions = "extendedKeyUsage=clientAuth\n".to_owned();
        if !san.is_empty() {
            extensions += &format!("subjectAltName={}\n", san.join(","));
        }
        let extensions = self.put("client.cnf", &extensions);
        let (key, request) = (self.path("client.key"), self.path("client.csr"));
        let out = self.path("client.crt");
        let subject = match subject {
            "" => "/O=Nobody".to_owned(),
            name => format!("/CN={name}"),
        };
        openssl(&[
            "req".as_ref(),
            "-new".as_ref(),
            "-nodes".as_ref(),
            "-newkey".as_ref(),
            "ec".as_ref(),
            "-pkeyopt".as_ref(),
            "ec_paramgen_curve:prime256v1".as_ref(),
            "-subj".as_ref(),
            subject.as_ref(),
            "-keyout".as_ref(),
            key.as_ref(),
            "-out".as_ref(),
            request.as_ref(),
        ]);
        openssl(&[
            "x509".as_ref(),
            "-req".as_ref(),
            "-days".as_ref(),
            "30".as_ref(),
            "-in".as_ref(),
            request.as_ref(),
            "-CA".as_ref(),
            self.path("ca.crt").as_ref(),
            "-CAkey".as_ref(),
            self.path("ca.key").as_ref(),
            "-CAcreateserial".as_ref(),
            "-extfile".as_ref(),
            extensions.as_ref(),
            "-out".as_ref(),
            out.as_ref(),
        ]);
        Issued {
            certificate: fs::read_to_string(out).unwrap(),
            key: fs::read_to_string(key).unwrap(),
        }
    }
}

/// Runs openssl, which makes what our own authority does not.
pub fn openssl(arguments: &[&std::ffi::OsStr]) {
    let made = std::process::Command::new("openssl")
        .args(arguments)
        .output();
    let made = made.expect("openssl is installed: apt-get install openssl");
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{said}");
}
