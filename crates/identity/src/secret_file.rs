//! Files that nobody but their owner may read: regular, mode 0600, of bounded size.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::IdentityError;

/// LIMIT: about a hundred thousand verifiers.
const BYTES_MAX: u64 = 16 * 1024 * 1024;

const REMEDY_MODE: &str = "run `chmod 600` on it, and change what others could read until now";

/// The text of a file of secrets; `None` where there is no file.
///
/// The file is opened once and judged by its handle, so that it cannot be exchanged in between.
pub(crate) fn read(path: &Path) -> Result<Option<String>, IdentityError> {
    // A symbolic link is refused before it is followed; opening a pipe would wait for its other end.
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(IdentityError::io("look at", path)(error)),
        Ok(found) if !found.is_file() => return Err(not_a_file(path)),
        Ok(_) => {}
    }
    let file = File::open(path).map_err(IdentityError::io("open", path))?;
    check(&file, path)?;
    let mut bytes = Vec::new();
    file.take(BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(IdentityError::io("read", path))?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(bad(
            path,
            "it is larger than 16 MiB",
            "is it the right file?",
        ));
    }
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| bad(path, "it is not UTF-8", "write it again as plain text"))
}

fn check(file: &File, path: &Path) -> Result<(), IdentityError> {
    let found = file
        .metadata()
        .map_err(IdentityError::io("look at", path))?;
    if !found.is_file() {
        return Err(not_a_file(path));
    }
    if found.mode() & 0o077 != 0 {
        let cause = format!(
            "mode {:04o} lets others than its owner at it",
            found.mode() & 0o7777
        );
        return Err(bad(path, cause, REMEDY_MODE));
    }
    Ok(())
}

/// Makes a new file, mode 0600, whole and synced before it has its name; never replaces one.
/// Answers `false` where there is one already.
pub(crate) fn create(path: &Path, text: &str) -> Result<bool, IdentityError> {
    let waiting = write_beside(path, text)?;
    // A hard link fails where the name is taken, and a rename would replace.
    let linked = fs::hard_link(&waiting, path);
    fs::remove_file(&waiting).map_err(IdentityError::io("remove", &waiting))?;
    match linked {
        Ok(()) => sync_folder(path).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(IdentityError::io("make", path)(error)),
    }
}

/// Replaces a file, or makes it: after a crash there is the old text or the new one.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), IdentityError> {
    let waiting = write_beside(path, text)?;
    fs::rename(&waiting, path).map_err(IdentityError::io("replace", path))?;
    sync_folder(path)
}

fn write_beside(path: &Path, text: &str) -> Result<PathBuf, IdentityError> {
    let waiting = path.with_extension(format!("new-{}", std::process::id()));
    match fs::remove_file(&waiting) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(IdentityError::io("remove", &waiting)(error)),
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&waiting)
        .map_err(IdentityError::io("make", &waiting))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(IdentityError::io("write", &waiting))?;
    Ok(waiting)
}

fn sync_folder(path: &Path) -> Result<(), IdentityError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(IdentityError::io("sync", folder))
}

fn not_a_file(path: &Path) -> IdentityError {
    bad(
        path,
        "it is not a regular file",
        "put the file itself there, not a link, a folder or a pipe",
    )
}

fn bad(path: &Path, cause: impl Into<String>, remedy: &'static str) -> IdentityError {
    IdentityError::SecretFile {
        path: path.to_owned(),
        line: None,
        cause: cause.into(),
        remedy,
    }
}
