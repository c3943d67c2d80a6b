//! A log with a fixed key, clock and random numbers, on any disk; and its verification from scratch.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::{
    AcceptAll, Access, Cadence, Clock, Disk, JournalSettings, LedgerError, LogName, Opened,
    Opening, Payload, Randomness, RealDisk, Scope, Secrets, Settings, Submission, Surroundings,
};
use merkle::{
    BundlePath, Frontier, SignedCheckpoint, SignerKey, TreeHead, bundles_of, decode_bundle,
    leaf_hash, tiles_of,
};
use record::Class;

/// A class that may be erased, and one that may not.
pub const ERASABLE: Class = Class::Literal;
pub const LOCKED: Class = Class::Purpose;

pub const PAYLOAD_KEY: [u8; 32] = [42; 32];

/// A clock that moves a millisecond each time it is read.
#[derive(Default)]
pub struct StepClock(AtomicU64);

impl Clock for StepClock {
    fn now_ms(&self) -> u64 {
        1_700_000_000_000 + self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// Numbers that follow from a seed. Every opening gets another seed.
pub struct SeededRandomness(AtomicU64);

impl SeededRandomness {
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Randomness for SeededRandomness {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        for chunk in bytes.chunks_mut(8) {
            let next = mix(self.0.fetch_add(1, Ordering::Relaxed)).to_be_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
        Ok(())
    }
}

/// SplitMix64.
pub fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

pub fn name() -> LogName {
    "acme.example/cordon/control/1".parse().unwrap()
}

pub fn signer(name: &LogName) -> SignerKey {
    SignerKey::from_seed(&name.to_string(), &[7; 32]).unwrap()
}

/// Small enough that a test meets every rotation.
pub fn settings() -> Settings {
    Settings {
        journal: JournalSettings {
            segment_bytes: 2000,
            allocate_bytes: 1024,
            segments_kept: 1,
        },
        reserve_bytes: 4096,
        witnesses_needed: 0,
        publish: Cadence::EveryCommit,
        ..Settings::control()
    }
}

pub fn opening(disk: Arc<dyn Disk>, root: &Path, seed: u64) -> Opening {
    Opening {
        root: root.to_owned(),
        name: name(),
        secrets: Secrets {
            signer: signer(&name()),
            payload_key: PAYLOAD_KEY,
        },
        settings: settings(),
        surroundings: Surroundings {
            disk,
            clock: Arc::new(StepClock::default()),
            randomness: Arc::new(SeededRandomness::new(mix(seed))),
        },
        fold: Box::new(AcceptAll),
        notice: Box::new(|_, index| Some(format!("disk full at {index}").into_bytes())),
    }
}

pub fn open(disk: Arc<dyn Disk>, root: &Path, seed: u64) -> Result<Opened, LedgerError> {
    opening(disk, root, seed).open()
}

pub fn real() -> (tempfile::TempDir, Arc<dyn Disk>) {
    (tempfile::tempdir().unwrap(), Arc::new(RealDisk))
}

/// The text of the test's entry `n`, and its payload.
pub fn entry(n: u64) -> Vec<u8> {
    format!("entry {n} of the test").into_bytes()
}

pub fn payload(field: u16, n: u64, class: Class) -> Payload {
    let mut salt = [0; 32];
    salt[..8].copy_from_slice(&mix(n).to_be_bytes());
    Payload {
        field,
        class,
        scope: Scope::Day(1),
        salt,
        bytes: format!("a secret of entry {n}, field {field}").into_bytes(),
    }
}

/// An entry with an erasable and a locked payload.
pub fn submission(n: u64) -> Submission {
    Submission::new(
        entry(n),
        vec![payload(1, n, ERASABLE), payload(2, n, LOCKED)],
    )
    .unwrap()
}

pub fn read(disk: &dyn Disk, path: &Path) -> Option<Vec<u8>> {
    let file = disk.open(path, Access::Read).ok()?;
    let mut bytes = vec![0; usize::try_from(file.size().unwrap()).unwrap()];
    let read = file.read_at(0, &mut bytes).unwrap();
    bytes.truncate(read);
    Some(bytes)
}

pub fn folder(root: &Path) -> PathBuf {
    root.join(name().folder())
}

/// The signed checkpoint that lies on the disk, if there is one.
pub fn checkpoint(disk: &dyn Disk, root: &Path) -> Option<TreeHead> {
    let bytes = read(disk, &folder(root).join("checkpoint"))?;
    let signed = SignedCheckpoint::parse(&bytes).unwrap();
    let verified = signed.verify_log(signer(&name()).verifier()).unwrap();
    Some(*verified.head())
}

/// What a stranger does with a copy of the directory: every entry of every bundle is hashed, every
/// tile compared, the root compared with the checkpoint. Gives the entries.
pub fn verify(disk: &dyn Disk, root: &Path) -> Vec<Vec<u8>> {
    let head = checkpoint(disk, root).expect("there is a checkpoint");
    let folder = folder(root);
    let mut entries = Vec::new();
    for path in bundles_of(head.size) {
        let bytes = bundle(disk, &folder, path);
        for entry in decode_bundle(&bytes, path.width()).unwrap() {
            entries.push(entry.to_vec());
        }
    }
    let mut frontier = Frontier::new();
    let mut tree = merkle::TreeTiles::new();
    for entry in &entries {
        frontier.push(leaf_hash(entry));
        tree.push(leaf_hash(entry));
    }
    assert_eq!(
        frontier.head(),
        head,
        "the bundles' entries have the signed root"
    );
    let expected: Vec<_> = tree.take_changed();
    assert_eq!(expected.len(), tiles_of(head.size).count());
    for (path, bytes) in expected {
        assert_eq!(
            read(disk, &folder.join(path.to_string())),
            Some(bytes),
            "{path}"
        );
    }
    entries
}

fn bundle(disk: &dyn Disk, folder: &Path, path: BundlePath) -> Vec<u8> {
    read(disk, &folder.join(path.to_string())).unwrap_or_else(|| panic!("{path} is missing"))
}
