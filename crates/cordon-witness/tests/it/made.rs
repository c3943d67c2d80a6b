//! Logs and witnesses that the tests use: logs follow from numbers, witnesses run on real files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cordon_witness::{Answer, LogStart, Settings, Witness, WitnessError, create_key};
use merkle::{
    AddCheckpoint, BundleWriter, Checkpoint, Hash, ReadFailure, SignedCheckpoint, SignerKey,
    TilePath, TileReader, TreeHead, TreeTiles, VerifierKey, consistency_proof, leaf_hash,
    parse_signature_lines,
};
use tempfile::TempDir;

pub const ORIGIN: &str = "example.org/cordon/control/1";
pub const WITNESS: &str = "witness.example/w1";
/// When the tests begin, in seconds since 1970.
pub const NOW_S: u64 = 1_700_000_000;

pub fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

pub fn log_key() -> SignerKey {
    SignerKey::from_seed(ORIGIN, &[1; 32]).unwrap()
}

/// A log at one size, as it publishes itself.
#[derive(Clone)]
pub struct Log {
    pub files: BTreeMap<String, Vec<u8>>,
    pub head: TreeHead,
}

impl TileReader for Log {
    fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, ReadFailure> {
        Ok(self.files.get(&path.to_string()).cloned())
    }
}

impl Log {
    pub fn of(size: u64) -> Self {
        Self::with(size, entry)
    }

    /// The log in which somebody put another entry at the index.
    pub fn rewritten(size: u64, at: u64) -> Self {
        Self::with(size, |index| {
            if index == at {
                b"nothing happened".to_vec()
            } else {
                entry(index)
            }
        })
    }

    fn with(size: u64, entry: impl Fn(u64) -> Vec<u8>) -> Self {
        let mut tree = TreeTiles::new();
        let mut bundles = BundleWriter::new();
        for index in 0..size {
            let entry = entry(index);
            tree.push(leaf_hash(&entry));
            bundles.push(&entry).unwrap();
        }
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (path, bytes) in tree.take_changed() {
            files.insert(path.to_string(), bytes);
        }
        for (path, bytes) in bundles.take_changed() {
            files.insert(path.to_string(), bytes);
        }
        Self {
            files,
            head: tree.frontier().head(),
        }
    }

    pub fn signed(&self) -> SignedCheckpoint {
        signed(self.head)
    }

    /// What the log asks a witness that stands at the old size.
    pub fn request(&self, old_size: u64) -> String {
        self.request_with(
            old_size,
            consistency_proof(self, old_size, &self.head).unwrap(),
        )
    }

    pub fn request_with(&self, old_size: u64, proof: Vec<Hash>) -> String {
        let checkpoint = self.signed();
        AddCheckpoint {
            old_size,
            proof,
            checkpoint,
        }
        .to_string()
    }
}

pub fn signed(head: TreeHead) -> SignedCheckpoint {
    signed_by(head, &log_key())
}

pub fn signed_by(head: TreeHead, key: &SignerKey) -> SignedCheckpoint {
    let checkpoint = Checkpoint::new(key.verifier().name(), head).unwrap();
    SignedCheckpoint::sign(checkpoint, key).unwrap()
}

/// A witness's files, and how to open it again and again.
pub struct Place {
    pub folder: TempDir,
    pub settings: Settings,
    pub key: VerifierKey,
}

impl Place {
    pub fn new() -> Self {
        Self::starting(&log_key().verifier().to_string())
    }

    /// With the log given as on the command line.
    pub fn starting(log: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key_file = folder.path().join("w1.key");
        let key = create_key(&key_file, WITNESS).unwrap();
        let start: LogStart = log.parse().unwrap();
        let settings = Settings {
            key: key_file,
            state: folder.path().join("state"),
            listen: "127.0.0.1:0".parse().unwrap(),
            logs: vec![start],
        };
        Self {
            folder,
            settings,
            key,
        }
    }

    pub fn open(&self) -> Witness {
        self.try_open(NOW_S).unwrap()
    }

    pub fn try_open(&self, now_s: u64) -> Result<Witness, WitnessError> {
        Witness::open(&self.settings, now_s, |_| {})
    }

    /// The directory with the record of the test's log.
    pub fn record(&self) -> PathBuf {
        let logs = self.settings.state.join("logs");
        logs.join(leaf_hash(ORIGIN.as_bytes()).to_hex())
    }

    /// The kept requests of a kind, byte for byte.
    pub fn kept(&self, kind: &str) -> Vec<String> {
        files_in(&self.record().join("evidence").join(kind))
    }

    pub fn is_cosigned(&self, answer: &Answer, head: TreeHead, time_s: u64) -> bool {
        let Answer::Cosigned(lines) = answer else {
            return false;
        };
        let mut signed = signed(head);
        for line in parse_signature_lines(lines.as_bytes()).unwrap() {
            signed.add(line).unwrap();
        }
        signed.verify_cosignature(&self.key).unwrap().time_s() == time_s
    }
}

fn files_in(directory: &Path) -> Vec<String> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}

pub fn ask(witness: &Witness, request: &str) -> Answer {
    witness.consider(request.as_bytes(), NOW_S)
}
