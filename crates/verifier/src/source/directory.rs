//! A log that was copied into a directory. Reads below it and nothing else; writes nothing.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;

use super::{CHECKPOINT, FILE_BYTES_MAX, Source};
use crate::Error;

/// Files of a log below a folder.
pub struct DirectorySource {
    folder: PathBuf,
}

impl DirectorySource {
    /// The log in this folder, which holds a file `checkpoint`.
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

impl Source for DirectorySource {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let failed = |cause: std::io::Error| Error::Read {
            place: self.place(path),
            cause: cause.to_string(),
        };
        let file = match File::open(self.folder.join(path)) {
            Ok(file) => file,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(failed(error)),
        };
        let mut bytes = Vec::new();
        let mut limited = file.take(FILE_BYTES_MAX + 1);
        limited.read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(Error::TooLarge {
                place: self.place(path),
                limit: FILE_BYTES_MAX,
            });
        }
        Ok(Some(bytes))
    }

    fn place(&self, path: &str) -> String {
        self.folder.join(path).display().to_string()
    }

    fn kept_checkpoints(&self) -> Result<Vec<String>, Error> {
        let failed = |cause: std::io::Error| Error::Read {
            place: self.folder.display().to_string(),
            cause: cause.to_string(),
        };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_kept = name.starts_with("checkpoint.") && !name.ends_with(".new");
            if name != CHECKPOINT && is_kept && entry.path().is_file() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }
}
