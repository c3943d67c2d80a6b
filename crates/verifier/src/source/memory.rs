//! A log that lies in memory, for benchmarks and tests and for whoever unpacks archives.

use std::collections::BTreeMap;

use super::Source;
use crate::Error;

/// Files of a log by name.
#[derive(Clone, Debug, Default)]
pub struct MemorySource {
    /// The bytes of each file.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Source for MemorySource {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.files.get(path).cloned())
    }

    fn place(&self, path: &str) -> String {
        path.to_owned()
    }

    fn kept_checkpoints(&self) -> Result<Vec<String>, Error> {
        let names = self.files.keys();
        let kept = names.filter(|name| name.starts_with("checkpoint."));
        Ok(kept.cloned().collect())
    }
}
