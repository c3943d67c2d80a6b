//! How long the disk takes to sync what a commit of the ledger writes.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Instant;

/// The median time of `fdatasync` after 512 bytes in space that was written before, in milliseconds.
pub fn fdatasync_ms(folder: &Path) -> f64 {
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(folder.join("sync-probe"))
        .unwrap();
    file.write_all_at(&vec![0; 1 << 20], 0).unwrap();
    file.sync_all().unwrap();
    let mut times: Vec<f64> = (0..500)
        .map(|step| {
            file.write_all_at(&[1; 512], step * 512).unwrap();
            let begin = Instant::now();
            file.sync_data().unwrap();
            begin.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
