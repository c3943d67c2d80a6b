//! What the operator sets: key, state, address, and each log with where to start.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use merkle::{Algorithm, Hash, TREE_SIZE_MAX, TreeHead, VerifierKey};

use crate::{WitnessError, durable};

/// A log's key and the head that the witness starts from: size 0, or one that the operator got from
/// somebody they trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogStart {
    /// The log's key; its name is the origin.
    pub key: VerifierKey,
    /// Nothing but entries after this head is accepted.
    pub head: TreeHead,
}

impl FromStr for LogStart {
    type Err = WitnessError;

    fn from_str(text: &str) -> Result<Self, WitnessError> {
        let refuse = |cause: String| WitnessError::LogStart {
            text: text.to_owned(),
            cause,
        };
        // A name may have an `@`, and has no plus: a start follows two pluses.
        let (key, start) = match text.rsplit_once('@') {
            Some((key, start)) if key.matches('+').count() >= 2 => (key, Some(start)),
            Some(_) | None => (text, None),
        };
        let key: VerifierKey = key.parse().map_err(|error| refuse(format!("{error}")))?;
        if key.algorithm() != Algorithm::Ed25519 {
            let cause = "a log's key has type 0x01; this may be a witness's".to_owned();
            return Err(refuse(cause));
        }
        let empty = TreeHead {
            size: 0,
            root: Hash::EMPTY,
        };
        let head = match start {
            Some(start) => read_head(start).map_err(refuse)?,
            None => empty,
        };
        if head.size == 0 && head != empty {
            return Err(refuse("size 0 has the root of the empty tree".to_owned()));
        }
        Ok(Self { key, head })
    }
}

fn read_head(text: &str) -> Result<TreeHead, String> {
    let (size, root) = text.split_once(':').ok_or("the root is missing")?;
    let size: u64 = size
        .parse()
        .map_err(|_| format!("`{size}` is no tree size"))?;
    if size > TREE_SIZE_MAX {
        return Err(format!("`{size}` is above the largest tree"));
    }
    let root = Hash::from_base64(root).map_err(|error| error.to_string())?;
    Ok(TreeHead { size, root })
}

/// How to run a witness.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The private key's file; the marker lies beside it, so that its directory must be writable.
    pub key: PathBuf,
    /// The state directory, this witness's own.
    pub state: PathBuf,
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// At least one log. Several keys with one name are keys of one log.
    pub logs: Vec<LogStart>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    key: PathBuf,
    state: PathBuf,
    listen: SocketAddr,
    logs: Vec<String>,
}

impl Settings {
    /// Reads a settings file (TOML: `key`, `state`, `listen`, `logs`). Relative paths start at its
    /// directory.
    ///
    /// # Errors
    /// What cannot be read or is not known, with its line.
    pub fn read(path: &Path) -> Result<Self, WitnessError> {
        let remedy = "give a file with `key`, `state`, `listen` and `logs`";
        let missing = || WitnessError::file(path, "it is not there", remedy);
        let text = durable::read(path)?.ok_or_else(missing)?;
        let file: File = toml::from_str(&text)
            .map_err(|error| WitnessError::file(path, error.to_string().trim_end(), remedy))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut logs = Vec::new();
        for log in &file.logs {
            logs.push(log.parse()?);
        }
        Ok(Self {
            key: folder.join(file.key),
            state: folder.join(file.state),
            listen: file.listen,
            logs,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use merkle::SignerKey;

    fn key(name: &str) -> String {
        SignerKey::from_seed(name, &[1; 32])
            .unwrap()
            .verifier()
            .to_string()
    }

    #[test]
    fn a_log_starts_empty_or_at_a_pinned_head() {
        let root = Hash::new([7; 32]);
        for name in ["example.org/log", "me@example.org/log"] {
            let plain: LogStart = key(name).parse().unwrap();
            assert_eq!((plain.key.name(), plain.head.size), (name, 0));
            let pinned: LogStart = format!("{}@12:{root}", key(name)).parse().unwrap();
            assert_eq!(pinned.key.name(), name);
            assert_eq!(pinned.head, TreeHead { size: 12, root });
        }
    }

    #[test]
    fn a_malformed_start_is_refused() {
        let root = Hash::new([7; 32]);
        for start in [
            "12",
            "x:y",
            "-1:",
            &format!("0:{root}"),
            &format!("12:{root}="),
        ] {
            let text = format!("{}@{start}", key("example.org/log"));
            assert!(text.parse::<LogStart>().is_err(), "{start}");
        }
    }
}
