//! Tiles, bundles and checkpoints on a directory.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::disk::{Disk, read_whole, sync_folder, write_whole};
use crate::error::LedgerError;
use crate::storage::Objects;

/// Blobs as files: written under another name, synced, renamed, and their folder synced.
pub struct DirectoryObjects {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    /// Folders that are known to be there, durably.
    folders: Mutex<BTreeSet<PathBuf>>,
}

impl DirectoryObjects {
    /// Blobs below a folder that is there.
    pub fn new(disk: Arc<dyn Disk>, folder: &Path) -> Self {
        Self {
            disk,
            folder: folder.to_owned(),
            folders: Mutex::new(BTreeSet::from([folder.to_owned()])),
        }
    }

    /// The file of an object.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Makes the folders above a path, each durable in the one above it.
    fn make_folders(&self, path: &Path) -> Result<PathBuf, LedgerError> {
        let parent = path.parent().unwrap_or(&self.folder).to_owned();
        let mut known = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let missing: Vec<&Path> = parent
            .ancestors()
            .take_while(|folder| !known.contains(*folder) && folder.starts_with(&self.folder))
            .collect();
        for folder in missing.into_iter().rev() {
            self.disk
                .create_dir(folder)
                .map_err(LedgerError::io("make", folder))?;
            let above = folder.parent().unwrap_or(&self.folder);
            sync_folder(self.disk.as_ref(), above)?;
            known.insert(folder.to_owned());
        }
        Ok(parent)
    }
}

impl Objects for DirectoryObjects {
    fn put(&self, objects: &[(String, Vec<u8>)]) -> Result<(), LedgerError> {
        let mut folders = BTreeSet::new();
        for (name, bytes) in objects {
            let path = self.folder.join(name);
            folders.insert(self.make_folders(&path)?);
            write_whole(self.disk.as_ref(), &path, bytes)?;
        }
        folders
            .iter()
            .try_for_each(|folder| sync_folder(self.disk.as_ref(), folder))
    }

    fn replace(&self, name: &'static str, bytes: &[u8]) -> Result<(), LedgerError> {
        write_whole(self.disk.as_ref(), &self.folder.join(name), bytes)?;
        sync_folder(self.disk.as_ref(), &self.folder)
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        match read_whole(self.disk.as_ref(), &self.folder.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn forget_partials(&self, full: &[String]) -> Result<(), LedgerError> {
        for name in full {
            let folder = self.folder.join(format!("{name}.p"));
            let names = match self.disk.list(&folder) {
                Ok(names) => names,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(LedgerError::io("list", folder)(error)),
            };
            for name in names {
                let path = folder.join(name);
                self.disk
                    .remove(&path)
                    .map_err(LedgerError::io("remove", &path))?;
            }
            let removed = self.disk.remove_dir(&folder);
            removed.map_err(LedgerError::io("remove", &folder))?;
            let mut known = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
            known.remove(&folder);
        }
        Ok(())
    }
}
