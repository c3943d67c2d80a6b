//! Waits for the server, and meanwhile for whatever ends the waiting: the client is gone, a right has
//! ended, time is up, the gateway stops.

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::Refusal;
use postgres::LinkError;
use record::{End, SessionEnding};
use tokio::time::{sleep_until, timeout};
use wire::TransactionStatus;
use wire::backend::Incoming;

use super::execution::Execution;
use super::ground;
use super::writes::Fate;
use super::{KeptBy, Over, Session, Stop};
use crate::problem::Problem;

/// How long a cancel may take to reach the server.
const CANCEL: Duration = Duration::from_secs(5);

impl Session {
    /// The next thing that the server says.
    pub(super) async fn receive(&mut self) -> Result<Incoming, Stop> {
        let Some(link) = &mut self.link else {
            return Err(Problem::refusal(Refusal::UpstreamUnavailable, "").into());
        };
        // Most answers are there already, or soon.
        match link.try_next() {
            Ok(Some(Incoming::Rows(rows))) => {
                self.is_in_time()?;
                return Ok(Incoming::Rows(rows));
            }
            Ok(Some(incoming)) => return Ok(incoming),
            Ok(None) => {}
            Err(error) => return Err(self.lost(&error)),
        }
        // What was collected may be seen: rows are collected only once their decision is durable.
        if !self.client.out.is_empty() {
            self.client.flush().await?;
        }
        let due = self.due();
        let Some(link) = &mut self.link else {
            return Err(Problem::refusal(Refusal::UpstreamUnavailable, "").into());
        };
        tokio::select! {
            biased;
            received = link.next() => match received {
                Ok(incoming) => Ok(incoming),
                Err(error) => Err(self.lost(&error)),
            },
            gone = self.client.gone() => {
                self.cancel_upstream();
                Err(Stop::Over(Over::Client(gone)))
            }
            _ = self.worlds.changed() => self.reconsider().await,
            () = self.gate.stopping() => {
                self.cancel_upstream();
                Err(Stop::Over(stopping()))
            }
            () = sleep_until(due.into()) => {
                self.cancel_upstream();
                Err(Stop::Over(timed_out()))
            }
        }
    }

    /// Whether more rows may be taken: a client that reads just fast enough would otherwise never see
    /// the end of its time, because rows are always there.
    fn is_in_time(&self) -> Result<(), Stop> {
        let limits = self.gate.limits();
        let is_past = |since: Option<Instant>, limit| since.is_some_and(|s| s.elapsed() >= limit);
        let is_proved = self.who.seconds_left(self.now()) != Some(0);
        let over = if self.gate.is_stopping() {
            stopping()
        } else if !is_proved {
            let problem = Problem::refusal(Refusal::RightEnded, "the proof of who you are");
            Over::Told(Box::new(problem), SessionEnding::RightEnded)
        } else if is_past(self.busy_since, limits.statement)
            || is_past(self.transaction_since, limits.transaction)
        {
            timed_out()
        } else {
            return Ok(());
        };
        self.cancel_upstream();
        Err(Stop::Over(over))
    }

    /// As [`Session::receive`], when what comes is nobody's.
    pub(super) async fn receive_quietly(&mut self) -> Result<Incoming, Stop> {
        let Some(link) = &mut self.link else {
            return Err(Problem::refusal(Refusal::UpstreamUnavailable, "").into());
        };
        let received = timeout(self.gate.limits().statement, link.next()).await;
        match received {
            Ok(Ok(incoming)) => Ok(incoming),
            Ok(Err(error)) => Err(self.lost(&error)),
            Err(_) => Err(Stop::Over(timed_out())),
        }
    }

    /// Waits for the client's next message.
    pub(super) async fn wait_for_more(&mut self) -> Result<(), Over> {
        self.client.flush().await?;
        let due = self.due();
        let is_bundling = self.book.is_bundling();
        tokio::select! {
            biased;
            read = self.client.read() => Ok(read?),
            _ = self.worlds.changed() => {
                self.worlds.mark_changed();
                self.renew_world()
            }
            () = self.gate.stopping() => Err(stopping()),
            () = sleep_until(due.into()) => Err(timed_out()),
            () = tokio::time::sleep(BUNDLE_WAIT), if is_bundling => {
                let control_size = self.world.control_size();
                self.book.flush(control_size);
                Ok(())
            }
        }
    }

    /// The world has changed while something runs: a statement that would not be allowed now is cut.
    async fn reconsider(&mut self) -> Result<Incoming, Stop> {
        self.worlds.mark_changed();
        self.renew_world()?;
        Box::pin(self.receive()).await
    }

    /// Whether the rows of a running statement may go on leaving.
    pub(super) fn may_go_on(&mut self, execution: &mut Execution) -> Result<(), Stop> {
        let Some((checked, is_valid)) = execution.leave.basis(self.now()) else {
            return Ok(());
        };
        // The world it was last judged in, whatever was looked at in between.
        if is_valid && self.database.is_in_force(&execution.world) {
            return Ok(());
        }
        let checked = Arc::clone(checked);
        self.renew_world()?;
        let was = std::mem::replace(&mut execution.world, Arc::clone(&self.world));
        let is_same = self.class_of(&checked) == execution.class
            && ground::is_same(&was, &self.world, &checked);
        match self.judge(&checked) {
            Ok(true) if is_same => Ok(()),
            Ok(_) => self.cut(Problem::refusal(Refusal::RightEnded, "")),
            Err(problem) => {
                let hint = problem.hint;
                let cut = Problem::refusal(Refusal::RightEnded, &problem.message);
                self.cut(Problem { hint, ..cut })
            }
        }
    }

    fn cut(&mut self, mut problem: Problem) -> Result<(), Stop> {
        self.cancel_upstream();
        self.record_refusal(&mut problem, "");
        Err(problem.into())
    }

    /// The moment at which waiting ends: of the session's right, of its transaction, of its silence.
    fn due(&self) -> Instant {
        let now = Instant::now();
        let limits = self.gate.limits();
        let mut due = match self.busy_since {
            Some(since) => since + limits.statement,
            None => now + limits.idle,
        };
        if let Some(since) = self.transaction_since {
            due = due.min(since + limits.transaction);
        }
        if let Some(left) = self.who.seconds_left(self.now()) {
            due = due.min(now + Duration::from_secs(left.min(YEAR_S)));
        }
        due
    }

    /// The link is of no use any more.
    fn lost(&mut self, error: &LinkError) -> Stop {
        tracing::warn!(%error, "a link to the data store is lost");
        self.link = None;
        self.live.forget_link();
        self.settle_writes(&Fate::Unknown);
        Problem::refusal(Refusal::UpstreamUnavailable, "").into()
    }

    /// Nobody reads what the link still says.
    pub(super) fn give_link_up(&mut self) {
        self.cancel_upstream();
        self.link = None;
        self.live.forget_link();
    }

    /// What the link was told must not take effect: it is closed without another word, so that the
    /// server undoes what it did.
    pub(super) fn abandon_link(&mut self) {
        if let Some(link) = self.link.take() {
            link.abandon();
        }
        self.live.forget_link();
    }

    fn cancel_upstream(&self) {
        let Some(canceller) = self.link.as_ref().and_then(|link| link.canceller()) else {
            return;
        };
        tokio::spawn(async move {
            let _ = canceller.cancel(CANCEL).await;
        });
    }

    /// The server says where its transaction stands.
    pub(super) fn turn_to(&mut self, status: TransactionStatus) {
        let was = std::mem::replace(&mut self.status, status);
        match (was, status) {
            (TransactionStatus::Idle, TransactionStatus::Idle) => {}
            (TransactionStatus::Idle, _) => {
                self.transaction_since = Some(Instant::now());
                self.settings.begin();
            }
            (_, TransactionStatus::Idle) => {
                self.transaction_since = None;
                // Its end was seen already; what is left was rolled back without being asked.
                self.settings.end(false);
            }
            // One that was chained to it begins where the other ended.
            _ => self.settings.begin(),
        }
        if status == TransactionStatus::Idle {
            // Those of a transaction that nobody began end with the Sync.
            self.settle_writes(if self.is_failed {
                &Fate::Undone
            } else {
                &Fate::Committed
            });
            // Portals go with their transaction, and cursors that are not held.
            self.forget_portals();
            self.cursors.retain(|_, cursor| cursor.is_held);
            let held: Vec<String> = self.cursors.keys().cloned().collect();
            let is_over = |key: &KeptBy| match key {
                KeptBy::Portal(_) => true,
                KeptBy::Cursor(name) => !held.contains(name),
            };
            self.end_kept(is_over, End::Complete);
        }
    }

    /// After a Sync a link that nothing binds may serve somebody else.
    pub(super) fn let_link_go(&mut self) {
        let is_bound = self.status != TransactionStatus::Idle
            || !self.cursors.is_empty()
            || !self.database.shares_links()
            || self.settings.differ_upstream();
        if !is_bound && self.link.take().is_some() {
            self.live.forget_link();
        }
    }
}

/// LIMIT: so far ahead nobody waits, and no clock overflows.
const YEAR_S: u64 = 366 * 86_400;

/// How long a bundle waits for more while the client is silent.
const BUNDLE_WAIT: Duration = Duration::from_secs(5);

fn timed_out() -> Over {
    let problem = Problem::refusal(Refusal::TimeoutReached, "");
    Over::Told(Box::new(problem), SessionEnding::Idle)
}

fn stopping() -> Over {
    let problem = Problem::plain(
        crate::problem::sqlstate("57P01"),
        "the gateway is being stopped",
    );
    Over::Told(Box::new(problem), SessionEnding::Stopped)
}
