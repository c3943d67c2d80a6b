//! Where the bench writes: file system, device, and how long a sync takes there.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A folder on the disk that is to be measured: by default beside what cargo builds, because the
/// system's folder for temporary files may be memory.
pub fn folder() -> TempDir {
    let beside = std::env::current_exe()
        .unwrap()
        .parent()
        .unwrap()
        .to_owned();
    let chosen = std::env::var_os("CORDON_BENCH_DIR").map_or(beside, Into::into);
    tempfile::tempdir_in(chosen).unwrap()
}

/// The mount that holds a folder, from the kernel's own list.
pub fn describe(folder: &Path) -> String {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let holding = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (device, point, kind) = (words.next()?, words.next()?, words.next()?);
        let options = words.next()?;
        folder
            .starts_with(point)
            .then_some((point.len(), device, kind, options))
    });
    match holding.max_by_key(|(length, ..)| *length) {
        Some((_, device, kind, options)) => {
            let cores = std::thread::available_parallelism().map_or(0, usize::from);
            format!("{kind} on {device} ({options}); {cores} cores")
        }
        None => "the mount is unknown".to_owned(),
    }
}

/// The latency of one `fdatasync` after 4 KiB, with the file's space written before and not.
pub fn sync_latency(folder: &Path) -> String {
    let path = folder.join("sync");
    let measure = |is_written_before: bool| {
        let file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .open(&path)
            .unwrap();
        if is_written_before {
            file.write_all_at(&vec![0; 4 << 20], 0).unwrap();
            file.sync_all().unwrap();
        }
        let mut times: Vec<Duration> = (0..400_u64)
            .map(|at| {
                file.write_all_at(&[1; 4096], at * 4096).unwrap();
                let start = Instant::now();
                file.sync_data().unwrap();
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        (
            times[200].as_secs_f64() * 1e3,
            times[395].as_secs_f64() * 1e3,
        )
    };
    let (before, growing) = (measure(true), measure(false));
    fs::remove_file(&path).unwrap();
    format!(
        "fdatasync after 4 KiB: p50 {:.3} ms, p99 {:.3} ms in space written before; \
         p50 {:.3} ms, p99 {:.3} ms in a growing file",
        before.0, before.1, growing.0, growing.1
    )
}
