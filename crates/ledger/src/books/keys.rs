//! The keys of the logs in a deployment's folder of secrets: made once, never shown, loaded only if
//! nobody but their owner can read them. The deployment says where the folder is.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use merkle::SignerKey;

use crate::error::LedgerError;
use crate::name::LogName;
use crate::open::Secrets;
use crate::surroundings::Randomness;

/// Signs the control log.
const CONTROL: &str = "log-control.key";
/// Signs access logs, each under its own name.
const ACCESS: &str = "log-access.key";
/// Wraps the keys of payloads.
const PAYLOAD: &str = "payload.key";

const RESTORE: &str = "restore it from a copy, or make the keys if there is no log yet; with another key a log cannot be opened";

/// The secrets of an organisation's logs.
#[derive(Clone)]
pub struct Keys {
    control: [u8; 32],
    access: [u8; 32],
    payload: [u8; 32],
}

/// The key that payloads are read with, without those that sign.
#[derive(Clone)]
pub struct PayloadKey([u8; 32]);

impl fmt::Debug for PayloadKey {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PayloadKey(..)")
    }
}

impl PayloadKey {
    /// Loads it from its file, which only its owner may be able to read.
    pub fn load(file: &Path) -> Result<Self, LedgerError> {
        read(file).map(Self)
    }

    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Keys {
    /// Without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    /// Makes the three key files, mode 0600, in a folder that is there. It never replaces one.
    pub fn create(folder: &Path, randomness: &dyn Randomness) -> Result<Self, LedgerError> {
        for name in [CONTROL, ACCESS, PAYLOAD] {
            let mut seed = [0; 32];
            randomness.fill(&mut seed)?;
            write(&folder.join(name), &seed)?;
        }
        let handle = fs::File::open(folder).and_then(|folder| folder.sync_all());
        handle.map_err(LedgerError::sync(folder))?;
        Self::load(folder)
    }

    /// Loads the three keys.
    pub fn load(folder: &Path) -> Result<Self, LedgerError> {
        let read = |name| read(&folder.join(name));
        Ok(Self {
            control: read(CONTROL)?,
            access: read(ACCESS)?,
            payload: read(PAYLOAD)?,
        })
    }

    /// The key that signs a log's checkpoints.
    pub fn signer(&self, log: &LogName) -> Result<SignerKey, LedgerError> {
        let seed = if log.is_control() {
            &self.control
        } else {
            &self.access
        };
        SignerKey::from_seed(&log.to_string(), seed).map_err(LedgerError::tree)
    }

    pub(crate) fn secrets(&self, log: &LogName) -> Result<Secrets, LedgerError> {
        Ok(Secrets {
            signer: self.signer(log)?,
            payload_key: self.payload,
        })
    }
}

fn write(path: &Path, seed: &[u8; 32]) -> Result<(), LedgerError> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let mut file = match made {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let remedy =
                "load the keys; if their making was interrupted and there is no log yet, remove it";
            return Err(bad(path, "is there already", remedy));
        }
        Err(error) => return Err(LedgerError::io("make", path)(error)),
    };
    let mut line: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    line.push('\n');
    file.write_all(line.as_bytes())
        .map_err(LedgerError::io("write", path))?;
    file.sync_all().map_err(LedgerError::sync(path))
}

fn read(path: &Path) -> Result<[u8; 32], LedgerError> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(bad(path, "is not there", RESTORE));
        }
        Err(error) => return Err(LedgerError::io("look at", path)(error)),
    };
    if found.mode() & 0o077 != 0 {
        let remedy = "run `chmod 600` on it, and ask who could read it until now";
        return Err(bad(path, "can be read by others than its owner", remedy));
    }
    let text = fs::read_to_string(path).map_err(LedgerError::io("read", path))?;
    decode(&text).ok_or_else(|| {
        bad(
            path,
            "is no key, which is one line of 64 hex digits",
            RESTORE,
        )
    })
}

fn decode(text: &str) -> Option<[u8; 32]> {
    let line = text.strip_suffix('\n')?.as_bytes();
    let mut seed = [0; 32];
    if line.len() != 64 {
        return None;
    }
    for (byte, pair) in seed.iter_mut().zip(line.chunks_exact(2)) {
        // `from_str_radix` would take a sign.
        if !pair.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(seed)
}

fn bad(path: &Path, cause: &'static str, remedy: &'static str) -> LedgerError {
    LedgerError::Key {
        path: path.to_owned(),
        cause,
        remedy,
    }
}
