//! A signed note beside the control log: its writer lives, and how far it is. It is no evidence and
//! stands in no tree; it lets followers know a silent log from a dead one between two heartbeats.

use std::path::{Path, PathBuf};

use merkle::{Note, SignerKey, VerifierKey};

use crate::disk::{Disk, read_whole, write_whole};
use crate::error::LedgerError;

const FILE: &str = "alive";
/// Keeps the text apart from that of a checkpoint, whose second line is a number.
const DOMAIN: &str = "cordon/alive/v1";

/// What the note says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignOfLife {
    /// The size that was published then.
    pub(crate) size: u64,
    /// When, by the writer's clock.
    pub(crate) time_ms: u64,
}

impl SignOfLife {
    pub(crate) fn write(
        self,
        disk: &dyn Disk,
        folder: &Path,
        key: &SignerKey,
    ) -> Result<(), LedgerError> {
        let origin = key.verifier().name();
        let Self { size, time_ms } = self;
        let text = format!("{DOMAIN}\n{origin}\n{size}\n{time_ms}\n");
        let mut note = Note::new(&text).map_err(LedgerError::tree)?;
        note.add(key.sign(note.text())).map_err(LedgerError::tree)?;
        write_whole(disk, &path(folder), note.to_string().as_bytes())
    }

    /// None if there is none.
    pub(crate) fn read(
        disk: &dyn Disk,
        folder: &Path,
        key: &VerifierKey,
    ) -> Result<Option<Self>, LedgerError> {
        let bytes = match read_whole(disk, &path(folder)) {
            Ok(bytes) => bytes,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let note = Note::parse(&bytes).map_err(LedgerError::tree)?;
        note.verify(key).map_err(LedgerError::tree)?;
        let bad = || LedgerError::Tree {
            cause: format!("`{FILE}` does not say what it must"),
        };
        Self::parse(note.text(), key.name())
            .map(Some)
            .ok_or_else(bad)
    }

    fn parse(text: &str, origin: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        if (lines.next()?, lines.next()?) != (DOMAIN, origin) {
            return None;
        }
        let size = lines.next()?.parse().ok()?;
        let time_ms = lines.next()?.parse().ok()?;
        lines.next().is_none().then_some(Self { size, time_ms })
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

#[cfg(test)]
mod tests {
    use crate::disk::RealDisk;

    use super::*;

    #[test]
    fn only_the_logs_own_sign_counts() {
        let folder = tempfile::tempdir().unwrap();
        let key = |name, seed| SignerKey::from_seed(name, &[seed; 32]).unwrap();
        let ours = key("a/cordon/control/1", 1);
        let read = |key: &SignerKey| SignOfLife::read(&RealDisk, folder.path(), key.verifier());
        assert_eq!(read(&ours).unwrap(), None);
        let sign = SignOfLife {
            size: 7,
            time_ms: 1000,
        };
        sign.write(&RealDisk, folder.path(), &ours).unwrap();
        assert_eq!(read(&ours).unwrap(), Some(sign));
        assert!(read(&key("a/cordon/control/1", 2)).is_err());
        assert!(read(&key("b/cordon/control/1", 1)).is_err());
    }
}
