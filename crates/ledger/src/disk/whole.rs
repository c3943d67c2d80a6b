//! Files that are there whole or not at all.

use std::path::{Path, PathBuf};

use crate::error::LedgerError;

use super::{Access, Disk};

/// What a file is called until it is whole. Nothing of the ledger's own ends so.
const UNFINISHED: &str = ".new";

/// Writes a file under another name, syncs and renames it. Its name is durable only after its folder
/// is synced, which is left to the caller, who may have written several.
pub(crate) fn write_whole(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(UNFINISHED);
    let unfinished = PathBuf::from(unfinished);
    let file = disk
        .open(&unfinished, Access::Create)
        .map_err(LedgerError::io("make", &unfinished))?;
    file.write_at(0, bytes)
        .map_err(LedgerError::io("write", &unfinished))?;
    file.sync_data().map_err(LedgerError::sync(&unfinished))?;
    disk.rename(&unfinished, path)
        .map_err(LedgerError::io("rename to", path))
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(disk: &dyn Disk, folder: &Path) -> Result<(), LedgerError> {
    disk.sync_dir(folder).map_err(LedgerError::sync(folder))
}

/// Reads a file from its beginning to its end.
pub(crate) fn read_whole(disk: &dyn Disk, path: &Path) -> Result<Vec<u8>, LedgerError> {
    let file = disk
        .open(path, Access::Read)
        .map_err(LedgerError::io("open", path))?;
    let size = file.size().map_err(LedgerError::io("look at", path))?;
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
    let read = file
        .read_at(0, &mut bytes)
        .map_err(LedgerError::io("read", path))?;
    bytes.truncate(read);
    Ok(bytes)
}

/// Whether a name is that of a file whose making was interrupted.
fn is_unfinished(name: &str) -> bool {
    name.ends_with(UNFINISHED)
}

/// Lists a folder, and removes what an interruption left unfinished in it.
pub(crate) fn list_finished(disk: &dyn Disk, folder: &Path) -> Result<Vec<String>, LedgerError> {
    let mut names = disk.list(folder).map_err(LedgerError::io("list", folder))?;
    for name in names.iter().filter(|name| is_unfinished(name)) {
        let path = folder.join(name);
        disk.remove(&path)
            .map_err(LedgerError::io("remove", &path))?;
    }
    names.retain(|name| !is_unfinished(name));
    Ok(names)
}
