//! What is given to a log, what it gives back, and who may refuse it.

use std::sync::Arc;

use merkle::{ENTRY_BYTES_MAX, Hash, leaf_hash};

use crate::error::LedgerError;
use crate::payload::Payload;
use crate::settings::PAYLOAD_BYTES_MAX;

/// An entry with its payloads.
#[derive(Clone, Debug)]
pub struct Submission {
    entry: Vec<u8>,
    /// Computed by whoever submits: there is one committer, and everybody waits for it.
    leaf: Hash,
    /// What the bytes say, where they were just written and read again: they are not read once more.
    said: Option<Arc<record::Entry>>,
    payloads: Vec<Payload>,
}

impl Submission {
    /// Checks sizes, and that no field has two payloads.
    pub fn new(entry: Vec<u8>, payloads: Vec<Payload>) -> Result<Self, LedgerError> {
        let leaf = leaf_hash(&entry);
        Self::checked(entry, leaf, payloads)
    }

    fn checked(
        entry: Vec<u8>,
        leaf: Hash,
        mut payloads: Vec<Payload>,
    ) -> Result<Self, LedgerError> {
        if entry.len() > ENTRY_BYTES_MAX {
            return Err(LedgerError::TooLarge {
                what: "the entry",
                bytes: entry.len(),
                bytes_max: ENTRY_BYTES_MAX,
            });
        }
        let bytes: usize = payloads.iter().map(|payload| payload.bytes.len()).sum();
        if bytes > PAYLOAD_BYTES_MAX {
            return Err(LedgerError::TooLarge {
                what: "the entry's payloads",
                bytes,
                bytes_max: PAYLOAD_BYTES_MAX,
            });
        }
        payloads.sort_by_key(|payload| payload.field);
        let mut pairs = payloads.iter().zip(payloads.iter().skip(1));
        if let Some((payload, _)) = pairs.find(|(one, next)| one.field == next.field) {
            let reason = format!("field {} has two payloads", payload.field);
            return Err(LedgerError::Refused { reason });
        }
        Ok(Self {
            entry,
            leaf,
            said: None,
            payloads,
        })
    }

    /// As [`Submission::new`], of a draft: its bytes were read again when it was made, and gave its entry.
    pub(crate) fn of(draft: record::Draft, payloads: Vec<Payload>) -> Result<Self, LedgerError> {
        let leaf = Hash::new(*draft.leaf().bytes());
        let (entry, bytes, _) = draft.into_parts();
        let mut submission = Self::checked(bytes, leaf, payloads)?;
        submission.said = Some(Arc::new(entry));
        Ok(submission)
    }

    /// What the entry says.
    ///
    /// # Errors
    /// When it is no entry of a recorded log.
    pub(crate) fn said(&self) -> Result<Arc<record::Entry>, record::Malformed> {
        match &self.said {
            Some(entry) => Ok(Arc::clone(entry)),
            None => record::Entry::decode(&self.entry).map(Arc::new),
        }
    }

    /// The entry's bytes.
    pub fn entry(&self) -> &[u8] {
        &self.entry
    }

    /// The hash of the leaf that it will be.
    pub(crate) const fn leaf(&self) -> Hash {
        self.leaf
    }

    /// Its payloads, ascending by field.
    pub fn payloads(&self) -> &[Payload] {
        &self.payloads
    }

    /// How much of a commit it takes.
    pub(crate) fn weight(&self) -> usize {
        let payloads = self.payloads.iter().map(|payload| payload.bytes.len());
        self.entry.len() + payloads.sum::<usize>()
    }
}

/// Where a durable entry stands. It is made after the sync and never before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The entry's place in the log.
    pub index: u64,
    /// The hash of the entry in the tree.
    pub leaf: Hash,
}

/// Judges entries before they are appended, in the order in which they would stand. It is a fold over
/// the log and knows nothing else: no clock, no other log.
pub trait Fold: Send {
    /// Takes an entry that is in the log already, while the log is opened. An error stops the log.
    fn replay(&mut self, index: u64, entry: &[u8]) -> Result<(), String>;
    /// Judges an entry that would get this index, and takes it if it accepts it.
    fn admit(&mut self, index: u64, submission: &Submission) -> Admission;
}

/// A fold's judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Append it.
    New,
    /// It is the entry of this index once more; answer with that.
    Duplicate(u64),
    /// It must not stand in this log.
    Refused(String),
}

/// Accepts everything: for logs whose entries are judged elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct AcceptAll;

impl Fold for AcceptAll {
    fn replay(&mut self, _: u64, _: &[u8]) -> Result<(), String> {
        Ok(())
    }

    fn admit(&mut self, _: u64, _: &Submission) -> Admission {
        Admission::New
    }
}
