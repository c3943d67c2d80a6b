//! All checkpoints that were cosigned for one log, in files that only grow. Knows no keys.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use merkle::SignedCheckpoint;

use crate::limits::HISTORY_FILE_BYTES;
use crate::{WitnessError, durable};

const REMEDY: &str = "see to the disk; keep a copy of the state directory";

/// Files `000001.notes`, `000002.notes` and so on: before each note stands its length as `= N`.
#[derive(Debug)]
pub(crate) struct History {
    directory: PathBuf,
    number: u64,
    bytes: u64,
    last: Option<SignedCheckpoint>,
}

impl History {
    /// Opens the history of a log for appending. What a power cut left half written at the end is
    /// removed: it was not answered.
    pub(crate) fn open(directory: PathBuf) -> Result<Self, WitnessError> {
        durable::create_directory(&directory)?;
        let numbers = numbers_in(&directory)?;
        let mut history = Self {
            directory,
            number: numbers.last().copied().unwrap_or(1),
            bytes: 0,
            last: None,
        };
        // The last file may be there without a whole note; then the one before has the last.
        for (at, number) in numbers.iter().rev().enumerate().take(2) {
            let path = history.path(*number);
            let (notes, whole) = read_file(&path)?;
            if at == 0 {
                history.bytes = whole;
                cut(&path, whole)?;
            }
            history.last = notes.into_iter().next_back();
            if history.last.is_some() {
                break;
            }
        }
        Ok(history)
    }

    /// The last one, if any.
    pub(crate) const fn last(&self) -> Option<&SignedCheckpoint> {
        self.last.as_ref()
    }

    /// Adds a checkpoint; durable when it answers. After an error the end of the file is unknown
    /// until it is opened again.
    pub(crate) fn append(&mut self, signed: &SignedCheckpoint) -> Result<(), WitnessError> {
        if self.bytes >= HISTORY_FILE_BYTES {
            self.number += 1;
            self.bytes = 0;
        }
        let path = self.path(self.number);
        let note = signed.to_string();
        let framed = format!("= {}\n{note}", note.len());
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
            file.write_all(framed.as_bytes())?;
            file.sync_all()?;
            if self.bytes == 0 {
                durable::sync_parent(&path)?;
            }
            Ok(())
        };
        write().map_err(|error| WitnessError::io("append to", &path, error, REMEDY))?;
        self.bytes += framed.len() as u64;
        self.last = Some(signed.clone());
        Ok(())
    }

    /// All checkpoints of a history that nobody need have open, oldest first, one file at a time.
    pub(crate) fn read_all(
        directory: &Path,
        mut each: impl FnMut(SignedCheckpoint),
    ) -> Result<(), WitnessError> {
        for number in numbers_in(directory)? {
            let (notes, _) = read_file(&directory.join(name_of(number)))?;
            notes.into_iter().for_each(&mut each);
        }
        Ok(())
    }

    fn path(&self, number: u64) -> PathBuf {
        self.directory.join(name_of(number))
    }
}

fn name_of(number: u64) -> String {
    format!("{number:06}.notes")
}

fn numbers_in(directory: &Path) -> Result<Vec<u64>, WitnessError> {
    let names = durable::names_in(directory)?;
    let numbers = names.iter().filter_map(|name| name.strip_suffix(".notes"));
    let mut numbers: Vec<u64> = numbers.filter_map(|name| name.parse().ok()).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// The whole notes of a file and how many bytes they take.
fn read_file(path: &Path) -> Result<(Vec<SignedCheckpoint>, u64), WitnessError> {
    let bytes = fs::read(path).map_err(|error| WitnessError::io("read", path, error, REMEDY))?;
    let mut notes = Vec::new();
    let mut rest = bytes.as_slice();
    while let Some((note, after)) = next_note(rest) {
        let note = SignedCheckpoint::parse(note)
            .map_err(|error| WitnessError::file(path, error, "restore it from a copy"))?;
        notes.push(note);
        rest = after;
    }
    Ok((notes, (bytes.len() - rest.len()) as u64))
}

fn next_note(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, after) = bytes.split_at_checked(end + 1)?;
    let length = str::from_utf8(line).ok()?.trim_end().strip_prefix("= ")?;
    after.split_at_checked(length.parse().ok()?)
}

fn cut(path: &Path, bytes: u64) -> Result<(), WitnessError> {
    let cut = || -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(path)?;
        if file.metadata()?.len() != bytes {
            file.set_len(bytes)?;
        }
        // What can be read may still be lost, if the sync that should have kept it failed.
        file.sync_all()
    };
    cut().map_err(|error| WitnessError::io("cut", path, error, REMEDY))
}
