//! On whose word a log is verified: keys, witnesses, earlier checkpoints, disclosed payloads.

use std::path::Path;

use merkle::{Policy, SignedCheckpoint, VerifierKey};

use crate::{Error, Export};

/// What the verifier relies on. Everything else it checks.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Keys of logs, by their names. The keys of access logs follow from their control log.
    pub keys: Vec<VerifierKey>,
    /// The witnesses and how many of them must have cosigned.
    pub witnesses: Option<Policy>,
    /// Checkpoints that somebody independent kept: the logs must go on from them.
    pub earlier: Vec<SignedCheckpoint>,
    /// Payloads that were disclosed.
    pub payloads: Option<Export>,
    /// How many threads hash and decode; 0 means one for each core.
    pub workers: usize,
}

impl Terms {
    /// Takes any one of these witnesses as enough.
    ///
    /// # Errors
    /// [`Error::Given`] for keys that are no witness's, or given twice.
    pub fn any_of(witnesses: &[VerifierKey]) -> Result<Policy, Error> {
        Policy::of_keys(&[], witnesses, 1).map_err(|source| Error::Given {
            place: "--witness".to_owned(),
            source,
        })
    }

    pub(crate) fn key_of(&self, log: &str) -> Option<&VerifierKey> {
        self.keys.iter().find(|key| key.name() == log)
    }

    /// Whether the witnesses ask for a cosignature at all.
    pub(crate) fn asks_for_witness(&self) -> bool {
        let policy = self.witnesses.as_ref();
        policy.is_some_and(|policy| !policy.asks_for_no_witness())
    }

    pub(crate) fn worker_count(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            some => some,
        }
    }
}

/// The keys that an argument means: one key, or a file with a key on each line.
///
/// # Errors
/// [`Error::Key`] when it is neither, [`Error::Read`].
pub fn keys_of(argument: &str) -> Result<Vec<VerifierKey>, Error> {
    if let Ok(key) = argument.parse() {
        return Ok(vec![key]);
    }
    let refuse = |text: &str| Error::Key {
        text: text.to_owned(),
    };
    if !Path::new(argument).is_file() {
        return Err(refuse(argument));
    }
    let bytes = std::fs::read(argument).map_err(|cause| Error::Read {
        place: argument.to_owned(),
        cause: cause.to_string(),
    })?;
    let text = str::from_utf8(&bytes).map_err(|_| refuse(argument))?;
    let lines = text.lines().map(str::trim);
    let keys = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let keys = keys
        .map(|line| line.parse().map_err(|_| refuse(line)))
        .collect::<Result<Vec<_>, _>>()?;
    match keys.is_empty() {
        true => Err(refuse(argument)),
        false => Ok(keys),
    }
}

/// A policy file (C2SP tlog-policy).
///
/// # Errors
/// [`Error::Given`] with the line to mend, [`Error::Read`].
pub fn policy_of(file: &str) -> Result<Policy, Error> {
    Policy::parse(&given(file)?).map_err(|source| Error::Given {
        place: file.to_owned(),
        source,
    })
}

/// A checkpoint file that somebody kept.
///
/// # Errors
/// [`Error::Given`] or [`Error::Read`].
pub fn checkpoint_of(file: &str) -> Result<SignedCheckpoint, Error> {
    SignedCheckpoint::parse(&given(file)?).map_err(|source| Error::Given {
        place: file.to_owned(),
        source,
    })
}

pub(crate) fn given(file: &str) -> Result<Vec<u8>, Error> {
    std::fs::read(file).map_err(|cause| Error::Read {
        place: file.to_owned(),
        cause: cause.to_string(),
    })
}
