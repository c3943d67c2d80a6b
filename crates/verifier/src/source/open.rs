//! From what somebody typed to the logs that lie there: an address, a log, a deployment.

use std::path::{Path, PathBuf};

use super::{CHECKPOINT, DirectorySource, HttpSource, Source};
use crate::Error;

/// The logs in a place: an `http://` address of one log, the directory of one log, a directory
/// whose folders hold a log each, or a deployment's directory, which has such a one as `ledger`.
///
/// # Errors
/// [`Error::NotALog`], [`Error::Address`] or [`Error::Read`].
pub fn open(place: &str) -> Result<Vec<Box<dyn Source>>, Error> {
    if place.starts_with("http://") {
        return Ok(vec![Box::new(HttpSource::new(place)?)]);
    }
    if place.contains("://") {
        return Err(Error::Address {
            place: place.to_owned(),
        });
    }
    let folder = Path::new(place);
    if holds_log(folder) {
        return Ok(vec![Box::new(DirectorySource::new(folder.to_owned()))]);
    }
    for folder in [folder.join("ledger"), folder.to_owned()] {
        let found = logs_in(&folder)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Err(Error::NotALog {
        place: place.to_owned(),
    })
}

fn holds_log(folder: &Path) -> bool {
    folder.join(CHECKPOINT).is_file()
}

fn logs_in(folder: &Path) -> Result<Vec<Box<dyn Source>>, Error> {
    let failed = |cause: std::io::Error| Error::Read {
        place: folder.display().to_string(),
        cause: cause.to_string(),
    };
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut folders: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if holds_log(&path) {
            folders.push(path);
        }
    }
    folders.sort();
    let sources = folders.into_iter().map(DirectorySource::new);
    Ok(sources
        .map(|source| Box::new(source) as Box<dyn Source>)
        .collect())
}
