//! Refused requests of one log, kept as they came: bounded, and bound so that a flood of one kind
//! pushes out nothing of another.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use merkle::leaf_hash;

use crate::limits::{EVIDENCE_FILES_MAX, FORK_FILES_MAX};
use crate::{WitnessError, durable};

/// Why a request was refused, from proof of misbehaviour to noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Signed by the log, of the size that was cosigned last, with another root: a proof by itself.
    Fork,
    /// Signed by the log, with a proof that does not hold. The tree may be a fork; ask for its tiles.
    Unproved,
    /// Signed by the log, from another size than the witness stands at: a fork, or a log behind.
    Stale,
    /// Not signed by the log: somebody else's, or another key.
    Unsigned,
}

impl Kind {
    /// All kinds, the gravest first.
    pub const ALL: [Self; 4] = [Self::Fork, Self::Unproved, Self::Stale, Self::Unsigned];

    /// The name of its directory.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::Unproved => "unproved",
            Self::Stale => "stale",
            Self::Unsigned => "unsigned",
        }
    }

    const fn files_max(self) -> usize {
        match self {
            Self::Fork => FORK_FILES_MAX,
            Self::Unproved | Self::Stale | Self::Unsigned => EVIDENCE_FILES_MAX,
        }
    }
}

/// A request that was refused and kept.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Why.
    pub kind: Kind,
    /// When, in seconds since 1970.
    pub time_s: u64,
    /// The request, byte for byte.
    pub path: PathBuf,
}

/// The kept requests of one log.
#[derive(Debug)]
pub(crate) struct Evidence {
    directory: PathBuf,
    shelves: Vec<Shelf>,
}

#[derive(Debug)]
struct Shelf {
    kind: Kind,
    next: u64,
    names: VecDeque<String>,
    /// The ends of the names, so that one request sent a thousand times is kept once.
    hashes: BTreeSet<String>,
}

impl Evidence {
    pub(crate) fn open(directory: PathBuf) -> Result<Self, WitnessError> {
        let mut shelves = Vec::new();
        for kind in Kind::ALL {
            let shelf = directory.join(kind.name());
            durable::create_directory(&shelf)?;
            let names: VecDeque<String> = names_in(&shelf)?.into();
            let last = names.back().and_then(|name| parts(name));
            shelves.push(Shelf {
                kind,
                next: last.map_or(1, |(number, _, _)| number + 1),
                hashes: names
                    .iter()
                    .filter_map(|name| parts(name))
                    .map(|(_, _, hash)| hash.to_owned())
                    .collect(),
                names,
            });
        }
        Ok(Self { directory, shelves })
    }

    /// Keeps a request, durable when it answers. Answers false if it is kept already, or if there
    /// are so many contradictions that no further one is needed.
    pub(crate) fn keep(
        &mut self,
        kind: Kind,
        request: &[u8],
        time_s: u64,
    ) -> Result<bool, WitnessError> {
        let Some(shelf) = self.shelves.iter_mut().find(|shelf| shelf.kind == kind) else {
            return Ok(false);
        };
        let mut hash = leaf_hash(request).to_hex();
        hash.truncate(32);
        let is_full = shelf.names.len() >= kind.files_max();
        if shelf.hashes.contains(&hash) || (is_full && kind == Kind::Fork) {
            return Ok(false);
        }
        let directory = self.directory.join(kind.name());
        while shelf.names.len() >= kind.files_max() {
            let Some(oldest) = shelf.names.pop_front() else {
                break;
            };
            if let Some((_, _, hash)) = parts(&oldest) {
                shelf.hashes.remove(hash);
            }
            let path = directory.join(oldest);
            fs::remove_file(&path).map_err(|error| {
                let remedy = "leave the evidence to the witness while it runs";
                WitnessError::io("remove", &path, error, remedy)
            })?;
        }
        let name = format!("{:010}-{time_s}-{hash}.request", shelf.next);
        shelf.next += 1;
        durable::create(&directory.join(&name), request, 0o600)?;
        shelf.names.push_back(name);
        shelf.hashes.insert(hash);
        Ok(true)
    }

    /// How many of a kind are kept.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        let shelf = self.shelves.iter().find(|shelf| shelf.kind == kind);
        shelf.map_or(0, |shelf| shelf.names.len())
    }

    /// What is kept in a directory that nobody need have open; the gravest first, then by age.
    pub(crate) fn list(directory: &Path) -> Result<Vec<Refused>, WitnessError> {
        let mut listed = Vec::new();
        for kind in Kind::ALL {
            let shelf = directory.join(kind.name());
            for name in names_in(&shelf)? {
                let Some((_, time_s, _)) = parts(&name) else {
                    continue;
                };
                listed.push(Refused {
                    kind,
                    time_s,
                    path: shelf.join(&name),
                });
            }
        }
        Ok(listed)
    }
}

fn names_in(shelf: &Path) -> Result<Vec<String>, WitnessError> {
    let mut names = durable::names_in(shelf)?;
    names.retain(|name| parts(name).is_some());
    Ok(names)
}

/// Number, time and hash of a file's name.
fn parts(name: &str) -> Option<(u64, u64, &str)> {
    let mut parts = name.strip_suffix(".request")?.splitn(3, '-');
    let number = parts.next()?.parse().ok()?;
    let time_s = parts.next()?.parse().ok()?;
    Some((number, time_s, parts.next()?))
}
