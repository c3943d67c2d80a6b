//! The marker beside the key: it tells that the key has a state, and for which logs it has cosigned.
//! It is what remains when the state directory is lost.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::{WitnessError, durable};

const FIRST_LINE: &str = "cordon-witness marker 1";
const REMEDY: &str = "restore it from where the key came from; do not write it by hand";

/// The number of a key that was made and never run.
const NO_STATE: &str = "none";

/// What the key remembers by itself.
#[derive(Debug)]
pub(crate) struct Marker {
    path: PathBuf,
    /// The number of the state that belongs to the key; `none` before the first start.
    state: String,
    /// The logs that were cosigned at least once.
    pub(crate) cosigned: BTreeSet<String>,
}

impl Marker {
    /// `KEY.marker`.
    pub(crate) fn path_of(key: &Path) -> PathBuf {
        let mut name = OsString::from(key);
        name.push(".marker");
        PathBuf::from(name)
    }

    /// The marker of a new key. It is made with the key, so that a key alone, copied to another
    /// place, is seen to have lost its memory.
    pub(crate) fn of_new_key(key: &Path) -> Self {
        Self::new(key, NO_STATE)
    }

    /// The marker of a key whose state has this number.
    pub(crate) fn new(key: &Path, state: &str) -> Self {
        Self {
            path: Self::path_of(key),
            state: state.to_owned(),
            cosigned: BTreeSet::new(),
        }
    }

    /// Whether the key was never run.
    pub(crate) fn is_unused(&self) -> bool {
        self.state == NO_STATE && self.cosigned.is_empty()
    }

    /// Whether this is the number of the key's state.
    pub(crate) fn is_of(&self, number: &str) -> bool {
        self.state == number
    }

    /// Reads the marker of a key; nothing if there is none.
    pub(crate) fn read(key: &Path) -> Result<Option<Self>, WitnessError> {
        let path = Self::path_of(key);
        let Some(text) = durable::read(&path)? else {
            return Ok(None);
        };
        let refuse = |line: usize, cause: &str| WitnessError::File {
            path: format!("{}:{line}", path.display()),
            cause: cause.to_owned(),
            remedy: REMEDY,
        };
        let mut lines = text.lines();
        if lines.next() != Some(FIRST_LINE) {
            return Err(refuse(1, "it is no marker of a witness"));
        }
        let state = lines.next().and_then(|line| line.strip_prefix("state "));
        let state = state.ok_or_else(|| refuse(2, "the number of the state is missing"))?;
        let mut marker = Self::new(key, state);
        for (at, line) in lines.enumerate() {
            let origin = line.strip_prefix("cosigned ");
            let origin = origin.ok_or_else(|| refuse(at + 3, "the line is unknown"))?;
            marker.cosigned.insert(origin.to_owned());
        }
        Ok(Some(marker))
    }

    /// Makes the marker durable.
    pub(crate) fn write(&self) -> Result<(), WitnessError> {
        let mut text = format!("{FIRST_LINE}\nstate {}\n", self.state);
        for origin in &self.cosigned {
            text.push_str(&format!("cosigned {origin}\n"));
        }
        durable::replace(&self.path, text.as_bytes(), 0o600).map_err(durable::Failure::into_error)
    }
}
