//! A running log: an open one with its threads.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use merkle::{SignedCheckpoint, TreeHead, VerifierKey};
use tokio::sync::watch;

use crate::commit::{self, Closing, Queue, Waiting, Writer};
use crate::error::LedgerError;
use crate::name::LogName;
use crate::open::{Findings, Opened, Parts};
use crate::payload::{Erased, Erasure, Found};
use crate::progress::{Board, Progress, Standing};
use crate::publish::{Bell, Cosign, Publisher, Witnesses, publish_loop, witness_loop};
use crate::storage::WITNESSED;
use crate::submission::Submission;
use crate::tail::Follow;
use crate::witnessed::Witnessed;

/// A log that takes entries from many at once.
///
/// One thread commits, one publishes, one asks witnesses. Dropping it writes and publishes what
/// waits, like [`Log::close`].
pub struct Log {
    parts: Parts,
    queue: Arc<Queue>,
    findings: Findings,
    committed: Arc<Bell>,
    asking: Arc<Bell>,
    threads: Threads,
}

#[derive(Default)]
struct Threads {
    committer: Option<JoinHandle<()>>,
    publisher: Option<JoinHandle<()>>,
    witnesses: Option<JoinHandle<()>>,
}

impl Log {
    /// Starts an open log's threads.
    pub fn start(opened: Opened, witnesses: Vec<Box<dyn Cosign>>) -> Result<Self, LedgerError> {
        let Opened {
            writer,
            publisher,
            findings,
            parts,
        } = opened;
        let keys: Vec<VerifierKey> = witnesses
            .iter()
            .map(|witness| witness.key().clone())
            .collect();
        remember_witnessed(&parts, &keys)?;
        let asked = Witnesses {
            witnesses: witnesses.into_iter().map(|witness| (witness, 0)).collect(),
            needed: parts.settings.witnesses_needed,
            objects: Arc::clone(&parts.objects),
            latest: Arc::clone(&parts.latest),
            board: parts.board.clone(),
            clock: Arc::clone(&parts.surroundings.clock),
        };
        let head = Arc::clone(&writer.head);
        let mut log = Self {
            queue: Arc::new(Queue::new(
                parts.settings.queue_max,
                parts.settings.deadline,
            )),
            findings,
            committed: Arc::default(),
            asking: Arc::default(),
            threads: Threads::default(),
            parts,
        };
        // From here on dropping the log stops what was started, also when the next thread does not
        // start. The first round signs what was durable before, or an empty tree.
        log.committed.ring();
        log.threads.committer = Some(log.start_committer(writer)?);
        log.threads.publisher = Some(log.start_publisher(publisher, head)?);
        if asked.are_asked() {
            log.threads.witnesses = Some(log.start_witnesses(asked)?);
        }
        Ok(log)
    }

    fn start_committer(&self, writer: Writer) -> Result<JoinHandle<()>, LedgerError> {
        let (bell, guard) = (Arc::clone(&self.committed), self.on_panic());
        spawn("ledger-commit", move || {
            commit::run(writer, &guard.queue, &|| bell.ring());
        })
    }

    fn start_publisher(
        &self,
        mut publisher: Publisher,
        head: Arc<Mutex<TreeHead>>,
    ) -> Result<JoinHandle<()>, LedgerError> {
        let (bell, guard) = (Arc::clone(&self.committed), self.on_panic());
        let cadence = self.parts.settings.publish;
        spawn("ledger-publish", move || {
            publish_loop(
                &mut publisher,
                &head,
                &bell,
                &guard.queue,
                &guard.board,
                cadence,
            );
        })
    }

    fn start_witnesses(&self, mut asked: Witnesses) -> Result<JoinHandle<()>, LedgerError> {
        let (bell, board) = (Arc::clone(&self.asking), self.parts.board.clone());
        let every = self.parts.settings.cosign_every;
        spawn("ledger-witness", move || {
            witness_loop(&mut asked, &bell, &board, every);
        })
    }

    fn on_panic(&self) -> OnPanic {
        OnPanic {
            queue: Arc::clone(&self.queue),
            board: self.parts.board.clone(),
        }
    }

    /// Joins the line of entries to be written; their order is that of the calls. The answer comes
    /// after the sync. [`LedgerError::QueueFull`], [`LedgerError::Late`] and [`LedgerError::Refused`]
    /// mean that nothing was written; after any other error the entry may stand in the log once it is
    /// opened again.
    pub fn submit(&self, submission: Submission) -> Waiting {
        self.queue.push(submission)
    }

    /// Joins the line without asking for a commit: the entry is written with whatever comes next, or
    /// when [`Log::wake`] is called or the answer is waited for. For entries that nobody waits for; they
    /// then cost no sync of their own.
    pub fn leave(&self, submission: Submission) -> Waiting {
        self.queue.leave(submission)
    }

    /// The same, for entries whose answer will be waited for: [`Log::hand_over`] has them written too.
    pub(crate) fn expect(&self, submission: Submission) -> Waiting {
        self.queue.expect(submission)
    }

    /// Writes what was queued and will be waited for, if there is any, and what was left with it.
    pub fn hand_over(&self) {
        self.queue.hand_over();
    }

    /// Writes what was left, if anything was.
    pub fn wake(&self) {
        self.queue.wake();
    }

    /// How far the log is durable, published and witnessed.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.parts.board.watch()
    }

    /// The log's name.
    pub fn name(&self) -> &LogName {
        &self.parts.name
    }

    /// The log's name as receipts carry it.
    pub(crate) fn recorded_name(&self) -> &record::LogName {
        &self.parts.recorded_name
    }

    /// What the log's threads share.
    pub(crate) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// What opening found.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// The latest checkpoint, with cosignatures if it has any.
    pub fn checkpoint(&self) -> Option<SignedCheckpoint> {
        let latest = self.parts.latest.lock();
        latest.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads durable entries from an index on, as they come.
    pub fn follow(&self, from: u64) -> Follow {
        Follow::new(&self.parts, from)
    }

    /// Looks a payload up in the store. `fits` says whether salt and bytes fit the entry's commitment.
    pub fn stored(
        &self,
        index: u64,
        field: u16,
        fits: &dyn Fn(&[u8; 32], &[u8]) -> bool,
    ) -> Result<Found, LedgerError> {
        self.parts.payload(index, field, fits)
    }

    /// Proof that this log's entry is witnessed, once it is.
    pub fn witnessed(&self, index: u64) -> Option<Witnessed> {
        Witnessed::of(&self.parts, index)
    }

    /// Destroys payloads of this log. The entry of the erasure stands in the control log and is
    /// witnessed, which the proof shows, or the log runs in evaluation mode.
    pub fn erase(&self, erasure: &Erasure, proof: &Witnessed) -> Result<Erased, LedgerError> {
        self.parts.erase(erasure, proof)
    }

    /// Writes and publishes what waits, and stops. Says how the log stood at the end.
    pub fn close(mut self) -> Progress {
        self.stop();
        self.parts.board.now()
    }

    fn stop(&mut self) {
        self.queue.close(Closing::Closed);
        join(self.threads.committer.take());
        self.committed.close();
        join(self.threads.publisher.take());
        self.asking.close();
        join(self.threads.witnesses.take());
        self.parts.board.stand(Standing::Closed);
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Fails everybody who waits when a thread of the log panics.
struct OnPanic {
    queue: Arc<Queue>,
    board: Board,
}

impl Drop for OnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            let cause = "a thread of the log failed".to_owned();
            self.board.stand(Standing::Stopped(cause.clone()));
            self.queue
                .close(Closing::Failed(LedgerError::Stopped { cause }));
        }
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, LedgerError> {
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(run);
    spawned.map_err(LedgerError::io("start the thread", name))
}

/// A thread that panicked has told everybody, see [`OnPanic`].
fn join(thread: Option<JoinHandle<()>>) {
    if let Some(thread) = thread {
        let _ = thread.join();
    }
}

/// Counts the stored witnessed checkpoint if enough of the witnesses signed it. Their cosignatures
/// say when, so that a restart does not hide how long witnesses have been away.
fn remember_witnessed(parts: &Parts, keys: &[VerifierKey]) -> Result<(), LedgerError> {
    let Some(bytes) = parts.objects.read(WITNESSED)? else {
        return Ok(());
    };
    let signed = SignedCheckpoint::parse(&bytes).map_err(LedgerError::tree)?;
    let found = keys
        .iter()
        .filter_map(|key| signed.verify_cosignature(key).ok());
    let mut times: Vec<u64> = found.map(|cosignature| cosignature.time_s()).collect();
    times.sort_unstable();
    let needed = parts.settings.witnesses_needed;
    if let Some(time_s) = times
        .iter()
        .rev()
        .nth(needed.saturating_sub(1))
        .filter(|_| needed > 0)
    {
        let size = signed.checkpoint().head().size;
        parts.board.witnessed(size, time_s.saturating_mul(1000));
    }
    Ok(())
}
