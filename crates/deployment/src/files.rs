//! Files and folders, read with limits and with suspicion.

use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use model::Diagnostic;

/// LIMIT: as for every document of an operator.
pub(crate) const DOCUMENT_LENGTH_MAX: usize = document::LENGTH_MAX;
/// LIMIT: policies are read by people; a longer file is a mistake.
pub(crate) const POLICY_LENGTH_MAX: usize = 1024 * 1024;
/// LIMIT: entries of one folder; more are a mistake or an attack.
pub(crate) const ENTRIES_MAX: usize = 1_000;

/// Linux: too many symbolic links on the way.
const ELOOP: i32 = 40;

/// Why a file or folder cannot be read: the operator's to mend.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("it does not exist")]
    Missing,
    #[error("it is a link to nothing")]
    Dangling,
    #[error("it is not a file")]
    NotAFile,
    #[error("it is not a folder")]
    NotAFolder,
    #[error("its symbolic links run in a circle")]
    Circle,
    #[error("reading it is not permitted")]
    Forbidden,
    #[error("it has more than {0} bytes")]
    TooLong(usize),
    #[error("it holds more than {ENTRIES_MAX} entries")]
    TooMany,
    #[error("it is not UTF-8 text")]
    NotText {
        /// The line of the first byte that is none.
        line: u64,
    },
    #[error("it cannot be read ({0})")]
    Other(ErrorKind),
}

impl Unreadable {
    fn of(error: &io::Error) -> Self {
        let kind = error.kind();
        if kind == ErrorKind::NotFound {
            Self::Missing
        } else if kind == ErrorKind::PermissionDenied {
            Self::Forbidden
        } else if error.raw_os_error() == Some(ELOOP) {
            Self::Circle
        } else {
            Self::Other(kind)
        }
    }

    /// As a diagnostic; `missing` is the remedy where there is nothing at all.
    pub(crate) fn diagnostic(&self, file: &str, missing: &str) -> Diagnostic {
        let (remedy, line) = match self {
            Self::Missing => (missing, 0),
            Self::NotAFile => ("put a file there", 0),
            Self::NotAFolder => ("put a folder there", 0),
            Self::Circle | Self::Dangling => ("let the link point to a file that exists", 0),
            Self::Forbidden => ("let the user that runs cordon read it", 0),
            Self::TooLong(_) => ("split it into several files", 0),
            Self::TooMany => ("remove what does not belong there", 0),
            Self::NotText { line } => ("save it as UTF-8", *line),
            Self::Other(_) => ("look at the disk and the path", 0),
        };
        Diagnostic::error(file, self.to_string(), remedy).at(line, 0)
    }
}

/// The text of a file. Links are followed; pipes and devices are not opened.
pub(crate) fn text(path: &Path, length_max: usize) -> Result<String, Unreadable> {
    let about = fs::metadata(path).map_err(|error| {
        let is_link = fs::symlink_metadata(path).is_ok();
        if error.kind() == ErrorKind::NotFound && is_link {
            return Unreadable::Dangling;
        }
        Unreadable::of(&error)
    })?;
    if !about.is_file() {
        return Err(Unreadable::NotAFile);
    }
    let file = fs::File::open(path).map_err(|error| Unreadable::of(&error))?;
    let limit = u64::try_from(length_max).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| Unreadable::of(&error))?;
    if bytes.len() > length_max {
        return Err(Unreadable::TooLong(length_max));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().iter().take(good);
        let lines = before.filter(|byte| **byte == b'\n').count() + 1;
        Unreadable::NotText {
            line: u64::try_from(lines).unwrap_or_default(),
        }
    })
}

/// The text of a file that need not be there.
pub(crate) fn text_if_there(path: &Path, length_max: usize) -> Result<Option<String>, Unreadable> {
    match text(path, length_max) {
        Ok(text) => Ok(Some(text)),
        Err(Unreadable::Missing) => Ok(None),
        Err(error) => Err(error),
    }
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) is_folder: bool,
}

/// What a folder holds, by name. Hidden entries are left out: tools that mount settings put theirs
/// beside them.
pub(crate) fn list(path: &Path) -> Result<Vec<Listed>, Unreadable> {
    let about = fs::metadata(path).map_err(|error| Unreadable::of(&error))?;
    if !about.is_dir() {
        return Err(Unreadable::NotAFolder);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| Unreadable::of(&error))? {
        let entry = entry.map_err(|error| Unreadable::of(&error))?;
        if found.len() >= ENTRIES_MAX {
            return Err(Unreadable::TooMany);
        }
        // A name that is not UTF-8 keeps its ending, so that the file is tried and refused by name.
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            let is_folder = fs::metadata(entry.path()).is_ok_and(|about| about.is_dir());
            found.push(Listed { name, is_folder });
        }
    }
    found.sort();
    Ok(found)
}
