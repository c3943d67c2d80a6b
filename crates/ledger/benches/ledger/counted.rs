//! How many syncs are made, counted from outside the process by `strace` and inside by the disk.

use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::{Access, Disk, DiskFile, RealDisk, Syncing};

use crate::world;

const CHILD: &str = "CORDON_BENCH_CHILD";
const ENTRIES: usize = 20_000;
const WRITERS: usize = 64;

pub fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Appends a fixed number of entries and says how many syncs the log asked for.
pub fn child() {
    let root = std::env::var_os(CHILD).unwrap();
    let disk = CountingDisk::default();
    let log = world::open(Path::new(&root), Arc::new(disk.clone()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        for batch in 0..ENTRIES / WRITERS {
            let waiting: Vec<_> = (0..WRITERS)
                .map(|n| log.submit(world::submission((batch * WRITERS + n) as u64, Some(300))))
                .collect();
            for waiting in waiting {
                waiting.await.unwrap();
            }
        }
    });
    log.close();
    let Counts { data, folders } = disk.0.as_ref();
    println!(
        "{} fdatasync, {} fsync",
        data.load(Ordering::Relaxed),
        folders.load(Ordering::Relaxed)
    );
}

/// Runs the child under the tracer.
pub fn count(root: &Path) -> String {
    let folder = tempfile::tempdir_in(root).unwrap();
    let summary = folder.path().join("summary");
    let ran = Command::new("strace")
        .args([
            "-f",
            "-c",
            "-U",
            "name,calls",
            "-e",
            "trace=fdatasync,fsync",
            "-o",
        ])
        .arg(&summary)
        .arg(std::env::current_exe().unwrap())
        .arg("--bench")
        .env(CHILD, folder.path())
        .output();
    let Ok(output) = ran else {
        return "syncs are not counted: `strace` is not installed".to_owned();
    };
    let asked = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let counted = std::fs::read_to_string(summary).unwrap_or_default();
    let calls = |name: &str| {
        let line = counted
            .lines()
            .find(|line| line.split_whitespace().next() == Some(name));
        line.and_then(|line| line.split_whitespace().nth(1))
            .unwrap_or("0")
            .to_owned()
    };
    format!(
        "{} entries with payloads from {WRITERS} writers: strace counted {} fdatasync, {} fsync; \
         the log asked for {asked}",
        ENTRIES / WRITERS * WRITERS,
        calls("fdatasync"),
        calls("fsync"),
    )
}

#[derive(Default)]
struct Counts {
    data: AtomicU64,
    folders: AtomicU64,
}

/// The real disk, counting.
#[derive(Clone, Default)]
struct CountingDisk(Arc<Counts>);

struct CountingFile(Box<dyn DiskFile>, Arc<Counts>);

impl Disk for CountingDisk {
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn DiskFile>> {
        let file = RealDisk.open(path, access)?;
        Ok(Box::new(CountingFile(file, Arc::clone(&self.0))))
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.create_dir(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(folder)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove_dir(path)
    }

    fn sync_dir(&self, folder: &Path) -> io::Result<()> {
        self.0.folders.fetch_add(1, Ordering::Relaxed);
        RealDisk.sync_dir(folder)
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Send + Sync>> {
        RealDisk.lock(path)
    }
}

impl DiskFile for CountingFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(offset, buffer)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_at(offset, bytes)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.1.data.fetch_add(1, Ordering::Relaxed);
        self.0.sync_data()
    }

    fn begin_sync(&self) -> Syncing {
        self.1.data.fetch_add(1, Ordering::Relaxed);
        self.0.begin_sync()
    }

    fn set_size(&self, size: u64) -> io::Result<()> {
        self.0.set_size(size)
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }

    fn is_in_place(&self) -> io::Result<bool> {
        self.0.is_in_place()
    }
}
