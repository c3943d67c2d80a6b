//! Which log a gateway goes on with: its last one, if that still is what the control log says, and
//! else the next epoch.

use std::sync::{Arc, Mutex, PoisonError};

use merkle::SignedCheckpoint;
use record::{Continued, Digest, LogFacts, LogLost, LogOpen, LogStatus, Start, State};

use crate::books::access::Core;
use crate::books::anchor::Anchored;
use crate::books::control::ControlLog;
use crate::books::judge::{Shared, TrailJudge};
use crate::books::pen::{Pen, refused};
use crate::books::settings::Books;
use crate::disk::{Access, Disk, read_whole};
use crate::error::LedgerError;
use crate::log::Log;
use crate::name::LogName;
use crate::open::{Opened, Opening, VERIFIER_KEY};
use crate::publish::Cosign;
use crate::recorded::last_when_full;
use crate::storage::WITNESSED;

/// A log that may be gone on with, not started yet: nothing was signed.
struct Candidate {
    opened: Opened,
    judge: Shared<TrailJudge>,
    cited: Arc<Mutex<u64>>,
    anchored: Anchored,
}

/// The log that a new one takes the place of.
struct Lost {
    name: LogName,
    continued: Continued,
}

/// Opens the log of a gateway, or the next one, and writes `start`.
pub(crate) fn open_core(
    books: &Books,
    gateway: &str,
    control: &Arc<ControlLog>,
    witnesses: Vec<Box<dyn Cosign>>,
) -> Result<Core, LedgerError> {
    let state = control.desk.judge.look().fold.state().clone();
    let first = LogName::access(&books.organisation, gateway, 1)?;
    books.check_witnessed(&first, &books.settings.access, witnesses.len())?;
    let (candidate, lost) = choose(books, control, &state, first, &witnesses)?;
    let lost = match lost {
        Some(lost) => Some(lost.continued),
        None => continued_by(&state, &candidate.opened.parts.recorded_name),
    };
    let started = Log::start(candidate.opened, witnesses)?;
    let core = Core {
        log: started,
        judge: candidate.judge,
        pen: Pen {
            surroundings: books.surroundings.clone(),
            marks: books.marks,
        },
        settings: books.settings.clone(),
        control: Arc::clone(control),
        anchored: Mutex::new(candidate.anchored),
        unfinished: Mutex::default(),
        cited: candidate.cited,
    };
    start(books, &core, lost)?;
    let unfinished = control.desk.unfinished_in(core.log.parts())?;
    *core
        .unfinished
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = unfinished;
    Ok(core)
}

/// Finds or makes the log to go on with, and sees that the control log knows it.
fn choose(
    books: &Books,
    control: &Arc<ControlLog>,
    state: &State,
    first: LogName,
    witnesses: &[Box<dyn Cosign>],
) -> Result<(Candidate, Option<Lost>), LedgerError> {
    let Some((last, facts)) = last_known(state, &first)? else {
        return Ok((open_new(books, control, &first, None)?, None));
    };
    match facts.status {
        LogStatus::Open => match open_known(books, &last, facts)? {
            Ok(candidate) => Ok((candidate, None)),
            Err(account) => {
                let witnessed = witnessed_size(books, &last, witnesses)?.max(facts.witnessed_size);
                let lost = record_lost(control, &last, facts, witnessed, account)?;
                let name = last.next_epoch();
                Ok((open_new(books, control, &name, Some(&lost))?, Some(lost)))
            }
        },
        LogStatus::Closed => Ok((open_new(books, control, &last.next_epoch(), None)?, None)),
        // Recorded as lost, and the writer died before it could open the next one.
        LogStatus::Lost => {
            let lost = Lost {
                continued: continued(last.recorded()?, facts),
                name: last,
            };
            let name = lost.name.next_epoch();
            Ok((open_new(books, control, &name, Some(&lost))?, Some(lost)))
        }
    }
}

/// The gateway's log with the highest epoch in the control log's book. Epochs have no gap.
fn last_known<'a>(
    state: &'a State,
    first: &LogName,
) -> Result<Option<(LogName, &'a LogFacts)>, LedgerError> {
    let mut last = None;
    let mut name = first.clone();
    while let Some(facts) = state.access_log(&name.recorded()?) {
        let next = name.next_epoch();
        last = Some((name, facts));
        name = next;
    }
    Ok(last)
}

/// Opens a log that the control log has as open. The inner error says what it lost.
fn open_known(
    books: &Books,
    name: &LogName,
    facts: &LogFacts,
) -> Result<Result<Candidate, String>, LedgerError> {
    let ours = books.keys.signer(name)?.verifier().to_string();
    let folder = books.root.join(name.folder());
    if facts.key.as_str() != ours {
        return Err(LedgerError::Key {
            path: folder,
            cause: "is of a log that was opened with another key",
            remedy: "put back the key for access logs that this deployment had",
        });
    }
    // It was made before it was recorded, so that it is not there for the first time.
    let marker = folder.join(VERIFIER_KEY);
    if is_missing(books.surroundings.disk.as_ref(), &marker) {
        return Ok(Err(format!("`{}` is missing", marker.display())));
    }
    let candidate = match open(books, name, facts.size) {
        Ok(candidate) => candidate,
        Err(error) if is_loss(&error) => return Ok(Err(error.to_string())),
        Err(error) => return Err(error),
    };
    let durable = candidate.opened.progress().durable;
    if durable < facts.size {
        let size = facts.size;
        return Ok(Err(format!(
            "it has {durable} entries, and {size} were anchored"
        )));
    }
    let head = candidate.judge.look().anchored_head();
    let root = Digest::new(*head.root.bytes());
    if facts.root.is_some_and(|anchored| anchored != root) {
        let size = facts.size;
        return Ok(Err(format!(
            "its first {size} entries are not those that were anchored"
        )));
    }
    let anchored = Anchored {
        size: facts.size,
        witnessed: facts.witnessed_size,
        trouble: None,
    };
    Ok(Ok(Candidate {
        anchored,
        ..candidate
    }))
}

/// Makes a log that is not in the control log's book, and writes it there.
fn open_new(
    books: &Books,
    control: &Arc<ControlLog>,
    name: &LogName,
    lost: Option<&Lost>,
) -> Result<Candidate, LedgerError> {
    let candidate = open(books, name, 0)?;
    if candidate.opened.progress().durable > 0 {
        return Err(LedgerError::Contradiction {
            origin: name.to_string(),
            cause: "it has entries, and the control log has never opened it".to_owned(),
        });
    }
    let key = books.keys.signer(name)?.verifier().to_string();
    let body = LogOpen {
        log: name.recorded()?,
        key: record::Line::new(&key).map_err(|error| refused(&error))?,
        replaces: lost.map(|lost| lost.name.recorded()).transpose()?,
    };
    control.desk.submit(body, Vec::new())?;
    Ok(candidate)
}

fn open(books: &Books, name: &LogName, anchored: u64) -> Result<Candidate, LedgerError> {
    let judge = Shared::new(TrailJudge::new(anchored));
    let cited = Arc::new(Mutex::new(0));
    let (marks, cites) = (books.marks, Arc::clone(&cited));
    let opened = Opening {
        root: books.root.clone(),
        name: name.clone(),
        secrets: books.keys.secrets(name)?,
        settings: books.settings.access.clone(),
        surroundings: books.surroundings.clone(),
        fold: Box::new(judge.clone()),
        notice: Box::new(move |time_ms, _| {
            let cited = *cites.lock().unwrap_or_else(PoisonError::into_inner);
            last_when_full(marks, time_ms, cited)
        }),
    }
    .open()?;
    *cited.lock().unwrap_or_else(PoisonError::into_inner) = judge.look().trail.control_size();
    Ok(Candidate {
        opened,
        judge,
        cited,
        anchored: Anchored::default(),
    })
}

fn record_lost(
    control: &Arc<ControlLog>,
    name: &LogName,
    facts: &LogFacts,
    witnessed_size: u64,
    account: String,
) -> Result<Lost, LedgerError> {
    let recorded = name.recorded()?;
    let body = LogLost {
        log: recorded.clone(),
        witnessed_size,
    };
    let payloads = vec![(LogLost::ACCOUNT, account.into_bytes())];
    control.desk.submit(body, payloads)?;
    Ok(Lost {
        name: name.clone(),
        continued: continued(recorded, facts),
    })
}

/// How much of a lost log a witness is known to have cosigned: the anchors may be behind.
fn witnessed_size(
    books: &Books,
    name: &LogName,
    witnesses: &[Box<dyn Cosign>],
) -> Result<u64, LedgerError> {
    let path = books.root.join(name.folder()).join(WITNESSED);
    let Ok(bytes) = read_whole(books.surroundings.disk.as_ref(), &path) else {
        return Ok(0);
    };
    let signer = books.keys.signer(name)?;
    // What was lost may be this file too; only what still verifies says anything.
    let signed = SignedCheckpoint::parse(&bytes).ok();
    let signed = signed.filter(|signed| signed.verify_log(signer.verifier()).is_ok());
    let cosigned = |signed: &SignedCheckpoint| {
        let keys = witnesses.iter().map(|witness| witness.key());
        keys.filter(|key| signed.verify_cosignature(key).is_ok())
            .count()
    };
    let needed = books.settings.access.witnesses_needed.max(1);
    let enough = signed.filter(|signed| cosigned(signed) >= needed);
    Ok(enough.map_or(0, |signed| signed.checkpoint().head().size))
}

/// What a log that was opened in the place of a lost one continues, if its writer died before it could
/// say so.
fn continued_by(state: &State, log: &record::LogName) -> Option<Continued> {
    let mut logs = state.access_logs();
    let replaced = logs.find(|(_, facts)| facts.replaced_by.as_ref() == Some(log));
    replaced.map(|(lost, facts)| continued(lost.clone(), facts))
}

/// Before it is recorded as lost, the last anchor is what is known; after it, what was witnessed.
fn continued(log: record::LogName, facts: &LogFacts) -> Continued {
    Continued {
        log,
        size: facts.size,
        root: facts.root,
    }
}

fn start(books: &Books, core: &Core, lost: Option<Continued>) -> Result<(), LedgerError> {
    let (clean, size) = {
        let judge = core.judge.look();
        (
            judge.trail.size() == 0 || judge.is_stopped,
            judge.trail.size(),
        )
    };
    // Views are of what is published, and an entry must not cite less than an earlier one.
    let control_size = core.control.desk.log.progress().borrow().durable;
    core.control
        .desk
        .wait_published(control_size.saturating_sub(1))?;
    {
        let mut cited = core.cited.lock().unwrap_or_else(PoisonError::into_inner);
        *cited = control_size.max(*cited);
    }
    let body = Start {
        log: core.log.recorded_name().clone(),
        build: books.build.clone(),
        clean,
        // Said once, where the log begins.
        continues: lost.filter(|_| size == 0),
    };
    let started = core.submit(body)?;
    core.wait_published(started.index)
}

/// Whether what was there is not there any more, or not as it was signed. Everything else may be
/// cured by opening again.
fn is_loss(error: &LedgerError) -> bool {
    matches!(
        error,
        LedgerError::Damaged { .. }
            | LedgerError::Contradiction { .. }
            | LedgerError::Tree { .. }
            | LedgerError::Vanished { .. }
    )
}

fn is_missing(disk: &dyn Disk, path: &std::path::Path) -> bool {
    let opened = disk.open(path, Access::Read);
    opened.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}
