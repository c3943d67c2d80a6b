//! The secrets of a deployment: `DIR/secrets`, mode 0700, each file 0600. An evaluation makes what is
//! missing; nothing is ever replaced.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use gateway::Root;
use identity::scram::{Mock, Verifiers};
use ledger::{Keys, Surroundings};

/// Where the verifiers of passwords lie.
pub fn scram_file(dir: &Path) -> PathBuf {
    dir.join("secrets/scram")
}

fn root_file(dir: &Path) -> PathBuf {
    dir.join("secrets/pseudonym.key")
}

/// What the gateway needs of them; the books load theirs.
pub(super) struct Files {
    pub(super) verifiers: Verifiers,
    pub(super) root: Root,
}

/// Makes what is missing: the folder, the keys of the logs and the pseudonym root.
///
/// # Errors
/// When a file cannot be made.
pub fn ensure(dir: &Path) -> anyhow::Result<()> {
    let folder = dir.join("secrets");
    if !folder.exists() {
        let made = DirBuilder::new().mode(0o700).create(&folder);
        made.with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let randomness = Surroundings::real().randomness;
    if !folder.join("log-control.key").exists() {
        Keys::create(&folder, randomness.as_ref())?;
    }
    let root = root_file(dir);
    if !root.exists() {
        let mut secret = [0; 32];
        randomness.fill(&mut secret)?;
        let line: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        write(&root, &format!("{line}\n"))?;
    }
    Ok(())
}

pub(super) async fn load(dir: &Path) -> anyhow::Result<Files> {
    let dir = dir.to_owned();
    tokio::task::spawn_blocking(move || {
        let mock = Mock::load_or_make(&dir.join("secrets/mock"))?;
        let verifiers = Verifiers::load(&scram_file(&dir), mock)?;
        Ok(Files {
            verifiers,
            root: Root::new(&read_key(&root_file(&dir))?),
        })
    })
    .await
    .context("reading the secrets broke off")?
}

/// The password of an upstream, if there is a file for it.
pub(super) fn upstream_password(dir: &Path, name: &str) -> anyhow::Result<Option<String>> {
    let file = dir.join(format!("secrets/upstream-{name}"));
    if !file.exists() {
        return Ok(None);
    }
    let text = read_private(&file)?;
    Ok(Some(text.trim_end_matches('\n').to_owned()))
}

fn read_key(file: &Path) -> anyhow::Result<[u8; 32]> {
    let text = read_private(file)?;
    let line = text.trim_end();
    let mut key = [0; 32];
    let is_key = line.len() == 64 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_key {
        bail!(
            "{} is no key, which is one line of 64 hex digits; restore it from a copy",
            file.display()
        );
    }
    for (byte, at) in key.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(line.get(at..at + 2).unwrap_or_default(), 16)?;
    }
    Ok(key)
}

fn read_private(file: &Path) -> anyhow::Result<String> {
    let found = fs::metadata(file).with_context(|| {
        format!(
            "{} is not there; `cordon serve --evaluation` makes it",
            file.display()
        )
    })?;
    if found.mode() & 0o077 != 0 {
        bail!(
            "{} can be read by others than its owner; run `chmod 600` on it, and ask who could read \
             it until now",
            file.display()
        );
    }
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file);
    let mut made = made.with_context(|| format!("cannot make {}", file.display()))?;
    made.write_all(text.as_bytes())
        .and_then(|()| made.sync_all())
        .with_context(|| format!("cannot write {}", file.display()))
}
