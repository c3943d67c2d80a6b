//! Writing so that it survives a power cut: temporary file, sync, rename, sync of the directory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::WitnessError;
use crate::limits::FILE_BYTES_MAX;

const REMEDY: &str = "see to the disk and its permissions";

/// Whether a failed replacement may have taken place.
pub(crate) enum Failure {
    /// The old file stands.
    Unchanged(WitnessError),
    /// Old or new, nobody knows.
    Unknown(WitnessError),
}

impl Failure {
    pub(crate) fn into_error(self) -> WitnessError {
        match self {
            Self::Unchanged(error) | Self::Unknown(error) => error,
        }
    }
}

/// Replaces a file; when it answers `Ok` the new content survives a power cut.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Failure> {
    let temporary = path.with_extension("tmp");
    let unchanged = |error| Failure::Unchanged(WitnessError::io("write", path, error, REMEDY));
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(mode)
            .open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(unchanged)?;
    let unknown = |error| Failure::Unknown(WitnessError::io("replace", path, error, REMEDY));
    fs::rename(&temporary, path).map_err(unknown)?;
    sync_parent(path).map_err(unknown)
}

/// Writes a file that must not be there yet.
pub(crate) fn create(path: &Path, bytes: &[u8], mode: u32) -> Result<(), WitnessError> {
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        sync_parent(path)
    };
    let remedy = "choose a name that is not taken, in a directory that you may write";
    write().map_err(|error| WitnessError::io("create", path, error, remedy))
}

/// Makes a directory and those above it; all survive a power cut.
pub(crate) fn create_directory(path: &Path) -> Result<(), WitnessError> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        create_directory(parent)?;
    }
    let create = || -> io::Result<()> {
        fs::create_dir(path)?;
        sync_parent(path)
    };
    create().map_err(|error| WitnessError::io("create the directory", path, error, REMEDY))
}

/// The content of a small file; nothing if it is not there.
pub(crate) fn read(path: &Path) -> Result<Option<String>, WitnessError> {
    let mut file = match File::open(path) {
        Ok(file) => file.take(FILE_BYTES_MAX + 1),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(WitnessError::io("open", path, error, REMEDY)),
    };
    let mut text = String::new();
    file.read_to_string(&mut text)
        .map_err(|error| WitnessError::io("read", path, error, REMEDY))?;
    if text.len() as u64 > FILE_BYTES_MAX {
        let remedy = "give the right file";
        return Err(WitnessError::file(path, "it is above 1 MiB", remedy));
    }
    Ok(Some(text))
}

/// The names in a directory, sorted; none if it is not there.
pub(crate) fn names_in(path: &Path) -> Result<Vec<String>, WitnessError> {
    let failed = |error| WitnessError::io("list", path, error, REMEDY);
    let listed = match fs::read_dir(path) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut names = Vec::new();
    for entry in listed {
        let name = entry.map_err(failed)?.file_name();
        names.extend(name.to_str().map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}
