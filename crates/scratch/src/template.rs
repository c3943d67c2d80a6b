//! A data folder that `initdb` made once, copied for every server: `initdb` takes seconds.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::Builder;

use crate::account::Account;
use crate::binaries::Binaries;
use crate::error::ScratchError;

/// The options of `initdb`. A change needs another name for the template: see [`name`].
const OPTIONS: &[&str] = &[
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--no-sync",
    "--no-instructions",
];
/// Part of a template's name, so that one made by other options is not taken for it.
const GENERATION: u32 = 1;

/// Makes the data folder `target`, which must not exist, in a folder that is the account's.
pub(crate) fn copy_to(
    target: &Path,
    binaries: &Binaries,
    account: Account,
) -> Result<(), ScratchError> {
    let template = find_or_make(binaries, account)?;
    let mut copy = Command::new("cp");
    copy.args(["-R", "--reflink=auto", "--"])
        .arg(&template)
        .arg(target);
    finish(
        "cp",
        account
            .run(&mut copy)
            .output()
            .map_err(ScratchError::io("run", "cp"))?,
    )
}

/// The template for this version, made if nobody has yet.
///
/// Safe beside other processes that do the same: each makes its own and gives it the final name by
/// one rename, which fails when the name is taken. So whatever has the name is complete.
fn find_or_make(binaries: &Binaries, account: Account) -> Result<PathBuf, ScratchError> {
    let folder = std::env::temp_dir().join(format!("cordon-scratch-{}", account.user));
    own_folder(&folder, account)?;
    let template = folder.join(name(&binaries.version));
    if template.is_dir() {
        return Ok(template);
    }
    let work = Builder::new()
        .prefix("new-")
        .tempdir_in(&folder)
        .map_err(ScratchError::io("make a folder in", &folder))?;
    account.give(work.path())?;
    let made = work.path().join("data");
    let initdb = binaries.program("initdb");
    let mut command = Command::new(&initdb);
    command
        .args(OPTIONS)
        .arg("--pgdata")
        .arg(&made)
        .current_dir(work.path());
    finish(
        "initdb",
        account
            .run(&mut command)
            .output()
            .map_err(ScratchError::io("run", initdb))?,
    )?;
    match fs::rename(&made, &template) {
        Ok(()) => Ok(template),
        // Somebody else was faster; theirs is as good, ours goes with `work`.
        Err(_) if template.is_dir() => Ok(template),
        Err(source) => Err(ScratchError::Io {
            doing: "rename",
            path: made,
            source,
        }),
    }
}

/// Makes the folder of templates, or makes sure that nobody else could have put something in it.
fn own_folder(folder: &Path, account: Account) -> Result<(), ScratchError> {
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => account.give(folder),
        Err(_) => {
            let found = fs::symlink_metadata(folder).map_err(ScratchError::io("make", folder))?;
            // Another process that runs as root may have made it a moment ago and not given it away
            // yet: root's is as good.
            let ours = found.uid() == account.user || found.uid() == 0;
            if found.is_dir() && ours && found.mode() & 0o077 == 0 {
                account.give(folder)
            } else {
                Err(ScratchError::Foreign {
                    folder: folder.to_owned(),
                })
            }
        }
    }
}

/// A file name for a version such as `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn name(version: &str) -> String {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() || letter == '.' {
            letter
        } else {
            '-'
        }
    };
    format!(
        "{GENERATION}-{}",
        version.chars().map(plain).collect::<String>()
    )
}

/// Turns a program's failure into an error that shows what it printed.
pub(crate) fn finish(program: &'static str, output: Output) -> Result<(), ScratchError> {
    if output.status.success() {
        return Ok(());
    }
    let mut text = String::from_utf8_lossy(&output.stderr).into_owned();
    if text.trim().is_empty() {
        text = output.status.to_string();
    }
    Err(ScratchError::Failed {
        program,
        output: text.trim().to_owned(),
    })
}
