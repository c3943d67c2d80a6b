//! The witness's private key in a file that only its owner reads.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use merkle::{CosignerKey, VerifierKey};

use crate::marker::Marker;
use crate::{WitnessError, durable};

/// Makes a key (type 0x04) with this name, writes it with mode 0600, and answers the public key.
///
/// The name is best a URL without its scheme that names the witness. The key must serve nothing else.
///
/// # Errors
/// A bad name, no random numbers, or a file that is there already: keys are never overwritten.
pub fn create_key(path: &Path, name: &str) -> Result<VerifierKey, WitnessError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| WitnessError::Settings {
        cause: format!("the system gives no random numbers: {error}"),
        remedy: "run it where it does",
    })?;
    let key = CosignerKey::from_seed(name, &seed).map_err(|error| WitnessError::Settings {
        cause: format!("the name `{name}`: {error}"),
        remedy: "give a name such as `witness.example/w1`",
    })?;
    let marker = Marker::path_of(path);
    if marker.exists() {
        let cause = "it is the marker of a key that stood here before";
        let remedy = "choose another name for the key";
        return Err(WitnessError::file(&marker, cause, remedy));
    }
    let text = format!("{}\n", key.to_private_text());
    durable::create(path, text.as_bytes(), 0o600)?;
    Marker::of_new_key(path).write()?;
    Ok(key.verifier().clone())
}

/// Reads a key file.
///
/// # Errors
/// A file that others may read, or that does not have one key in one line.
pub fn read_key(path: &Path) -> Result<CosignerKey, WitnessError> {
    let remedy = "give a file made by `cordon-witness keygen`";
    let metadata =
        fs::metadata(path).map_err(|error| WitnessError::io("open", path, error, remedy))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        let cause = "others than its owner may read or write it";
        let remedy = "run `chmod 600` on it, and make a new key if somebody may have read it";
        return Err(WitnessError::file(path, cause, remedy));
    }
    let text = durable::read(path)?.unwrap_or_default();
    text.strip_suffix('\n')
        .unwrap_or(&text)
        .parse()
        .map_err(|error| WitnessError::file(path, error, remedy))
}
