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
        place.put("server.crt", &server.certificate);
        place.put("server.key", &server.key);
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
}
