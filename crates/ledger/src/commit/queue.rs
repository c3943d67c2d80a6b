//! Who waits to be written: bounded, in order, with a deadline.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::error::LedgerError;
use crate::settings::{COMMIT_BYTES_MAX, COMMIT_ENTRIES_MAX};
use crate::submission::{Receipt, Submission};

type Answer = oneshot::Sender<Result<Receipt, LedgerError>>;

/// An append that is not answered yet. Dropping it does not withdraw the entry.
#[derive(Debug)]
pub struct Waiting {
    answer: oneshot::Receiver<Result<Receipt, LedgerError>>,
    /// Whom to wake once somebody waits for the answer, where the entry was left without that.
    unwoken: Option<Arc<Queue>>,
}

impl Future for Waiting {
    type Output = Result<Receipt, LedgerError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.answer).poll(context);
        if answer.is_pending()
            && let Some(queue) = self.unwoken.take()
        {
            queue.wake();
        }
        answer.map(|answer| {
            answer.unwrap_or_else(|_| {
                // Only a panic of the committer drops a sender without an answer.
                let cause = "the committer is gone".to_owned();
                Err(LedgerError::Stopped { cause })
            })
        })
    }
}

impl Waiting {
    /// Waits without a runtime; not to be called from an asynchronous task.
    pub fn wait(self) -> Result<Receipt, LedgerError> {
        if let Some(queue) = self.unwoken {
            queue.wake();
        }
        let cause = || LedgerError::Stopped {
            cause: "the committer is gone".to_owned(),
        };
        self.answer.blocking_recv().unwrap_or_else(|_| Err(cause()))
    }
}

/// Why no more is taken.
#[derive(Clone, Debug)]
pub(crate) enum Closing {
    /// What waits is still written.
    Closed,
    /// What waits fails with this.
    Failed(LedgerError),
}

/// How soon somebody wants the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joining {
    /// Somebody waits.
    Now,
    /// Somebody will.
    Expected,
    /// Perhaps nobody.
    Left,
}

#[derive(Debug)]
struct Waiter {
    submission: Submission,
    answer: Answer,
    since: Instant,
    /// Nobody is in a hurry about it, so that it is never too late.
    is_left: bool,
}

#[derive(Debug, Default)]
struct Line {
    waiters: VecDeque<Waiter>,
    closing: Option<Closing>,
    /// Answers of the commit that runs, until the disk answers or the deadline passes.
    in_flight: Vec<Option<Answer>>,
    in_flight_since: Option<Instant>,
    /// The committer sleeps: whoever comes first wakes it.
    is_idle: bool,
}

/// The line of those who wait.
#[derive(Debug)]
pub(crate) struct Queue {
    line: Mutex<Line>,
    /// An entry that somebody will wait for joined without waking the committer, and nobody has since.
    is_expected: AtomicBool,
    has_work: Condvar,
    waiters_max: usize,
    deadline: Duration,
}

impl Queue {
    pub(crate) fn new(waiters_max: usize, deadline: Duration) -> Self {
        Self {
            line: Mutex::new(Line::default()),
            is_expected: AtomicBool::new(false),
            has_work: Condvar::new(),
            waiters_max,
            deadline,
        }
    }

    /// Joins the line, or is refused at once.
    pub(crate) fn push(&self, submission: Submission) -> Waiting {
        Waiting {
            answer: self.join(submission, Joining::Now),
            unwoken: None,
        }
    }

    /// Joins the line without waking the committer: it is written once somebody waits for the answer,
    /// with whatever comes next, or when [`Queue::hand_over`] is called.
    pub(crate) fn expect(self: &Arc<Self>, submission: Submission) -> Waiting {
        Waiting {
            answer: self.join(submission, Joining::Expected),
            unwoken: Some(Arc::clone(self)),
        }
    }

    /// As [`Queue::expect`], for what nobody is in a hurry about: handing over does not write it, so that
    /// it costs no commit of its own.
    pub(crate) fn leave(self: &Arc<Self>, submission: Submission) -> Waiting {
        Waiting {
            answer: self.join(submission, Joining::Left),
            unwoken: Some(Arc::clone(self)),
        }
    }

    /// Wakes the committer for what somebody will wait for. It costs next to nothing where there is no
    /// such thing.
    pub(crate) fn hand_over(&self) {
        if self.is_expected.swap(false, Ordering::AcqRel) {
            self.wake();
        }
    }

    /// Wakes the committer for whatever is there.
    pub(crate) fn wake(&self) {
        let mut line = self.line();
        let must_wake = !line.waiters.is_empty() && std::mem::take(&mut line.is_idle);
        drop(line);
        if must_wake {
            self.has_work.notify_one();
        }
    }

    fn join(
        &self,
        submission: Submission,
        joining: Joining,
    ) -> oneshot::Receiver<Result<Receipt, LedgerError>> {
        let (answer, waiting) = oneshot::channel();
        let waiter = Waiter {
            submission,
            answer,
            since: Instant::now(),
            is_left: joining == Joining::Left,
        };
        // What nobody waits for is told to nobody, so that it must not get lost: it has room of its own.
        let waiters_max = match joining {
            Joining::Now | Joining::Expected => self.waiters_max,
            Joining::Left => self.waiters_max.saturating_mul(2),
        };
        let mut line = self.line();
        let refusal = match &line.closing {
            Some(Closing::Closed) => Some(LedgerError::Closed),
            Some(Closing::Failed(error)) => Some(stopped(error)),
            None if line.waiters.len() >= waiters_max => Some(LedgerError::QueueFull {
                waiting: line.waiters.len(),
            }),
            None => None,
        };
        if let Some(refusal) = refusal {
            drop(line);
            let _ = waiter.answer.send(Err(refusal));
            return waiting;
        }
        line.waiters.push_back(waiter);
        let must_wake = joining == Joining::Now && std::mem::take(&mut line.is_idle);
        drop(line);
        if must_wake {
            self.has_work.notify_one();
        } else if joining == Joining::Expected {
            self.is_expected.store(true, Ordering::Release);
        }
        waiting
    }

    /// The next batch: all who wait, up to a commit's limits. None once nothing more will come. The
    /// answers are kept here, so that the deadline also holds while the disk is busy.
    pub(crate) fn take(&self) -> Option<Vec<Submission>> {
        let mut line = self.line();
        loop {
            if matches!(line.closing, Some(Closing::Failed(_))) {
                return None;
            }
            line.withdraw_late(self.deadline);
            if !line.waiters.is_empty() {
                return Some(line.begin_batch());
            }
            if line.closing.is_some() {
                return None;
            }
            line.is_idle = true;
            line = self
                .has_work
                .wait(line)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Answers the batch that was taken.
    pub(crate) fn answer(&self, answers: Vec<Result<Receipt, LedgerError>>) {
        let mut line = self.line();
        let senders = std::mem::take(&mut line.in_flight);
        line.in_flight_since = None;
        drop(line);
        for (sender, answer) in senders.into_iter().zip(answers) {
            // A waiter may have gone away; its entry stands all the same.
            sender.map(|sender| sender.send(answer));
        }
    }

    /// Takes no more. After a failure everybody who waits is told.
    pub(crate) fn close(&self, closing: Closing) {
        let mut line = self.line();
        let failed = matches!(line.closing, Some(Closing::Failed(_)));
        if !failed {
            line.closing = Some(closing.clone());
        }
        let mut told: Vec<Answer> = Vec::new();
        if let Closing::Failed(_) = &closing {
            told.extend(line.in_flight.drain(..).flatten());
            told.extend(line.waiters.drain(..).map(|waiter| waiter.answer));
        }
        drop(line);
        if let Closing::Failed(error) = closing {
            for answer in told {
                let _ = answer.send(Err(error.clone()));
            }
        }
        self.has_work.notify_all();
    }

    /// Tells those whose deadline has passed. Called by a thread that the disk cannot hold up.
    pub(crate) fn expire(&self) {
        let mut line = self.line();
        line.withdraw_late(self.deadline);
        let waited = line.in_flight_since.map(|since| since.elapsed());
        if let Some(waited) = waited.filter(|waited| *waited > self.deadline) {
            for sender in line.in_flight.iter_mut().filter_map(Option::take) {
                let _ = sender.send(Err(LedgerError::Unanswered {
                    waited_ms: as_ms(waited),
                }));
            }
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn begin_batch(&mut self) -> Vec<Submission> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some(waiter) = self.waiters.front() {
            bytes += waiter.submission.weight();
            let is_full = batch.len() >= COMMIT_ENTRIES_MAX || bytes > COMMIT_BYTES_MAX;
            if is_full && !batch.is_empty() {
                break;
            }
            if let Some(waiter) = self.waiters.pop_front() {
                batch.push(waiter.submission);
                self.in_flight.push(Some(waiter.answer));
            }
        }
        self.in_flight_since = Some(Instant::now());
        batch
    }

    /// The line is in order of arrival, so that the late are in front.
    fn withdraw_late(&mut self, deadline: Duration) {
        let mut place = 0;
        while let Some(waiter) = self.waiters.get(place) {
            let waited = waiter.since.elapsed();
            if waited <= deadline {
                return;
            }
            if waiter.is_left {
                place += 1;
            } else if let Some(waiter) = self.waiters.remove(place) {
                let error = LedgerError::Late {
                    waited_ms: as_ms(waited),
                };
                let _ = waiter.answer.send(Err(error));
            }
        }
    }
}

/// What comes after a failure is told that the log stopped, not that its own write failed.
fn stopped(error: &LedgerError) -> LedgerError {
    if let LedgerError::Stopped { .. } = error {
        return error.clone();
    }
    LedgerError::Stopped {
        cause: error.to_string(),
    }
}

fn as_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::thread::{self, JoinHandle};

    use super::*;

    fn entry(byte: u8) -> Submission {
        Submission::new(vec![byte], Vec::new()).unwrap()
    }

    /// A queue whose committer sleeps, and how many it takes once it is woken.
    fn asleep() -> (Arc<Queue>, JoinHandle<usize>) {
        let queue = Arc::new(Queue::new(10, Duration::from_secs(60)));
        let taking = Arc::clone(&queue);
        let taken = thread::spawn(move || taking.take().map_or(0, |batch| batch.len()));
        while !queue.line().is_idle {
            thread::yield_now();
        }
        (queue, taken)
    }

    #[test]
    fn what_is_expected_gathers_until_it_is_handed_over() {
        let (queue, taken) = asleep();
        let _waiting = [queue.expect(entry(1)), queue.expect(entry(2))];
        assert!(queue.line().is_idle);
        queue.hand_over();
        assert_eq!(taken.join().unwrap(), 2);
    }

    #[test]
    fn what_is_left_waits_for_the_next_one() {
        let (queue, taken) = asleep();
        let _left = queue.leave(entry(1));
        queue.hand_over();
        assert!(queue.line().is_idle);
        let _waiting = queue.push(entry(2));
        assert_eq!(taken.join().unwrap(), 2);
    }

    #[test]
    fn what_is_left_is_never_too_late() {
        let queue = Arc::new(Queue::new(1, Duration::from_millis(1)));
        let late = queue.expect(entry(1));
        let _left = queue.leave(entry(2));
        thread::sleep(Duration::from_millis(5));
        queue.expire();
        assert!(matches!(late.wait(), Err(LedgerError::Late { .. })));
        assert_eq!(queue.take().map_or(0, |batch| batch.len()), 1);
    }

    #[test]
    fn who_waits_for_what_was_left_wakes_the_committer() {
        let (queue, taken) = asleep();
        let left = queue.leave(entry(1));
        let waits = thread::spawn(move || left.wait());
        assert_eq!(taken.join().unwrap(), 1);
        queue.close(Closing::Failed(LedgerError::Closed));
        assert!(waits.join().unwrap().is_err());
    }
}
