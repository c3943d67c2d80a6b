//! The rules of a witness: what it makes of one request. Reads no clock and knows no HTTP.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use merkle::{
    AddCheckpoint, CosignerKey, SignedCheckpoint, TreeHead, VerifierKey, check_consistency,
};

use crate::event::{self, Level, Say};
use crate::evidence::Kind;
use crate::limits::REQUEST_BYTES_MAX;
use crate::log_record::{LogRecord, NotStored};
use crate::marker::Marker;
use crate::status::{LogStatus, Status};
use crate::{Answer, LogStart, Settings, WitnessError, key_file, state};

/// A running witness: its key, and the record of each log behind a lock of its own.
#[derive(Debug)]
pub struct Witness {
    key: CosignerKey,
    logs: BTreeMap<String, Watched>,
    marker: Mutex<Marker>,
    /// The latest time that was cosigned for any log.
    latest_s: AtomicU64,
    /// Set once, when what was stored may not be durable.
    broken: OnceLock<String>,
    say: Say,
    /// Held open: no other witness runs on this state.
    _lock: File,
}

#[derive(Debug)]
struct Watched {
    keys: Vec<VerifierKey>,
    /// Checking, storing and cosigning happen under this lock, so that no two requests can be
    /// checked against one record and both be cosigned.
    record: Mutex<LogRecord>,
}

impl Witness {
    /// Opens the state and everything in it, or makes it at the first start.
    ///
    /// # Errors
    /// When the state that the key had is gone, the clock ran back, another witness runs on it, a
    /// start contradicts a record, or a file is damaged. It then must not run.
    pub fn open(settings: &Settings, now_s: u64, say: Say) -> Result<Self, WitnessError> {
        let key = key_file::read_key(&settings.key)?;
        let (keys, starts) = by_origin(&settings.logs)?;
        let lock = state::lock(&settings.state)?;
        let marker = state::claim(&settings.key, &settings.state, key.verifier())?;
        check_clock(settings, key.verifier(), now_s)?;
        let records = state::open_records(&settings.state, &starts, key.verifier())?;
        let mut logs = BTreeMap::new();
        let mut latest_s = 0;
        for (origin, record) in records {
            latest_s = latest_s.max(record.latest.as_ref().map_or(0, |latest| latest.time_s));
            let watched = Watched {
                keys: keys.get(&origin).cloned().unwrap_or_default(),
                record: Mutex::new(record),
            };
            logs.insert(origin, watched);
        }
        let witness = Self {
            key,
            logs,
            marker: Mutex::new(marker),
            latest_s: AtomicU64::new(latest_s),
            broken: OnceLock::new(),
            say,
            _lock: lock,
        };
        witness.mend_marker()?;
        Ok(witness)
    }

    /// The public key.
    pub const fn key(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// Why it must stop, if it must: nothing more is cosigned then.
    pub fn broken(&self) -> Option<&str> {
        self.broken.get().map(String::as_str)
    }

    /// Judges the body of one `add-checkpoint` at a time in seconds since 1970.
    ///
    /// An answer [`Answer::Cosigned`] means that the checkpoint was consistent with the one before,
    /// and that the record of it survives a power cut. One request for a log waits for another.
    pub fn consider(&self, body: &[u8], now_s: u64) -> Answer {
        if body.len() > REQUEST_BYTES_MAX {
            return Answer::Malformed(format!(
                "the request is above {REQUEST_BYTES_MAX} bytes; send fewer signatures"
            ));
        }
        let request = match AddCheckpoint::parse(body) {
            Ok(request) => request,
            Err(error) => return Answer::Malformed(error.to_string()),
        };
        let origin = request.checkpoint.checkpoint().origin();
        let Some(log) = self.logs.get(origin) else {
            return Answer::UnknownLog(format!(
                "the log `{origin}` is unknown here; ask the witness's operator to add its key"
            ));
        };
        let is_signed = |key| request.checkpoint.verify_log(key).is_ok();
        let is_signed = log.keys.iter().any(is_signed);
        let Ok(mut record) = log.record.lock() else {
            return self.must_stop("a request ended midway, and its record is unknown");
        };
        let refused = if is_signed {
            let refused = judge(&request, record.head());
            match refused {
                None => return self.cosign(&mut record, &request, now_s),
                Some(refused) => refused,
            }
        } else {
            let why = "no trusted key of the log signed this checkpoint; sign it or add the key";
            (Answer::NotSigned(why.to_owned()), Some(Kind::Unsigned))
        };
        let (answer, kind) = refused;
        if let Some(kind) = kind {
            self.keep(&mut record, kind, body, origin, now_s);
        }
        answer
    }

    /// How the witness stands.
    pub fn status(&self) -> Status {
        let mut logs = Vec::new();
        for (origin, log) in &self.logs {
            let record = log.record.lock().unwrap_or_else(PoisonError::into_inner);
            logs.push(LogStatus::of(origin, &record));
        }
        Status {
            key: self.key().clone(),
            broken: self.broken().map(str::to_owned),
            logs,
        }
    }

    fn cosign(&self, record: &mut LogRecord, request: &AddCheckpoint, now_s: u64) -> Answer {
        if let Some(cause) = self.broken() {
            return Answer::Unable(format!("the witness stopped: {cause}"));
        }
        let latest_s = self.latest_s.load(Ordering::SeqCst);
        if now_s < latest_s {
            return Answer::Unable(format!(
                "the witness's clock shows {now_s}, and it cosigned at {latest_s}"
            ));
        }
        let checkpoint = request.checkpoint.checkpoint();
        let line = match self.key.cosign(checkpoint, now_s) {
            Ok(line) => line,
            Err(error) => return Answer::Unable(error.to_string()),
        };
        let signed = match self.signed(request, &line) {
            Ok(signed) => signed,
            Err(error) => return Answer::Malformed(error.to_string()),
        };
        let (origin, head) = (checkpoint.origin(), checkpoint.head());
        let is_first = record.latest.is_none();
        match record.store(signed, now_s) {
            Ok(()) => {}
            Err(NotStored::Unchanged(error)) => {
                (self.say)(&event::line(
                    now_s,
                    Level::Error,
                    "not-stored",
                    &[("cause", &error)],
                ));
                return Answer::Unable("the witness could not store the checkpoint".to_owned());
            }
            Err(NotStored::Unknown(error)) => return self.must_stop(&error.to_string()),
        }
        if is_first && let Err(error) = self.mark(origin) {
            return self.must_stop(&error.to_string());
        }
        self.latest_s.fetch_max(now_s, Ordering::SeqCst);
        let fields: [(&str, &dyn std::fmt::Display); 3] =
            [("log", &origin), ("size", &head.size), ("root", &head.root)];
        (self.say)(&event::line(now_s, Level::Info, "cosigned", &fields));
        Answer::Cosigned(line.to_string())
    }

    /// The checkpoint as it is kept: with the lines of the log's keys and ours, no strangers'.
    fn signed(
        &self,
        request: &AddCheckpoint,
        ours: &merkle::NoteSignature,
    ) -> Result<SignedCheckpoint, merkle::Error> {
        let checkpoint = request.checkpoint.checkpoint();
        let keys = self.logs.get(checkpoint.origin());
        let is_known = |line: &&merkle::NoteSignature| {
            keys.is_some_and(|log| log.keys.iter().any(|key| line.claims(key)))
        };
        let lines = request.checkpoint.signatures().iter().filter(is_known);
        let mut note = format!("{checkpoint}\n");
        for line in lines {
            note.push_str(&line.to_string());
        }
        note.push_str(&ours.to_string());
        SignedCheckpoint::parse(note.as_bytes())
    }

    fn keep(&self, record: &mut LogRecord, kind: Kind, body: &[u8], origin: &str, now_s: u64) {
        let level = match kind {
            Kind::Fork | Kind::Unproved => Level::Warning,
            Kind::Stale | Kind::Unsigned => Level::Info,
        };
        let kind_name = kind.name();
        let stands = record.head().size;
        match record.evidence.keep(kind, body, now_s) {
            Ok(is_new) => {
                let fields: [(&str, &dyn std::fmt::Display); 4] = [
                    ("log", &origin),
                    ("kind", &kind_name),
                    ("stands", &stands),
                    ("kept", &is_new),
                ];
                (self.say)(&event::line(now_s, level, "refused", &fields));
            }
            // The refusal stands all the same: nothing was cosigned.
            Err(error) => (self.say)(&event::line(
                now_s,
                Level::Error,
                "not-kept",
                &[("cause", &error)],
            )),
        }
    }

    /// Remembers beside the key that this log was cosigned.
    fn mark(&self, origin: &str) -> Result<(), WitnessError> {
        let mut marker = self.marker.lock().unwrap_or_else(PoisonError::into_inner);
        if marker.cosigned.insert(origin.to_owned()) {
            marker.write()?;
        }
        Ok(())
    }

    /// After a power cut between record and marker, or a key moved without its marker.
    fn mend_marker(&self) -> Result<(), WitnessError> {
        for (origin, log) in &self.logs {
            let record = log.record.lock().unwrap_or_else(PoisonError::into_inner);
            if record.latest.is_some() {
                self.mark(origin)?;
            }
        }
        Ok(())
    }

    fn must_stop(&self, cause: &str) -> Answer {
        let cause = self.broken.get_or_init(|| cause.to_owned());
        Answer::Unable(format!("the witness stopped: {cause}"))
    }
}

/// Why a signed request is refused, and as what it is kept; nothing if it may be cosigned. The order
/// is that of C2SP tlog-witness.
fn judge(request: &AddCheckpoint, stored: TreeHead) -> Option<(Answer, Option<Kind>)> {
    let head = *request.checkpoint.checkpoint().head();
    if request.old_size > head.size {
        let why = "the old size is above the checkpoint's; send the size of your last cosignature";
        return Some((Answer::Malformed(why.to_owned()), None));
    }
    let conflict = Answer::Conflict(stored.size);
    if head.size == stored.size && head.root != stored.root {
        return Some((conflict, Some(Kind::Fork)));
    }
    if request.old_size != stored.size {
        return Some((conflict, Some(Kind::Stale)));
    }
    let proved = check_consistency(&request.proof, &stored, &head);
    let refused = proved.err()?;
    Some((Answer::NotProved(refused.to_string()), Some(Kind::Unproved)))
}

/// The keys and the start of each log.
type ByOrigin = (
    BTreeMap<String, Vec<VerifierKey>>,
    BTreeMap<String, TreeHead>,
);

fn by_origin(logs: &[LogStart]) -> Result<ByOrigin, WitnessError> {
    if logs.is_empty() {
        return Err(WitnessError::Settings {
            cause: "no log is set".to_owned(),
            remedy: "give at least one with `--log VKEY`",
        });
    }
    let mut keys: BTreeMap<String, Vec<VerifierKey>> = BTreeMap::new();
    let mut starts: BTreeMap<String, TreeHead> = BTreeMap::new();
    for log in logs {
        let origin = log.key.name().to_owned();
        let start = *starts.entry(origin.clone()).or_insert(log.head);
        if start != log.head {
            return Err(WitnessError::Settings {
                cause: format!("the log `{origin}` is set with two different starts"),
                remedy: "give all its keys the same start",
            });
        }
        keys.entry(origin).or_default().push(log.key.clone());
    }
    Ok((keys, starts))
}

/// No record of this state, set or not, may be from the future.
fn check_clock(settings: &Settings, key: &VerifierKey, now_s: u64) -> Result<(), WitnessError> {
    for directory in state::log_directories(&settings.state)? {
        let latest = crate::log_record::read_latest(&directory, key)?;
        if let Some(latest) = latest
            && latest.time_s > now_s
        {
            return Err(WitnessError::ClockRanBack {
                now_s,
                stored_s: latest.time_s,
                path: directory.join("latest"),
            });
        }
    }
    Ok(())
}
