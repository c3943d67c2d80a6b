//! Logs made through `merkle` and `record`, as the gate writes them, with keys from fixed seeds.

#![allow(dead_code, reason = "the benchmark uses a part of it")]

use std::collections::BTreeMap;

use merkle::{
    BundleWriter, Checkpoint, CosignerKey, SignedCheckpoint, SignerKey, TreeHead, TreeTiles,
    VerifierKey, leaf_hash,
};
use record::{Body, Commitments, Draft, Entry, Field, Marks, Payload, Salt};
use verifier::{MemorySource, PayloadLine};

pub const NOW_MS: u64 = 1_767_225_600_000;
pub const NOW_S: u64 = NOW_MS / 1000;

pub const CONTROL: &str = "example.org/cordon/control/1";
pub const GATE_1: &str = "example.org/cordon/access/gate-1/1";
pub const GATE_2: &str = "example.org/cordon/access/gate-2/1";

/// Test keys: the seed is one byte, 32 times. Nobody may use them for anything else.
pub fn witness() -> CosignerKey {
    CosignerKey::from_seed("witness.example", &[0xa1; 32]).unwrap()
}

pub fn other_witness() -> CosignerKey {
    CosignerKey::from_seed("other-witness.example", &[0xa2; 32]).unwrap()
}

/// A log, entry by entry.
#[derive(Clone)]
pub struct Made {
    pub key: SignerKey,
    pub entries: Vec<Vec<u8>>,
    /// The size that the witness has cosigned last.
    pub cosigned: Option<u64>,
    /// Lines of a payload export, one for each commitment.
    pub payloads: Vec<PayloadLine>,
    pub control_size: u64,
    pub evaluation: bool,
}

impl Made {
    pub fn new(name: &str, seed: u8) -> Self {
        Self {
            key: SignerKey::from_seed(name, &[seed; 32]).unwrap(),
            entries: Vec::new(),
            cosigned: None,
            payloads: Vec::new(),
            control_size: 0,
            evaluation: false,
        }
    }

    pub fn name(&self) -> &str {
        self.key.verifier().name()
    }

    pub fn vkey(&self) -> VerifierKey {
        self.key.verifier().clone()
    }

    pub fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Appends an entry with payloads for these fields; its index.
    pub fn add(&mut self, body: impl Into<Body>, fields: &[(u16, &[u8])]) -> u64 {
        let index = self.size();
        let body = body.into();
        let kind = body.kind();
        let mut payloads = Vec::new();
        for (number, bytes) in fields {
            let field = Field(*number);
            let salt = Salt::new([index as u8 ^ (*number as u8) ^ 0x5a; 32]);
            let name = kind.field(field).unwrap().name;
            let line = PayloadLine::present(self.name(), index, kind.name, name, &salt, bytes);
            self.payloads.push(line);
            payloads.push(Payload::new(kind, field, salt, bytes.to_vec()).unwrap());
        }
        let entry = Entry {
            time_ms: NOW_MS + index * 1000,
            control_size: self.control_size,
            marks: Marks {
                evaluation: self.evaluation,
            },
            idempotency: None,
            body,
            commitments: Commitments::new(),
        };
        let draft = Draft::new(entry, payloads).unwrap();
        self.entries.push(draft.bytes().to_vec());
        index
    }

    pub fn head_at(&self, size: u64) -> TreeHead {
        let mut tree = TreeTiles::new();
        for entry in self.entries.iter().take(size as usize) {
            tree.push(leaf_hash(entry));
        }
        tree.frontier().head()
    }

    /// The log's signature over its first entries.
    pub fn checkpoint_at(&self, size: u64) -> SignedCheckpoint {
        let checkpoint = Checkpoint::new(self.name(), self.head_at(size)).unwrap();
        SignedCheckpoint::sign(checkpoint, &self.key).unwrap()
    }

    pub fn cosigned_at(&self, size: u64) -> SignedCheckpoint {
        let mut checkpoint = self.checkpoint_at(size);
        checkpoint.cosign(&witness(), NOW_S + size).unwrap();
        checkpoint
    }

    /// All files of the log as it is now.
    pub fn files(&self) -> MemorySource {
        let mut files = BTreeMap::new();
        let mut tree = TreeTiles::new();
        let mut bundles = BundleWriter::new();
        for entry in &self.entries {
            tree.push(leaf_hash(entry));
            bundles.push(entry).unwrap();
        }
        for (path, bytes) in tree.take_changed() {
            files.insert(path.to_string(), bytes);
        }
        for (path, bytes) in bundles.take_changed() {
            files.insert(path.to_string(), bytes);
        }
        let latest = match self.cosigned {
            Some(size) if size == self.size() => self.cosigned_at(size),
            Some(_) | None => self.checkpoint_at(self.size()),
        };
        files.insert("checkpoint".to_owned(), latest.to_string().into_bytes());
        if let Some(size) = self.cosigned {
            let cosigned = self.cosigned_at(size).to_string().into_bytes();
            files.insert("checkpoint.witnessed".to_owned(), cosigned);
        }
        let vkey = format!("{}\n", self.vkey());
        files.insert("log.vkey".to_owned(), vkey.into_bytes());
        MemorySource { files }
    }
}
