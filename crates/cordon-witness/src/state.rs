//! The state directory: one witness's own, locked while it runs, and tied to its key by a number
//! that both remember.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use merkle::{TreeHead, VerifierKey};

use crate::log_record::LogRecord;
use crate::marker::Marker;
use crate::{WitnessError, durable};

const FIRST_LINE: &str = "cordon-witness state 1";
const REMEDY: &str = "restore the state directory from a copy that is not older";

/// Who a state belongs to.
pub(crate) struct Owner {
    pub(crate) number: String,
    pub(crate) key: VerifierKey,
}

/// Opens the lock of a state; held as long as the file is.
pub(crate) fn lock(state: &Path) -> Result<File, WitnessError> {
    durable::create_directory(state)?;
    let path = state.join("lock");
    let remedy = "see to the permissions of the state directory";
    let opened = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(|error| WitnessError::io("open", &path, error, remedy))?;
    match opened.try_lock() {
        Ok(()) => Ok(opened),
        Err(TryLockError::WouldBlock) => Err(WitnessError::Locked { path }),
        Err(TryLockError::Error(error)) => Err(WitnessError::io("lock", &path, error, remedy)),
    }
}

/// Ties key and state together: makes both sides at the first start, and compares them at each
/// later one.
pub(crate) fn claim(
    key_file: &Path,
    state: &Path,
    key: &VerifierKey,
) -> Result<Marker, WitnessError> {
    let marker = Marker::read(key_file)?;
    let owner = read_owner(state)?;
    if let Some(owner) = &owner
        && owner.key != *key
    {
        return Err(WitnessError::OtherState {
            state: state.to_owned(),
            owner: owner.key.name().to_owned(),
        });
    }
    let vanished = |what: &str| WitnessError::StateVanished {
        marker: Marker::path_of(key_file),
        state: state.to_owned(),
        what: what.to_owned(),
    };
    match (marker, owner) {
        (Some(marker), Some(owner)) if marker.is_of(&owner.number) => {
            for origin in &marker.cosigned {
                let path = LogRecord::directory_of(state, origin).join("latest");
                if !path.is_file() {
                    return Err(vanished(&format!(" for the log `{origin}`")));
                }
            }
            Ok(marker)
        }
        // The key was moved without its marker, or a crash came at the first start: the state is
        // there and of this key, which is what matters.
        (marker, Some(owner)) if marker.as_ref().is_none_or(Marker::is_unused) => {
            let marker = Marker::new(key_file, &owner.number);
            marker.write()?;
            Ok(marker)
        }
        (_, Some(owner)) => Err(WitnessError::OtherState {
            state: state.to_owned(),
            owner: format!("number {}", owner.number),
        }),
        (Some(marker), None) if marker.is_unused() => {
            let number = random_number()?;
            let text = format!("{FIRST_LINE}\nnumber {number}\nkey {key}\n");
            durable::create(&state.join("witness"), text.as_bytes(), 0o600)?;
            let marker = Marker::new(key_file, &number);
            marker.write()?;
            Ok(marker)
        }
        (Some(_), None) => Err(vanished("")),
        (None, None) => Err(WitnessError::MarkerMissing {
            marker: Marker::path_of(key_file),
        }),
    }
}

/// Who a state belongs to; nobody if it is new.
pub(crate) fn read_owner(state: &Path) -> Result<Option<Owner>, WitnessError> {
    let path = state.join("witness");
    let Some(text) = durable::read(&path)? else {
        return Ok(None);
    };
    let mut lines = text.lines();
    let read = || -> Option<Owner> {
        let first = lines.next()?;
        let number = lines.next()?.strip_prefix("number ")?.to_owned();
        let key = VerifierKey::from_str(lines.next()?.strip_prefix("key ")?).ok()?;
        (first == FIRST_LINE).then_some(Owner { number, key })
    };
    let mut read = read;
    let owner = read().ok_or_else(|| {
        let cause = "it does not name the witness that this state belongs to";
        WitnessError::file(&path, cause, REMEDY)
    })?;
    Ok(Some(owner))
}

/// Opens the record of each log.
pub(crate) fn open_records(
    state: &Path,
    starts: &BTreeMap<String, TreeHead>,
    witness: &VerifierKey,
) -> Result<BTreeMap<String, LogRecord>, WitnessError> {
    let mut records = BTreeMap::new();
    for (origin, start) in starts {
        let record = LogRecord::open(state, origin, *start, witness)?;
        records.insert(origin.clone(), record);
    }
    Ok(records)
}

/// The directories of all logs that the state knows, also of those that are no longer set.
pub(crate) fn log_directories(state: &Path) -> Result<Vec<PathBuf>, WitnessError> {
    let logs = state.join("logs");
    let names = durable::names_in(&logs)?;
    Ok(names.iter().map(|name| logs.join(name)).collect())
}

fn random_number() -> Result<String, WitnessError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| WitnessError::Settings {
        cause: format!("the system gives no random numbers: {error}"),
        remedy: "run it where it does",
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
