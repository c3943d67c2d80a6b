//! Runs the binary.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a run left.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs `cordon` from the repository's root.
pub fn cordon(arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_cordon"))
        .current_dir(root())
        .args(arguments)
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A copy of the sample to be spoilt.
pub fn sample() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy(&root().join("policies/sample"), &dir.path().join("sample"));
    dir
}

/// Replaces a text in one of its files; the text must be there.
pub fn spoil(dir: &tempfile::TempDir, file: &str, old: &str, new: &str) -> String {
    let root = dir.path().join("sample");
    let path = root.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "`{old}` is not in {file}");
    std::fs::write(&path, text.replacen(old, new, 1)).unwrap();
    root.to_str().unwrap().to_owned()
}

/// Copies a folder with everything in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
