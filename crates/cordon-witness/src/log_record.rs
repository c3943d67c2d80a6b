//! What the witness has on disk about one log: where it started, the latest checkpoint it cosigned,
//! all before it, and what it refused.

use std::path::{Path, PathBuf};

use merkle::{Checkpoint, SignedCheckpoint, TreeHead, VerifierKey, leaf_hash};

use crate::evidence::Evidence;
use crate::history::History;
use crate::{WitnessError, durable};

const REMEDY: &str = "restore the state directory from a copy that is not older";

/// The record of one log. Held by one process, under the lock of the state.
#[derive(Debug)]
pub(crate) struct LogRecord {
    directory: PathBuf,
    pub(crate) start: TreeHead,
    pub(crate) latest: Option<Latest>,
    history: History,
    pub(crate) evidence: Evidence,
}

/// The checkpoint that was cosigned last.
#[derive(Clone, Debug)]
pub(crate) struct Latest {
    /// With the log's signature and ours.
    pub(crate) signed: SignedCheckpoint,
    /// When it was cosigned.
    pub(crate) time_s: u64,
}

/// Why a checkpoint was not stored.
pub(crate) enum NotStored {
    /// The record is as it was.
    Unchanged(WitnessError),
    /// The record may have changed: the witness must stop.
    Unknown(WitnessError),
}

impl LogRecord {
    /// The directory of a log below a state directory. Origins are no file names: it is a hash.
    pub(crate) fn directory_of(state: &Path, origin: &str) -> PathBuf {
        state
            .join("logs")
            .join(leaf_hash(origin.as_bytes()).to_hex())
    }

    /// Opens the record of a log, or makes it.
    pub(crate) fn open(
        state: &Path,
        origin: &str,
        start: TreeHead,
        witness: &VerifierKey,
    ) -> Result<Self, WitnessError> {
        let directory = Self::directory_of(state, origin);
        durable::create_directory(&directory)?;
        let stored = read_start(&directory)?;
        let latest = read_latest(&directory, witness)?;
        let history = History::open(directory.join("cosigned"))?;
        if latest.is_none() && history.last().is_some() {
            let path = directory.join("latest");
            let cause = "it is missing, though checkpoints were cosigned";
            return Err(WitnessError::file(&path, cause, REMEDY));
        }
        if stored.is_none() {
            let text = Checkpoint::new(origin, start).map_err(|error| {
                WitnessError::file(&directory.join("start"), error, "give another start")
            })?;
            durable::replace(&directory.join("start"), text.to_string().as_bytes(), 0o600)
                .map_err(durable::Failure::into_error)?;
        }
        let evidence = Evidence::open(directory.join("evidence"))?;
        let mut record = Self {
            directory,
            start: stored.map_or(start, |checkpoint| *checkpoint.head()),
            latest,
            history,
            evidence,
        };
        record.check_start(origin, start)?;
        record.mend_history()?;
        Ok(record)
    }

    /// Where the witness stands: the latest cosigned head, or where it started.
    pub(crate) fn head(&self) -> TreeHead {
        let latest = self.latest.as_ref();
        latest.map_or(self.start, |latest| *latest.signed.checkpoint().head())
    }

    /// The file with the latest checkpoint.
    pub(crate) fn latest_path(&self) -> PathBuf {
        self.directory.join("latest")
    }

    /// Makes a cosigned checkpoint the latest; durable when it answers.
    pub(crate) fn store(&mut self, signed: SignedCheckpoint, time_s: u64) -> Result<(), NotStored> {
        let text = signed.to_string();
        durable::replace(&self.latest_path(), text.as_bytes(), 0o600).map_err(|failure| {
            match failure {
                durable::Failure::Unchanged(error) => NotStored::Unchanged(error),
                durable::Failure::Unknown(error) => NotStored::Unknown(error),
            }
        })?;
        self.latest = Some(Latest { signed, time_s });
        self.mend_history().map_err(NotStored::Unknown)
    }

    /// The latest stands last in the history, also if a power cut came between the two.
    fn mend_history(&mut self) -> Result<(), WitnessError> {
        let Some(latest) = &self.latest else {
            return Ok(());
        };
        let last = self.history.last();
        if last.is_some_and(|last| last.checkpoint() == latest.signed.checkpoint()) {
            return Ok(());
        }
        self.history.append(&latest.signed)
    }

    /// A start that the operator gives again must be the one before, or the head that stands.
    fn check_start(&self, origin: &str, given: TreeHead) -> Result<(), WitnessError> {
        let head = self.head();
        let contradicts = given.size > head.size
            || (given.size == head.size && given.root != head.root)
            || (given.size == self.start.size && given.root != self.start.root);
        if contradicts {
            return Err(WitnessError::StartContradicts {
                origin: origin.to_owned(),
                start: given.size,
                stored: head.size,
            });
        }
        Ok(())
    }
}

/// The start of a log's record, if there is one.
pub(crate) fn read_start(directory: &Path) -> Result<Option<Checkpoint>, WitnessError> {
    let path = directory.join("start");
    let text = durable::read(&path)?;
    text.map(|text| Checkpoint::parse(&text))
        .transpose()
        .map_err(|error| WitnessError::file(&path, error, REMEDY))
}

/// The latest checkpoint, which must carry the witness's own signature.
pub(crate) fn read_latest(
    directory: &Path,
    witness: &VerifierKey,
) -> Result<Option<Latest>, WitnessError> {
    let path = directory.join("latest");
    let Some(text) = durable::read(&path)? else {
        return Ok(None);
    };
    let read = || -> Result<Latest, merkle::Error> {
        let signed = SignedCheckpoint::parse(text.as_bytes())?;
        let time_s = signed.verify_cosignature(witness)?.time_s();
        Ok(Latest { signed, time_s })
    };
    read()
        .map(Some)
        .map_err(|error| WitnessError::file(&path, error, REMEDY))
}
