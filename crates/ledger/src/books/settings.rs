//! What all logs of one organisation on one host share, and their times, each with its reason.

use std::path::PathBuf;
use std::time::Duration;

use record::{Line, Marks};

use crate::books::keys::Keys;
use crate::error::LedgerError;
use crate::name::LogName;
use crate::settings::Settings;
use crate::surroundings::Surroundings;

/// Where the logs of one organisation are and how they are kept.
#[derive(Clone)]
pub struct Books {
    /// The folder that holds all logs.
    pub root: PathBuf,
    /// The first part of every log's name.
    pub organisation: String,
    /// Their secrets.
    pub keys: Keys,
    /// The build of the program that writes.
    pub build: Line,
    /// What must be seen in every entry.
    pub marks: Marks,
    /// Limits and times.
    pub settings: BooksSettings,
    /// Disk, clock and random numbers.
    pub surroundings: Surroundings,
}

/// Limits and times of the books.
#[derive(Clone, Debug)]
pub struct BooksSettings {
    /// Of the control log.
    pub control: Settings,
    /// Of each access log.
    pub access: Settings,
    /// How long a log is silent at most: then its writer says that it lives, with the state's hash.
    pub heartbeat: Duration,
    /// How often an access log that grew is anchored. What a log loses after its last anchor can be
    /// seen by a witness alone.
    pub anchor: Duration,
    /// How often the control log shows beside the log that its writer lives; a small part of the
    /// lease that gateways hold on it.
    pub sign_of_life: Duration,
    /// How long an erasure waits for a witness before it says that it must wait longer.
    pub erasure_wait: Duration,
    /// How old the oldest unwitnessed entry may be while sensitive data is released in clear.
    pub unwitnessed_max: Duration,
}

impl Default for BooksSettings {
    fn default() -> Self {
        Self {
            control: Settings::control(),
            access: Settings::access(),
            heartbeat: Duration::from_secs(60),
            anchor: Duration::from_secs(10),
            sign_of_life: Duration::from_secs(2),
            erasure_wait: Duration::from_secs(60),
            unwitnessed_max: Duration::from_secs(5 * 60),
        }
    }
}

impl Books {
    /// The name of the control log.
    pub fn control_name(&self) -> Result<LogName, LedgerError> {
        LogName::control(&self.organisation, 1)
    }

    /// Outside an evaluation somebody must witness a log.
    pub(crate) fn check_witnessed(
        &self,
        log: &LogName,
        settings: &Settings,
        witnesses: usize,
    ) -> Result<(), LedgerError> {
        let is_witnessed = settings.witnesses_needed > 0 && witnesses >= settings.witnesses_needed;
        if is_witnessed || (self.marks.evaluation && settings.witnesses_needed == 0) {
            return Ok(());
        }
        Err(LedgerError::NoWitness {
            log: log.to_string(),
        })
    }
}
