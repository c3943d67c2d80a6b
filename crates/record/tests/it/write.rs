//! Golden files that are compared, and written again when `RECORD_WRITE=1` says so.

use std::path::PathBuf;

/// A path in the repository.
pub fn in_repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// The file holds this text; when asked to, it is made so, and the difference is for the reviewer.
pub fn holds(path: &str, expected: &str) {
    let file = in_repository(path);
    if std::env::var_os("RECORD_WRITE").is_some() {
        // Other tests read it at the same time.
        let whole = file.with_extension("new");
        std::fs::write(&whole, expected).unwrap();
        std::fs::rename(&whole, &file).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = found
        .lines()
        .zip(expected.lines())
        .position(|(a, b)| a != b);
    assert!(
        found == expected,
        "{path} is not what the code says, from line {} on; run `./x docs` and read the difference",
        differs.map_or(
            found.lines().count().min(expected.lines().count()),
            |line| line
        ) + 1
    );
}
