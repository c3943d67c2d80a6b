//! An access log: what one gateway decided and did, judged by the trail, anchored in the control log.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use record::{Append, AppendError, Appending, Body, Draft, Field, Heartbeat, Stop, StopReason};
use tokio::sync::watch;

use crate::books::anchor::Anchored;
use crate::books::control::{ControlLog, Silence, wait_durable, wait_published};
use crate::books::erase::Unfinished;
use crate::books::judge::{Shared, TrailJudge};
use crate::books::lost::open_core;
use crate::books::pen::Pen;
use crate::books::release::Release;
use crate::books::rounds::Rounds;
use crate::books::settings::{Books, BooksSettings};
use crate::error::LedgerError;
use crate::log::Log;
use crate::name::LogName;
use crate::open::Findings;
use crate::progress::{Progress, Standing};
use crate::publish::Cosign;
use crate::recorded::{Queued, submission_of};
use crate::submission::Receipt;

/// A gateway's access log, open for its one writer.
///
/// Dropped without [`AccessLog::pause`] or [`AccessLog::close`], it says at its next opening that it
/// was not stopped.
pub struct AccessLog {
    /// First, so that nothing is appended while the log is dropped.
    _rounds: Rounds,
    pub(crate) core: Arc<Core>,
}

/// What the access log and its thread share.
pub(crate) struct Core {
    pub(crate) log: Log,
    pub(crate) judge: Shared<TrailJudge>,
    pub(crate) pen: Pen,
    pub(crate) settings: BooksSettings,
    pub(crate) control: Arc<ControlLog>,
    pub(crate) anchored: Mutex<Anchored>,
    pub(crate) unfinished: Mutex<Unfinished>,
    /// The largest size of the control log that an entry cites. Shared with the entry that says that
    /// the disk is full, which is written inside a commit: nobody holds it while he waits for one.
    pub(crate) cited: Arc<Mutex<u64>>,
}

impl Append for AccessLog {
    /// An entry that cites less of the control log than an earlier one gets [`AppendError::NotNext`]:
    /// what it decided is decided again with the later state. So does one that is irregular otherwise,
    /// which is a mistake of the one who appends; [`AccessLog::last_refusal`] gives the reason.
    fn append(&self, draft: Draft) -> Appending<'_> {
        Box::pin(self.queue(draft))
    }
}

impl AccessLog {
    /// Makes an entry with this writer's clock and marks, and payloads with fresh salts.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] when the entry or a payload cannot be one, such as one too large.
    pub fn draft(
        &self,
        control_size: u64,
        body: impl Into<Body>,
        payloads: Vec<(Field, Vec<u8>)>,
    ) -> Result<Draft, LedgerError> {
        self.core.pen.draft(control_size, body, payloads)
    }

    /// As [`Append::append`]; the answer borrows nothing. It is written once somebody waits for the
    /// answer or calls [`AccessLog::hand_over`], so that many that are queued together share a commit.
    pub fn queue(&self, draft: Draft) -> Queued {
        let control_size = draft.entry().control_size;
        let submission = submission_of(draft);
        let mut cited = self.core.cited();
        if control_size < *cited {
            let log = self.core.log.recorded_name().clone();
            return Queued::refused(log, AppendError::NotNext);
        }
        *cited = control_size;
        // Queued before the lock is given back, so that the order is that of the sizes.
        self.core.log.queue_unhurried(submission)
    }

    /// Opens the access log of a gateway and writes `start`; the control log knows it before. It blocks
    /// until that is published and anchored: do not call it from an asynchronous task.
    ///
    /// A log that lost state since its last anchor or checkpoint is not gone on with: it is recorded
    /// as lost, and the next epoch begins and says what it continues. So it is after a
    /// [`AccessLog::close`], without anything lost.
    ///
    /// # Errors
    /// What a restart may cure (a lock, a wrong key, a device that fails) is no loss and is returned.
    pub fn open(
        books: &Books,
        gateway: &str,
        control: &Arc<ControlLog>,
        witnesses: Vec<Box<dyn Cosign>>,
    ) -> Result<Self, LedgerError> {
        let core = Arc::new(open_core(books, gateway, control, witnesses)?);
        core.anchor()?;
        Ok(Self {
            _rounds: rounds(&core)?,
            core,
        })
    }

    /// Its name; its epoch says how many came before it.
    pub fn name(&self) -> &LogName {
        self.core.log.name()
    }

    /// What opening found and mended.
    pub fn findings(&self) -> &Findings {
        self.core.log.findings()
    }

    /// Entries that stood in the log at its opening and break a rule, with the rule. The verifier
    /// reports them too.
    pub fn irregular(&self) -> Vec<(u64, String)> {
        self.core.judge.look().irregular.clone()
    }

    /// The number of the last session that the log has; the next must have the next one.
    pub fn last_session(&self) -> u64 {
        self.core.judge.look().trail.last_session()
    }

    /// How many statements, and how many ungoverned ones, the log has of an open session.
    pub fn counts_of(&self, session: u64) -> Option<(u64, u64)> {
        self.core.judge.look().trail.counts_of(session)
    }

    /// Why the last entry was refused that one of this process's writers had made wrongly.
    pub fn last_refusal(&self) -> Option<String> {
        self.core.judge.look().last_refusal.clone()
    }

    /// The log below: progress, checkpoint, entries, payloads.
    pub fn log(&self) -> &Log {
        &self.core.log
    }

    /// How far the log is durable, published and witnessed.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.core.log.progress()
    }

    /// How far it is anchored.
    pub fn anchored(&self) -> Anchored {
        let anchored = self.core.anchored.lock();
        anchored.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Anchors now, whatever the period. It blocks.
    pub fn anchor(&self) -> Result<(), LedgerError> {
        self.core.anchor()
    }

    /// The size of the control log that entries must cite at least. A gateway whose view of the control
    /// log is smaller waits for it, see [`crate::FollowControl::reached`].
    pub fn control_size_min(&self) -> u64 {
        *self.core.cited()
    }

    /// Appends an entry that decides nothing: it is made with the size of the control log that was
    /// seen, or the largest cited so far, so that it is never refused for an older one. `make` is called
    /// once, before this returns, while nobody else appends.
    pub fn append_as_of<E>(
        &self,
        control_size_seen: u64,
        make: impl FnOnce(u64) -> Result<Draft, E>,
    ) -> Result<Queued, E> {
        let queued = {
            let mut cited = self.core.cited();
            let draft = make(control_size_seen.max(*cited))?;
            *cited = draft.entry().control_size.max(*cited);
            self.core.log.queue_unhurried(submission_of(draft))
        };
        self.core.log.wake();
        Ok(queued)
    }

    /// As [`AccessLog::append_as_of`], for an entry that nobody waits for: it is written with whatever
    /// comes next, or when [`AccessLog::wake`] is called.
    ///
    /// # Errors
    /// What `make` says; an entry that cannot be one gets [`AppendError::TooLarge`] in its place.
    pub fn leave_as_of(
        &self,
        control_size_seen: u64,
        make: impl FnOnce(u64) -> Result<Draft, AppendError>,
    ) -> Result<(), AppendError> {
        let mut cited = self.core.cited();
        let draft = make(control_size_seen.max(*cited))?;
        *cited = draft.entry().control_size.max(*cited);
        let submission = submission_of(draft).map_err(|_| AppendError::TooLarge)?;
        drop(self.core.log.leave(submission));
        Ok(())
    }

    /// Writes what was queued and will be waited for, if there is any.
    pub fn hand_over(&self) {
        self.core.log.hand_over();
    }

    /// Writes what was left.
    pub fn wake(&self) {
        self.core.log.wake();
    }

    /// Whether sensitive data may be released in clear although witnesses are behind.
    pub fn may_release_sensitive(&self, now_ms: u64) -> Release {
        let needed = self.core.settings.access.witnesses_needed;
        let max = self.core.settings.unwitnessed_max;
        Release::of(&self.progress().borrow(), needed > 0, max, now_ms)
    }

    /// Writes `stop` and the last anchor. The next opening goes on with the same log: for restarts.
    /// Sessions must have ended. It blocks.
    pub fn pause(&self) -> Result<Anchored, LedgerError> {
        let stop = Stop {
            reason: StopReason::Asked,
        };
        let stopped = self.core.submit(stop)?;
        self.core.wait_published(stopped.index)?;
        self.core.anchor()?;
        Ok(self.anchored())
    }

    /// As [`AccessLog::pause`], and closes the log in the control log: nothing will ever be appended to
    /// it, and the gateway's next log has the next epoch, which witnesses must be told of.
    pub fn close(&self) -> Result<Anchored, LedgerError> {
        let anchored = self.pause()?;
        self.core.record_close()?;
        Ok(anchored)
    }
}

impl Core {
    fn cited(&self) -> MutexGuard<'_, u64> {
        self.cited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends an entry that the books make themselves, and waits until it is durable.
    pub(crate) fn submit(&self, body: impl Into<Body>) -> Result<Receipt, LedgerError> {
        let waiting = {
            let cited = self.cited();
            let draft = self.pen.draft(*cited, body, Vec::new())?;
            // Queued before the lock is given back, as in `append`.
            self.log.submit(submission_of(draft)?)
        };
        wait_durable(waiting)
    }

    /// The settings' cadence is the longest that publishing takes on a disk that answers.
    pub(crate) fn wait_published(&self, index: u64) -> Result<(), LedgerError> {
        wait_published(&self.log, index, self.settings.access.deadline)
    }

    fn beat(&self) -> Result<(), LedgerError> {
        let beat = {
            let judge = self.judge.look();
            Heartbeat {
                open_sessions: judge.trail.open_sessions() as u64,
                open_decisions: judge.trail.open_decisions().count() as u64,
                witnessed_size: self.log.progress().borrow().witnessed,
                state: Some(judge.trail.hash()),
            }
        };
        self.submit(beat).map(|_| ())
    }
}

/// Anchors, and says that the gateway lives when it has been silent.
fn rounds(core: &Arc<Core>) -> Result<Rounds, LedgerError> {
    let core = Arc::clone(core);
    let mut silence = Silence::default();
    let every = core.settings.anchor.min(core.settings.heartbeat);
    Rounds::start("ledger-anchor", every, move || {
        let progress = core.log.progress().borrow().clone();
        let is_open = progress.standing == Standing::Open && !core.judge.look().is_stopped;
        if is_open && silence.is_as_long_as(core.settings.heartbeat, progress.durable) {
            // Refused if something came between, and then there is no silence.
            let _ = core.beat();
        }
        if is_open || progress.standing == Standing::Full {
            // What went wrong is told by `AccessLog::anchored`.
            let _ = core.anchor();
        }
        core.control.desk.finish(core.log.parts(), &core.unfinished);
    })
}
