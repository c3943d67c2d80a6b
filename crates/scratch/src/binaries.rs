//! Where PostgreSQL is installed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::ScratchError;

/// Overrides every search: the directory that has the programs.
const OVERRIDE: &str = "CORDON_PG_BIN";
/// Where Debian and Ubuntu keep one folder for each major version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// The major version that the tests were written against is taken before newer ones.
const PREFERRED: u32 = 15;

/// What must be there.
const PROGRAMS: [&str; 3] = ["initdb", "postgres", "psql"];

/// An installed PostgreSQL.
#[derive(Clone, Debug)]
pub(crate) struct Binaries {
    folder: PathBuf,
    /// As `postgres --version` prints it.
    pub(crate) version: String,
}

impl Binaries {
    /// Finds one: the override, then the path, then Debian's folders.
    pub(crate) fn find() -> Result<Self, ScratchError> {
        let folders = match env::var_os(OVERRIDE) {
            Some(folder) => vec![PathBuf::from(folder)],
            None => {
                let path = env::var_os("PATH").unwrap_or_default();
                env::split_paths(&path)
                    .chain(debian(Path::new(DEBIAN)))
                    .collect()
            }
        };
        let Some(folder) = folders.iter().find_map(|folder| home(folder)) else {
            let looked = folders.iter().map(|folder| folder.display().to_string());
            return Err(ScratchError::NoBinaries {
                looked: looked.collect::<Vec<_>>().join(", "),
            });
        };
        let postgres = folder.join("postgres");
        let output = Command::new(&postgres)
            .arg("--version")
            .output()
            .map_err(ScratchError::io("run", &postgres))?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok(Self {
            folder: folder.clone(),
            version,
        })
    }

    /// The path of one program.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// The folder that has all programs, given one that may have only links to some of them.
fn home(folder: &Path) -> Option<PathBuf> {
    let postgres = folder.join("postgres").canonicalize().ok()?;
    let home = postgres.parent()?;
    PROGRAMS
        .iter()
        .all(|name| home.join(name).is_file())
        .then(|| home.to_owned())
}

/// Debian's folders of programs: the preferred version first, then newest first.
fn debian(root: &Path) -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by_key(|(version, _)| (*version != PREFERRED, u32::MAX - version));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

#[cfg(test)]
mod tests {
    use super::debian;

    #[test]
    fn the_preferred_version_comes_first_then_the_newest() {
        let root = tempfile::tempdir().unwrap();
        for name in ["9.6", "14", "15", "16", "17", "common"] {
            std::fs::create_dir(root.path().join(name)).unwrap();
        }
        let found = debian(root.path());
        let expected = ["15/bin", "17/bin", "16/bin", "14/bin"].map(|name| root.path().join(name));
        assert_eq!(found, expected);
    }
}
