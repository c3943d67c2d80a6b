//! The control log: everything that is in force, validated before it is appended, published on every
//! commit.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use merkle::SignerKey;
use record::{Append, Appending, Body, Draft, Field, Heartbeat, Start, Stop, StopReason};
use tokio::sync::watch;

use crate::books::erase::Unfinished;
use crate::books::follow::FollowControl;
use crate::books::freshness::Sight;
use crate::books::judge::{ControlJudge, Shared};
use crate::books::pen::Pen;
use crate::books::release::Release;
use crate::books::rounds::Rounds;
use crate::books::settings::{Books, BooksSettings};
use crate::books::sign_of_life::SignOfLife;
use crate::books::states::{ControlView, States};
use crate::books::wait::wait_for;
use crate::commit::Waiting;
use crate::error::LedgerError;
use crate::log::Log;
use crate::name::LogName;
use crate::open::{Findings, Opening};
use crate::progress::{Progress, Standing};
use crate::publish::Cosign;
use crate::recorded::{last_when_full, submission_of};
use crate::submission::Receipt;

/// An organisation's control log, open for its one writer.
///
/// Drop it after every access log that it anchors. Dropped without [`ControlLog::close`], it says at
/// its next opening that it was not stopped.
pub struct ControlLog {
    /// First, so that nothing is appended while the log is dropped.
    _pulse: Rounds,
    pub(crate) desk: Arc<Desk>,
    follow: FollowControl,
    _states: Joined,
}

/// What the control log and its thread share.
pub(crate) struct Desk {
    pub(crate) log: Log,
    pub(crate) judge: Shared<ControlJudge>,
    pub(crate) pen: Pen,
    pub(crate) settings: BooksSettings,
    pub(crate) unfinished: Mutex<Unfinished>,
    signer: SignerKey,
    folder: PathBuf,
}

/// Joins its thread when it is dropped, after the log.
struct Joined(Option<JoinHandle<()>>);

impl Drop for Joined {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            let _ = thread.join();
        }
    }
}

impl Append for ControlLog {
    /// A repeated request gets the receipt of the first; what does not follow gets
    /// [`record::AppendError::NotNext`].
    fn append(&self, draft: Draft) -> Appending<'_> {
        self.desk.log.append(draft)
    }
}

impl ControlLog {
    /// Opens or makes the control log, verifies all of it, and writes `start`. It blocks until that is
    /// published: do not call it from an asynchronous task.
    ///
    /// # Errors
    /// A control log that lost state, or contradicts what it signed, is not gone on with and has no
    /// next epoch of its own: [`LedgerError::Damaged`], [`LedgerError::Contradiction`].
    pub fn open(books: &Books, witnesses: Vec<Box<dyn Cosign>>) -> Result<Self, LedgerError> {
        let desk = Arc::new(open_desk(books, witnesses)?);
        let clean = {
            let judge = desk.judge.look();
            judge.fold.state().size() == 0 || judge.is_stopped
        };
        let start = desk.submit(
            Start {
                log: desk.log.recorded_name().clone(),
                build: books.build.clone(),
                clean,
                continues: None,
            },
            Vec::new(),
        )?;
        desk.wait_published(start.index)?;
        desk.find_unfinished()?;
        // Nobody else has the log yet, so that this is the state after `start`, and published.
        let state = desk.judge.look().fold.state().clone();
        let sight = Arc::<Sight>::default();
        let states = States {
            follow: desk.log.follow(state.size()),
            progress: desk.log.progress(),
            clock: Arc::clone(&books.surroundings.clock),
            sight: Arc::clone(&sight),
            unpublished: VecDeque::new(),
        };
        let now_ms = desk.pen.now_ms();
        sight.shows(now_ms, now_ms);
        let (view, thread) = states.spawn(ControlView::of(state))?;
        Ok(Self {
            _pulse: pulse(&desk)?,
            desk,
            follow: FollowControl::new(view, sight),
            _states: Joined(Some(thread)),
        })
    }

    /// Makes an entry with this writer's clock and marks, and payloads with fresh salts.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when the entry or a payload cannot be one.
    pub fn draft(
        &self,
        body: impl Into<Body>,
        payloads: Vec<(Field, Vec<u8>)>,
    ) -> Result<Draft, LedgerError> {
        let control_size = self.desk.log.progress().borrow().durable;
        self.desk.pen.draft(control_size, body, payloads)
    }

    /// The log's name.
    pub fn name(&self) -> &LogName {
        self.desk.log.name()
    }

    /// What opening found and mended.
    pub fn findings(&self) -> &Findings {
        self.desk.log.findings()
    }

    /// The log below: progress, checkpoint, entries, payloads.
    pub fn log(&self) -> &Log {
        &self.desk.log
    }

    /// How far the log is durable, published and witnessed.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.desk.log.progress()
    }

    /// Watches the state in force.
    pub fn follow(&self) -> FollowControl {
        self.follow.clone()
    }

    /// Whether what rests on this log may be shown in clear although witnesses are behind.
    pub fn may_release_sensitive(&self, now_ms: u64) -> Release {
        let needed = self.desk.settings.control.witnesses_needed;
        let max = self.desk.settings.unwitnessed_max;
        Release::of(&self.progress().borrow(), needed > 0, max, now_ms)
    }

    /// Writes `stop` and waits until it is published. Close the access logs first. It blocks.
    pub fn close(&self) -> Result<Progress, LedgerError> {
        let stop = Stop {
            reason: StopReason::Asked,
        };
        let stopped = self.desk.submit(stop, Vec::new())?;
        self.desk.wait_published(stopped.index)?;
        Ok(self.progress().borrow().clone())
    }
}

impl Desk {
    /// Appends an entry that the books make themselves, and waits until it is durable.
    pub(crate) fn submit(
        &self,
        body: impl Into<Body>,
        payloads: Vec<(Field, Vec<u8>)>,
    ) -> Result<Receipt, LedgerError> {
        let control_size = self.log.progress().borrow().durable;
        let draft = self.pen.draft(control_size, body, payloads)?;
        wait_durable(self.log.submit(submission_of(draft)?))
    }

    pub(crate) fn wait_published(&self, index: u64) -> Result<(), LedgerError> {
        wait_published(&self.log, index, self.settings.control.deadline)
    }

    fn beat(&self) -> Result<(), LedgerError> {
        let (state, witnessed_size) = {
            let judge = self.judge.look();
            let witnessed_size = self.log.progress().borrow().witnessed;
            (judge.fold.state().hash(), witnessed_size)
        };
        let beat = Heartbeat {
            open_sessions: 0,
            open_decisions: 0,
            witnessed_size,
            state: Some(state),
        };
        self.submit(beat, Vec::new()).map(|_| ())
    }

    fn show_sign_of_life(&self, progress: &Progress) -> Result<(), LedgerError> {
        let sign = SignOfLife {
            size: progress.published,
            time_ms: self.pen.now_ms(),
        };
        let disk = self.pen.surroundings.disk.as_ref();
        sign.write(disk, &self.folder, &self.signer)
    }
}

fn open_desk(books: &Books, witnesses: Vec<Box<dyn Cosign>>) -> Result<Desk, LedgerError> {
    let name = books.control_name()?;
    let settings = books.settings.control.clone();
    books.check_witnessed(&name, &settings, witnesses.len())?;
    let judge = Shared::new(ControlJudge::default());
    let marks = books.marks;
    let opened = Opening {
        root: books.root.clone(),
        name: name.clone(),
        secrets: books.keys.secrets(&name)?,
        settings,
        surroundings: books.surroundings.clone(),
        fold: Box::new(judge.clone()),
        // What stands before it is what the writer had applied.
        notice: Box::new(move |time_ms, index| last_when_full(marks, time_ms, index)),
    }
    .open()?;
    Ok(Desk {
        log: Log::start(opened, witnesses)?,
        judge,
        pen: Pen {
            surroundings: books.surroundings.clone(),
            marks,
        },
        settings: books.settings.clone(),
        unfinished: Mutex::default(),
        signer: books.keys.signer(&name)?,
        folder: books.root.join(name.folder()),
    })
}

/// Shows that the writer lives, and says so in the log when it has been silent.
fn pulse(desk: &Arc<Desk>) -> Result<Rounds, LedgerError> {
    let desk = Arc::clone(desk);
    let mut silence = Silence::default();
    let every = desk.settings.sign_of_life.min(desk.settings.heartbeat);
    Rounds::start("ledger-control", every, move || {
        let progress = desk.log.progress().borrow().clone();
        if progress.standing != Standing::Open || desk.judge.look().is_stopped {
            return;
        }
        if progress.publish_trouble.is_none() {
            // It is written again soon; if it cannot be, followers see that.
            let _ = desk.show_sign_of_life(&progress);
        }
        if silence.is_as_long_as(desk.settings.heartbeat, progress.durable) {
            // Refused if something came between, and then there is no silence.
            let _ = desk.beat();
        }
        desk.finish_erasures();
    })
}

/// How long a log has had one size.
#[derive(Default)]
pub(crate) struct Silence(Option<(u64, Instant)>);

impl Silence {
    pub(crate) fn is_as_long_as(&mut self, time: Duration, size: u64) -> bool {
        match self.0 {
            Some((before, since)) if before == size => since.elapsed() >= time,
            _ => {
                self.0 = Some((size, Instant::now()));
                false
            }
        }
    }
}

pub(crate) fn wait_durable(waiting: Waiting) -> Result<Receipt, LedgerError> {
    // The log answers within its own deadline, and always.
    wait_for(waiting, Duration::MAX).unwrap_or(Err(LedgerError::Closed))
}

pub(crate) fn wait_published(log: &Log, index: u64, time: Duration) -> Result<(), LedgerError> {
    let mut progress = log.progress();
    let is_over = |progress: &Progress| {
        progress.published > index || !matches!(progress.standing, Standing::Open | Standing::Full)
    };
    let waited = wait_for(progress.wait_for(is_over), time);
    if waited.is_some_and(|found| found.is_ok_and(|progress| progress.published > index)) {
        return Ok(());
    }
    Err(LedgerError::Unpublished {
        log: log.name().to_string(),
        waited_ms: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
    })
}
