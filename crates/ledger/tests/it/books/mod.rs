//! The books: control log, access logs, anchors, erasures, followers; on a real directory.

mod child;
mod drafts;
mod erasure;
mod follow;
mod keys;
mod life;
mod lost;
mod witnessed;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use ledger::{
    AccessLog, Books, BooksSettings, Cadence, Clock, ControlLog, Cosign, JournalSettings, Keys,
    LogName, Progress, PublishedLog, RealDisk, Settings, Surroundings, SystemClock,
};
use record::{Append, AppendError, Body, Draft, Durable, Entry, Line, Marks, State, Trail};
use tokio::sync::watch;

pub const MARKS: Marks = Marks { evaluation: true };
/// Longer than any test: what is to happen in a test is asked for.
const NEVER: Duration = Duration::from_secs(3600);

/// A deployment's folder: `secrets/` and `ledger/`. An evaluation without a witness.
pub fn books(folder: &Path) -> Books {
    let secrets = folder.join("secrets");
    let root = folder.join("ledger");
    let surroundings = Surroundings::real();
    let keys = if secrets.exists() {
        Keys::load(&secrets).unwrap()
    } else {
        fs::create_dir(&secrets).unwrap();
        fs::create_dir(&root).unwrap();
        Keys::create(&secrets, surroundings.randomness.as_ref()).unwrap()
    };
    let small = JournalSettings {
        segment_bytes: 20_000,
        allocate_bytes: 4096,
        segments_kept: 1,
    };
    let settings = |settings: Settings, publish| Settings {
        journal: small,
        reserve_bytes: 4096,
        deadline: Duration::from_secs(60),
        witnesses_needed: 0,
        cosign_every: Duration::from_millis(5),
        publish,
        ..settings
    };
    let often = Cadence::Every(Duration::from_millis(5));
    Books {
        root,
        organisation: "acme.example".to_owned(),
        keys,
        build: Line::new("cordon 0.1 test").unwrap(),
        marks: MARKS,
        settings: BooksSettings {
            control: settings(Settings::control(), Cadence::EveryCommit),
            access: settings(Settings::access(), often),
            heartbeat: NEVER,
            anchor: NEVER,
            sign_of_life: Duration::from_millis(10),
            erasure_wait: Duration::from_secs(60),
            ..BooksSettings::default()
        },
        surroundings,
    }
}

pub fn now_ms() -> u64 {
    SystemClock.now_ms()
}

pub fn control(books: &Books) -> Arc<ControlLog> {
    Arc::new(ControlLog::open(books, Vec::new()).unwrap())
}

pub fn access(books: &Books, control: &Arc<ControlLog>) -> AccessLog {
    AccessLog::open(books, "gate-1", control, no_witnesses()).unwrap()
}

pub fn no_witnesses() -> Vec<Box<dyn Cosign>> {
    Vec::new()
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(future)
}

pub fn append(log: &dyn Append, draft: Draft) -> Result<Durable, AppendError> {
    run(log.append(draft))
}

pub fn until(
    mut progress: watch::Receiver<Progress>,
    what: impl FnMut(&Progress) -> bool,
) -> Progress {
    run(async { progress.wait_for(what).await.unwrap().clone() })
}

/// Waits for what no channel tells of.
pub fn soon(what: impl Fn() -> bool) {
    let begin = Instant::now();
    while !what() {
        assert!(begin.elapsed() < Duration::from_secs(60), "it never is");
        thread::yield_now();
    }
}

/// What a stranger reads: every entry hashed, the root compared with the signed one, each decoded.
pub fn read(books: &Books, name: &LogName) -> Vec<Entry> {
    let key = books.keys.signer(name).unwrap().verifier().clone();
    let folder = books.root.join(name.folder());
    let mut log = PublishedLog::new(Arc::new(RealDisk), &folder, key);
    let mut entries = Vec::new();
    log.look(&mut |_, bytes| entries.push(Entry::decode(bytes).unwrap()))
        .unwrap();
    entries
}

/// And folds: the control log, and an access log that must have nothing irregular.
pub fn fold_control(entries: &[Entry]) -> State {
    let mut state = State::default();
    for (index, entry) in (0..).zip(entries) {
        state.apply(index, entry).unwrap();
    }
    state
}

pub fn fold_access(entries: &[Entry]) -> Trail {
    let mut trail = Trail::default();
    for (index, entry) in (0..).zip(entries) {
        trail.apply(index, entry).unwrap();
    }
    trail
}

/// Every anchor and close of a log is about these very entries.
pub fn anchors_fit(control: &[Entry], name: &LogName, entries: &[Entry]) -> usize {
    let mut anchors = 0;
    for entry in control {
        let (log, size, root) = match &entry.body {
            Body::Anchor(anchor) => (&anchor.log, anchor.size, anchor.root),
            Body::LogClose(close) => (&close.log, close.size, close.root),
            _ => continue,
        };
        if log.as_str() != name.to_string() {
            continue;
        }
        let mut frontier = merkle::Frontier::new();
        for entry in &entries[..usize::try_from(size).unwrap()] {
            frontier.push(merkle::leaf_hash(&entry.encode().unwrap()));
        }
        assert_eq!(frontier.root().bytes(), root.bytes(), "anchor at {size}");
        anchors += 1;
    }
    anchors
}

pub fn kinds(entries: &[Entry]) -> Vec<&'static str> {
    entries.iter().map(|entry| entry.kind().name).collect()
}

pub fn gate(epoch: u32) -> LogName {
    LogName::access("acme.example", "gate-1", epoch).unwrap()
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            // A file that is being made loses its first name.
            match fs::copy(&path, &target) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                copied => drop(copied.unwrap()),
            }
        }
    }
}
