//! How many syncs are made, counted from outside the process by `strace`.

use std::path::Path;
use std::process::Command;

use crate::world;

const CHILD: &str = "CORDON_BENCH_CHILD";
const ENTRIES: usize = 20_000;
const WRITERS: usize = 64;

pub fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Appends a fixed number of entries and says how many commits that took.
pub fn child() {
    let root = std::env::var_os(CHILD).unwrap();
    let log = world::open(Path::new(&root));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut progress = log.progress();
    let mut commits = 0_u64;
    runtime.block_on(async {
        for batch in 0..ENTRIES / WRITERS {
            let waiting: Vec<_> = (0..WRITERS)
                .map(|n| log.submit(world::submission((batch * WRITERS + n) as u64, Some(300))))
                .collect();
            for waiting in waiting {
                waiting.await.unwrap();
                if progress.has_changed().unwrap() {
                    progress.borrow_and_update();
                    commits += 1;
                }
            }
        }
    });
    log.close();
    println!("{commits}");
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
    let changes = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let counted = std::fs::read_to_string(summary).unwrap_or_default();
    let lines: Vec<&str> = counted
        .lines()
        .filter(|line| line.contains("sync"))
        .collect();
    format!(
        "syncs counted by strace for {} entries with payloads from {WRITERS} writers: {}; \
         the log said {changes} times that more was durable or published",
        ENTRIES / WRITERS * WRITERS,
        lines
            .iter()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
            .join(", ")
    )
}
