//! A disk in memory that fails where it is told to and forgets what was not synced.
//!
//! It keeps what is durable apart from what is not. Bytes become durable with the file's sync, names
//! with their folder's. A power cut keeps of the rest what a seed says: each 512-byte sector of a
//! write on its own, each change of a name on its own, so that writes are torn and reordered.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use ledger::{Access, Disk, DiskFile, Syncing};

use crate::fixture::mix;

const SECTOR: usize = 512;

/// What happens at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not done and an error is reported.
    NotDone,
    /// It is done, and an error is reported all the same.
    DoneButFailed,
    /// The power is cut before it is done, or, with an even seed, after.
    PowerCut { seed: u64 },
    /// There is no space from here on but what is given up: half of the bytes are written. Only
    /// where space is taken.
    NoSpace,
    /// The file system has become read-only, from here on.
    ReadOnly,
}

#[derive(Clone, Debug, Default)]
struct Inode {
    durable: Vec<u8>,
    now: Vec<u8>,
    /// Since the last sync: a write at an offset, or a change of size.
    unsynced: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Size(usize),
}

/// A name given or taken in a folder.
#[derive(Clone, Debug)]
enum Naming {
    Give(PathBuf, usize),
    Take(PathBuf),
    /// Both names change together.
    Rename(PathBuf, PathBuf, usize),
}

#[derive(Default)]
struct State {
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    folders: BTreeSet<PathBuf>,
    unsynced_names: Vec<Naming>,
    locked: BTreeSet<PathBuf>,
    /// What each step was, as text.
    steps: Vec<String>,
    fault: Option<(usize, Fault)>,
    /// After a power cut nothing works until the disk is switched on again.
    is_off: bool,
    is_read_only: bool,
    /// Bytes given up since the disk was full.
    free: usize,
    /// A sync that is begun is done at once, not when it is waited for.
    syncs_early: bool,
}

/// The disk. Clones share it.
#[derive(Clone, Default)]
pub struct FaultyDisk(Arc<Mutex<State>>);

impl FaultyDisk {
    pub fn new(root: &Path) -> Self {
        let disk = Self::default();
        disk.state().folders.insert(root.to_owned());
        disk
    }

    /// From here on a sync that is begun is done at once, before what its caller does beside it;
    /// otherwise it is done when it is waited for, behind that. A real disk does it anywhere between.
    pub fn sync_early(&self) {
        self.state().syncs_early = true;
    }

    /// The steps that were done or failed so far.
    pub fn steps(&self) -> Vec<String> {
        self.state().steps.clone()
    }

    /// Makes the step with this number fail.
    pub fn fail_at(&self, step: usize, fault: Fault) {
        self.state().fault = Some((step, fault));
    }

    /// Cuts the power now, whatever runs.
    pub fn cut_power(&self, seed: u64) {
        self.state().cut_power(seed);
    }

    /// Ends the fault; after a power cut the machine starts again with what is durable.
    pub fn switch_on(&self) {
        let mut state = self.state();
        state.fault = None;
        state.is_off = false;
        state.is_read_only = false;
        state.free = 0;
        state.locked.clear();
    }

    /// Whether a fault is set or has struck since the disk was switched on.
    pub fn had_fault(&self) -> bool {
        let state = self.state();
        state.fault.is_some() || state.is_off
    }

    /// Whether the power was cut.
    pub fn is_off(&self) -> bool {
        self.state().is_off
    }

    /// Every file with its bytes.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let state = self.state();
        let files = state.names.iter();
        files
            .map(|(path, inode)| (path.clone(), state.inodes[*inode].now.clone()))
            .collect()
    }

    /// Changes a file behind the log's back.
    pub fn overwrite(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        let inode = state.names[path];
        change(&mut state.inodes[inode].now);
        state.inodes[inode].durable = state.inodes[inode].now.clone();
        state.inodes[inode].unsynced.clear();
    }

    /// Removes a file behind the log's back; who has it open goes on writing to nowhere.
    pub fn take_away(&self, path: &Path) {
        let mut state = self.state();
        state.names.remove(path);
        state.durable_names.remove(path);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn refused(kind: io::ErrorKind) -> io::Error {
    kind.into()
}

/// How a step ends when nothing else is said.
enum Turn {
    Do,
    DoThenFail(io::Error),
}

impl State {
    fn inode(&self, path: &Path) -> io::Result<usize> {
        self.names
            .get(path)
            .copied()
            .ok_or_else(|| refused(io::ErrorKind::NotFound))
    }

    /// Counts a step and says what becomes of it. `space` is how many bytes it takes, if it is
    /// of the kind that takes any.
    fn step(&mut self, text: String, space: Option<usize>) -> io::Result<Turn> {
        if self.is_off {
            return Err(io::Error::other("the power is off"));
        }
        let number = self.steps.len();
        self.steps.push(text);
        if self.is_read_only {
            return Err(refused(io::ErrorKind::ReadOnlyFilesystem));
        }
        let Some((at, fault)) = self.fault else {
            return Ok(Turn::Do);
        };
        // Space does not come back by itself: a full disk stays so.
        let is_here = number == at || (fault == Fault::NoSpace && number > at);
        if !is_here {
            return Ok(Turn::Do);
        }
        match fault {
            Fault::NotDone => Err(io::Error::other("made to fail")),
            Fault::DoneButFailed => Ok(Turn::DoThenFail(io::Error::other("made to fail"))),
            Fault::PowerCut { seed } if seed % 2 == 1 => {
                self.cut_power(seed);
                Err(io::Error::other("the power is off"))
            }
            Fault::PowerCut { .. } => Ok(Turn::DoThenFail(io::Error::other("the power is off"))),
            Fault::NoSpace => match space {
                Some(bytes) if number == at || bytes > self.free => {
                    Err(refused(io::ErrorKind::StorageFull))
                }
                Some(bytes) => {
                    self.free -= bytes;
                    Ok(Turn::Do)
                }
                None => Ok(Turn::Do),
            },
            Fault::ReadOnly => {
                self.is_read_only = true;
                Err(refused(io::ErrorKind::ReadOnlyFilesystem))
            }
        }
    }

    fn finish(&mut self, turn: Turn) -> io::Result<()> {
        let Turn::DoThenFail(error) = turn else {
            return Ok(());
        };
        if let Some((_, Fault::PowerCut { seed })) = self.fault {
            self.cut_power(seed);
        }
        Err(error)
    }

    fn cut_power(&mut self, seed: u64) {
        let mut count = 0;
        let mut keeps = || {
            count += 1;
            mix(mix(seed) ^ count) >> 63 == 0
        };
        for inode in &mut self.inodes {
            for change in std::mem::take(&mut inode.unsynced) {
                match change {
                    Change::Size(size) if keeps() => inode.durable.resize(size, 0),
                    Change::Size(_) => {}
                    Change::Write(offset, bytes) => {
                        keep_sectors(&mut inode.durable, offset, &bytes, &mut keeps);
                    }
                }
            }
            inode.now = inode.durable.clone();
        }
        for naming in std::mem::take(&mut self.unsynced_names) {
            if keeps() {
                naming.apply(&mut self.durable_names);
            }
        }
        self.names = self.durable_names.clone();
        self.is_off = true;
    }
}

/// Writes those sectors of a write that the disk happened to keep.
fn keep_sectors(file: &mut Vec<u8>, offset: usize, bytes: &[u8], keeps: &mut impl FnMut() -> bool) {
    let mut at = 0;
    while at < bytes.len() {
        let end = bytes
            .len()
            .min((((offset + at) / SECTOR) + 1) * SECTOR - offset);
        if keeps() {
            write(file, offset + at, &bytes[at..end]);
        }
        at = end;
    }
}

fn write(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if file.len() < offset + bytes.len() {
        file.resize(offset + bytes.len(), 0);
    }
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Give(path, inode) => {
                names.insert(path.clone(), *inode);
            }
            Self::Take(path) => {
                names.remove(path);
            }
            Self::Rename(from, to, inode) => {
                names.remove(from);
                names.insert(to.clone(), *inode);
            }
        }
    }

    fn is_in(&self, folder: &Path) -> bool {
        let path = match self {
            Self::Give(path, _) | Self::Take(path) | Self::Rename(path, _, _) => path,
        };
        path.parent() == Some(folder)
    }
}

/// The last two parts of a path, which is enough to know a file by.
fn short(path: &Path) -> String {
    let parts: Vec<_> = path
        .iter()
        .skip(2)
        .map(|part| part.to_string_lossy())
        .collect();
    match parts.is_empty() {
        true => ".".to_owned(),
        false => parts.join("/").replace("0000000000", ".."),
    }
}

impl Disk for FaultyDisk {
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        if state.is_off {
            return Err(io::Error::other("the power is off"));
        }
        let inode = if access == Access::Create {
            let turn = state.step(format!("make {}", short(path)), Some(0))?;
            let inode = match state.names.get(path).copied() {
                Some(inode) => {
                    state.inodes[inode].now.clear();
                    state.inodes[inode].unsynced.push(Change::Size(0));
                    inode
                }
                None => {
                    state.inodes.push(Inode::default());
                    let inode = state.inodes.len() - 1;
                    state.names.insert(path.to_owned(), inode);
                    state
                        .unsynced_names
                        .push(Naming::Give(path.to_owned(), inode));
                    inode
                }
            };
            state.finish(turn)?;
            inode
        } else {
            state.inode(path)?
        };
        drop(state);
        Ok(Box::new(FaultyFile {
            disk: self.clone(),
            inode,
            path: path.to_owned(),
        }))
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        // Folders are durable at once: the files in them are what is tested.
        let mut state = self.state();
        if state.is_off {
            return Err(io::Error::other("the power is off"));
        }
        state.folders.insert(path.to_owned());
        Ok(())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        if state.is_off {
            return Err(io::Error::other("the power is off"));
        }
        if !state.folders.contains(folder) {
            return Err(refused(io::ErrorKind::NotFound));
        }
        let inside = state
            .names
            .keys()
            .filter(|path| path.parent() == Some(folder));
        Ok(inside
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        let turn = state.step(format!("rename to {}", short(to)), Some(0))?;
        let inode = state.inode(from)?;
        let naming = Naming::Rename(from.to_owned(), to.to_owned(), inode);
        naming.apply(&mut state.names);
        state.unsynced_names.push(naming);
        state.finish(turn)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        let turn = state.step(format!("remove {}", short(path)), None)?;
        state.inode(path)?;
        let naming = Naming::Take(path.to_owned());
        naming.apply(&mut state.names);
        state.unsynced_names.push(naming);
        state.finish(turn)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        if state.is_off {
            return Err(io::Error::other("the power is off"));
        }
        state.folders.remove(path);
        Ok(())
    }

    fn sync_dir(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.state();
        let turn = state.step(format!("sync folder {}", short(folder)), None)?;
        let all = std::mem::take(&mut state.unsynced_names);
        let (synced, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|n| n.is_in(folder));
        for naming in synced {
            naming.apply(&mut state.durable_names);
        }
        state.unsynced_names = rest;
        state.finish(turn)
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Send + Sync>> {
        let mut state = self.state();
        if state.is_off {
            return Err(io::Error::other("the power is off"));
        }
        if !state.locked.insert(path.to_owned()) {
            return Err(refused(io::ErrorKind::WouldBlock));
        }
        drop(state);
        Ok(Box::new(Unlock(self.clone(), path.to_owned())))
    }
}

struct Unlock(FaultyDisk, PathBuf);

impl Drop for Unlock {
    fn drop(&mut self) {
        self.0.state().locked.remove(&self.1);
    }
}

#[derive(Clone)]
struct FaultyFile {
    disk: FaultyDisk,
    inode: usize,
    path: PathBuf,
}

impl DiskFile for FaultyFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let state = self.disk.state();
        if state.is_off {
            return Err(io::Error::other("the power is off"));
        }
        let offset = usize::try_from(offset).unwrap();
        let rest = state.inodes[self.inode]
            .now
            .get(offset..)
            .unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.state();
        let offset = usize::try_from(offset).unwrap();
        // Overwriting what is there takes no space.
        let there = state.inodes[self.inode].now.len();
        let grows = (offset + bytes.len())
            .checked_sub(there)
            .filter(|bytes| *bytes > 0);
        let turn = match state.step(format!("write {}", short(&self.path)), grows) {
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                let half = bytes[..bytes.len() / 2].to_vec();
                state.write(self.inode, offset, half);
                return Err(error);
            }
            turn => turn?,
        };
        state.write(self.inode, offset, bytes.to_vec());
        state.finish(turn)
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        let turn = match state.step(format!("sync {}", short(&self.path)), None) {
            Ok(turn) => turn,
            Err(error) if state.is_off => return Err(error),
            Err(error) => {
                // As Linux does it: the pages count as clean and can be read, the disk has lost them.
                state.inodes[self.inode].unsynced.clear();
                return Err(error);
            }
        };
        let inode = &mut state.inodes[self.inode];
        for change in std::mem::take(&mut inode.unsynced) {
            match change {
                Change::Write(offset, bytes) => write(&mut inode.durable, offset, &bytes),
                Change::Size(size) => inode.durable.resize(size, 0),
            }
        }
        state.finish(turn)
    }

    fn begin_sync(&self) -> Syncing {
        if self.disk.state().syncs_early {
            let done = self.sync_data();
            return Syncing::new(move || done);
        }
        let file = self.clone();
        Syncing::new(move || file.sync_data())
    }

    fn set_size(&self, size: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        let turn = state.step(format!("cut {}", short(&self.path)), None)?;
        let size = usize::try_from(size).unwrap();
        let given_up = state.inodes[self.inode].now.len().saturating_sub(size);
        state.free += given_up;
        let inode = &mut state.inodes[self.inode];
        inode.now.resize(size, 0);
        inode.unsynced.push(Change::Size(size));
        state.finish(turn)
    }

    fn size(&self) -> io::Result<u64> {
        let state = self.disk.state();
        Ok(state.inodes[self.inode].now.len() as u64)
    }

    fn is_in_place(&self) -> io::Result<bool> {
        let state = self.disk.state();
        Ok(state.names.get(&self.path) == Some(&self.inode))
    }
}

impl State {
    fn write(&mut self, inode: usize, offset: usize, bytes: Vec<u8>) {
        let inode = &mut self.inodes[inode];
        write(&mut inode.now, offset, &bytes);
        inode.unsynced.push(Change::Write(offset, bytes));
    }
}
