//! Lends links out, a bounded number of them, and takes back only those that nobody can tell from
//! new ones.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::yield_now;
use tokio::time::{Instant, timeout, timeout_at};
use wire::TransactionStatus;

use crate::error::LinkError;
use crate::link::{Canceller, Link};
use crate::settings::Options;
use crate::target::Target;

/// How many links there may be and how long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolLimits {
    /// LIMIT: sessions at the server, which has a limit of its own (`max_connections`).
    pub links_max: usize,
    /// LIMIT: how long one may wait for a link.
    pub wait_max: Duration,
    /// LIMIT: an older link is not used again, so that changes of the account take effect and the
    /// server's memory for the session is freed at some time.
    pub age_max: Duration,
    /// LIMIT: how long a reset or a cancel after a use may take before the link is given up.
    pub reset_max: Duration,
}

impl Default for PoolLimits {
    fn default() -> Self {
        Self {
            links_max: 32,
            wait_max: Duration::from_secs(10),
            age_max: Duration::from_secs(3_600),
            reset_max: Duration::from_secs(5),
        }
    }
}

/// How a pool stands at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolCounts {
    /// Links that there are, lent or not.
    pub open: usize,
    /// Links that are not lent.
    pub idle: usize,
    /// Who waits for one.
    pub waiting: usize,
}

#[derive(Debug)]
struct Shared {
    target: Target,
    options: Options,
    limits: PoolLimits,
    permits: Arc<Semaphore>,
    /// The last one given back is on top: it is warmest.
    idle: Mutex<Vec<Link>>,
    open: AtomicUsize,
    waiting: AtomicUsize,
}

/// Links to one target with one set of options. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pool(Arc<Shared>);

impl Pool {
    /// A pool that is empty at first; links are made when they are wanted.
    #[must_use]
    pub fn new(target: Target, options: Options, limits: PoolLimits) -> Self {
        Self(Arc::new(Shared {
            target,
            options,
            limits,
            permits: Arc::new(Semaphore::new(
                limits.links_max.clamp(1, Semaphore::MAX_PERMITS),
            )),
            idle: Mutex::new(Vec::new()),
            open: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
        }))
    }

    /// Borrows a link: one that was given back and still lives, or a new one.
    ///
    /// # Errors
    ///
    /// When none becomes free in time, or none can be made.
    pub async fn acquire(&self) -> Result<PooledLink, LinkError> {
        let limits = self.0.limits;
        let deadline = Instant::now() + limits.wait_max;
        let permit = {
            let _waiting = Counted::new(&self.0.waiting);
            let acquiring = Arc::clone(&self.0.permits).acquire_owned();
            timeout_at(deadline, acquiring)
                .await
                .ok()
                .and_then(Result::ok)
                .ok_or(LinkError::Exhausted {
                    links_max: limits.links_max,
                    waited_ms: u64::try_from(limits.wait_max.as_millis()).unwrap_or(u64::MAX),
                })?
        };
        let link = match self.take_idle() {
            Some(link) => link,
            None => {
                let link = Link::connect(&self.0.target, &self.0.options, deadline).await?;
                self.0.open.fetch_add(1, Ordering::Relaxed);
                link
            }
        };
        Ok(PooledLink {
            link: Some(link),
            permit: Some(permit),
            shared: Arc::clone(&self.0),
        })
    }

    /// How the pool stands.
    #[must_use]
    pub fn counts(&self) -> PoolCounts {
        PoolCounts {
            open: self.0.open.load(Ordering::Relaxed),
            idle: self.0.idle().len(),
            waiting: self.0.waiting.load(Ordering::Relaxed),
        }
    }

    /// Closes all links that are not lent; those that are lent now are not used again after their
    /// age says so. For a reload of settings, make another pool.
    pub fn close_idle(&self) {
        let closed = std::mem::take(&mut *self.0.idle());
        self.0.open.fetch_sub(closed.len(), Ordering::Relaxed);
    }

    /// An idle link that is neither too old nor gone. One to which the server said something is not
    /// taken either: it is about settings or the end.
    fn take_idle(&self) -> Option<Link> {
        loop {
            let link = self.0.idle().pop()?;
            let is_young = link.began().elapsed() < self.0.limits.age_max;
            if is_young && link.is_fresh() {
                return Some(link);
            }
            self.0.open.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Shared {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Link>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, link: Link) {
        self.idle().push(link);
    }

    fn discard(&self, link: Link) {
        drop(link);
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts while it lives.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A link that is given back when it is dropped.
///
/// It is used again only if all answers were read, it is in no transaction, nothing went wrong and
/// nobody cancelled on it; and, unless only stateless messages were written, after a reset. A link
/// that still works for nobody is cancelled and closed.
#[derive(Debug)]
pub struct PooledLink {
    /// INVARIANT: there until it is dropped.
    link: Option<Link>,
    permit: Option<OwnedSemaphorePermit>,
    shared: Arc<Shared>,
}

impl Deref for PooledLink {
    type Target = Link;

    fn deref(&self) -> &Link {
        #[expect(clippy::expect_used, reason = "only `drop` takes the link out")]
        self.link.as_ref().expect("a link until it is dropped")
    }
}

impl DerefMut for PooledLink {
    fn deref_mut(&mut self) -> &mut Link {
        #[expect(clippy::expect_used, reason = "only `drop` takes the link out")]
        self.link.as_mut().expect("a link until it is dropped")
    }
}

impl PooledLink {
    /// Closes the link without another word. The server undoes what no Sync or COMMIT has ended.
    pub fn abandon(mut self) {
        if let Some(link) = self.link.take() {
            self.shared.discard(link);
        }
    }
}

impl Drop for PooledLink {
    fn drop(&mut self) {
        let Some(mut link) = self.link.take() else {
            return;
        };
        let shared = Arc::clone(&self.shared);
        let permit = self.permit.take();
        // Made before the use ends, or it would have no effect.
        let canceller = link.canceller();
        let is_idle = link.is_clean() && link.transaction_status() == TransactionStatus::Idle;
        if !is_idle {
            let is_running = !link.is_clean() && !link.is_poisoned();
            match (canceller.filter(|_| is_running), Handle::try_current()) {
                // The server would go on for nobody until it has something to send.
                (Some(canceller), Ok(runtime)) => {
                    runtime.spawn(async move {
                        let stopping = stop(&mut link, &canceller);
                        // If that takes too long, closing is all that is left.
                        let _late = timeout(shared.limits.reset_max, stopping).await;
                        shared.discard(link);
                        drop(permit);
                    });
                }
                _ => shared.discard(link),
            }
            return;
        }
        if link.end_use() {
            shared.discard(link);
        } else if !link.is_touched() {
            shared.keep(link);
        } else if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                match timeout(shared.limits.reset_max, link.reset()).await {
                    Ok(Ok(())) => shared.keep(link),
                    Ok(Err(_)) | Err(_) => shared.discard(link),
                }
                drop(permit);
            });
        } else {
            shared.discard(link);
        }
    }
}

/// How long a cancel may take before the next one: one that comes before its statement has begun
/// has no effect.
const CANCEL_AGAIN: Duration = Duration::from_millis(100);

/// Cancels what a link runs, as often as it takes, and reads all that still comes.
async fn stop(link: &mut Link, canceller: &Canceller) {
    link.outgoing().sync();
    loop {
        if canceller.cancel(CANCEL_AGAIN).await.is_ok()
            && timeout(CANCEL_AGAIN, read_to_end(link)).await.is_ok()
        {
            return;
        }
        yield_now().await;
    }
}

/// Reads until nothing is to come, or nothing can.
async fn read_to_end(link: &mut Link) {
    while !link.is_clean() {
        if link.next().await.is_err() {
            return;
        }
    }
}
