//! A log on a real disk with many writers, and the plain alternative.

use std::cell::RefCell;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ledger::{
    AcceptAll, Disk, Log, LogName, Opening, Payload, RealDisk, Scope, Secrets, Settings,
    Submission, Surroundings,
};
use merkle::SignerKey;
use record::Class;
use tempfile::TempDir;

/// Bytes of an entry: about what a decision takes.
const ENTRY: usize = 200;

/// What one run gave.
pub struct Figure {
    entries: usize,
    time: Duration,
    p50: Duration,
    p99: Duration,
    commits: u64,
}

/// One log in a folder of its own.
pub struct World {
    log: Log,
    _folder: TempDir,
}

impl World {
    pub fn open(root: &Path) -> Self {
        let folder = tempfile::tempdir_in(root).unwrap();
        let log = open(folder.path(), Arc::new(RealDisk));
        Self {
            log,
            _folder: folder,
        }
    }

    /// Writers that append one entry after the other for a time.
    pub fn run(self, writers: usize, payload: Option<usize>, time: Duration) -> Figure {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let log = Rc::new(self.log);
        let latencies = Rc::new(RefCell::new(Vec::new()));
        let start = Instant::now();
        let progress = log.progress();
        let local = tokio::task::LocalSet::new();
        let counting = Rc::new(RefCell::new(0));
        for writer in 0..writers {
            let (log, latencies) = (Rc::clone(&log), Rc::clone(&latencies));
            let (counting, mut progress) = (Rc::clone(&counting), progress.clone());
            local.spawn_local(async move {
                let mut n = writer as u64;
                while start.elapsed() < time {
                    let submission = submission(n, payload);
                    let begun = Instant::now();
                    log.submit(submission).await.unwrap();
                    latencies.borrow_mut().push(begun.elapsed());
                    n += writers as u64;
                    // The first writer counts commits: each is one change of what is durable.
                    if writer == 0 && progress.has_changed().unwrap() {
                        progress.borrow_and_update();
                        *counting.borrow_mut() += 1;
                    }
                }
            });
        }
        runtime.block_on(local);
        let time = start.elapsed();
        let commits = *counting.borrow();
        let mut latencies = latencies.take();
        latencies.sort_unstable();
        let end = Rc::into_inner(log).unwrap().close();
        assert_eq!(
            (end.durable, end.published),
            (latencies.len() as u64, latencies.len() as u64)
        );
        figure(&latencies, time, commits)
    }
}

pub fn open(root: &Path, disk: Arc<dyn Disk>) -> Log {
    let name: LogName = "bench.example/cordon/access/gate/1".parse().unwrap();
    let signer = SignerKey::from_seed(&name.to_string(), &[1; 32]).unwrap();
    let opening = Opening {
        root: root.to_owned(),
        name,
        secrets: Secrets {
            signer,
            payload_key: [2; 32],
        },
        settings: Settings {
            witnesses_needed: 0,
            ..Settings::access()
        },
        surroundings: Surroundings {
            disk,
            ..Surroundings::real()
        },
        fold: Box::new(AcceptAll),
        notice: Box::new(|_, _| None),
    };
    Log::start(opening.open().unwrap(), Vec::new()).unwrap()
}

/// An entry, and a payload that it commits to: the commitment's hash is part of the work.
pub fn submission(n: u64, payload: Option<usize>) -> Submission {
    let mut entry = vec![0; ENTRY];
    entry[..8].copy_from_slice(&n.to_be_bytes());
    let payloads = payload.map(|size| {
        let bytes = vec![b'x'; size];
        let salt = *merkle::leaf_hash(&n.to_be_bytes()).bytes();
        entry[8..40]
            .copy_from_slice(merkle::leaf_hash(&[&salt, bytes.as_slice()].concat()).bytes());
        Payload {
            field: 1,
            class: Class::Literal,
            scope: Scope::Day(1),
            salt,
            bytes,
        }
    });
    Submission::new(entry, payloads.into_iter().collect()).unwrap()
}

/// What a log without group commit does: each writer writes its entry and payload and syncs, one
/// after the other.
pub fn one_sync_each(root: &Path, writers: usize, payload: usize, time: Duration) -> Figure {
    let path = root.join("plain");
    let file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .open(&path)
        .unwrap();
    file.write_all_at(&vec![0; 16 << 20], 0).unwrap();
    file.sync_all().unwrap();
    let next = Mutex::new(0_u64);
    let bytes = vec![1; ENTRY + payload];
    let start = Instant::now();
    let mut latencies: Vec<Duration> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..writers)
            .map(|_| {
                scope.spawn(|| {
                    let mut latencies = Vec::new();
                    while start.elapsed() < time {
                        let begun = Instant::now();
                        let mut next = next.lock().unwrap();
                        file.write_all_at(&bytes, *next % (16 << 20)).unwrap();
                        file.sync_data().unwrap();
                        *next += bytes.len() as u64;
                        drop(next);
                        latencies.push(begun.elapsed());
                    }
                    latencies
                })
            })
            .collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().unwrap())
            .collect()
    });
    let time = start.elapsed();
    latencies.sort_unstable();
    let commits = latencies.len() as u64;
    figure(&latencies, time, commits)
}

fn figure(latencies: &[Duration], time: Duration, commits: u64) -> Figure {
    let at = |share: f64| latencies[(latencies.len() as f64 * share) as usize];
    Figure {
        entries: latencies.len(),
        time,
        p50: at(0.5),
        p99: at(0.99),
        commits,
    }
}

/// A row of the table: the middle of the rounds, and how far they spread.
pub fn row(figures: &[Figure]) -> String {
    let middle = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let of = |value: &dyn Fn(&Figure) -> f64| figures.iter().map(value).collect::<Vec<_>>();
    let rates = of(&|f| f.entries as f64 / f.time.as_secs_f64());
    let spread = format!(
        "({:.0} to {:.0})",
        rates.iter().copied().fold(f64::MAX, f64::min),
        rates.iter().copied().fold(0.0, f64::max)
    );
    format!(
        "{:>10.0} {spread:>17} {:>9.2} {:>9.2} {:>14.1}",
        middle(rates),
        middle(of(&|f| f.p50.as_secs_f64() * 1e3)),
        middle(of(&|f| f.p99.as_secs_f64() * 1e3)),
        middle(of(&|f| f.entries as f64 / f.commits.max(1) as f64)),
    )
}
