//! Holds the schema still while statements rely on it, and says when it no longer does.
//!
//! A check with every statement would cost a third of the throughput. So one transaction of its own
//! holds the weakest lock on every governed relation: whoever wants to change one has to wait for it,
//! and is seen waiting. Then the gate is asked to let its statements end, the lock is given up, and
//! the schema is read again. What the lock does not hold (names of schemas, functions, types) is
//! compared at every look.

mod hold;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use pgschema::{Oid, Snapshot};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::settings::Options;
use crate::target::Target;
use hold::Holder;

/// A schema that is held.
#[derive(Debug)]
pub struct Held {
    /// Counts how often the schema was read; never the same twice.
    pub epoch: u64,
    /// The schema.
    pub snapshot: Snapshot,
    /// Governed relations that our account cannot read, so that they cannot be held. A statement
    /// over one must be refused.
    pub not_held: Vec<Oid>,
}

/// Whether statements may rely on a schema.
#[derive(Clone, Debug)]
pub enum Validity {
    /// They may rely on this one.
    Valid(Arc<Held>),
    /// They may not: it is changing, or nobody watches it. No governed statement may begin.
    Stopped,
}

/// How often to look, and how long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentinelLimits {
    /// How long to wait between two looks. So long may a change of what the locks do not hold (the
    /// name of a schema) go unseen, and so long does somebody wait who changes a table.
    pub look_every: Duration,
    /// LIMIT: a look that takes longer means that the server is lost.
    pub look_max: Duration,
    /// LIMIT: how long to wait before the next try when the server is lost.
    pub retry_every: Duration,
}

impl Default for SentinelLimits {
    fn default() -> Self {
        Self {
            look_every: Duration::from_millis(200),
            look_max: Duration::from_secs(5),
            retry_every: Duration::from_millis(500),
        }
    }
}

/// The watch over one database. It ends when this is dropped.
#[derive(Debug)]
pub struct Sentinel {
    validity: watch::Receiver<Validity>,
    task: JoinHandle<()>,
}

impl Sentinel {
    /// Begins to watch. At first nothing is valid.
    ///
    /// `governed` says which relations of a schema to hold. `drain` is called with the epoch that has
    /// ended, after [`Validity::Stopped`] was announced: it must return once no statement relies on
    /// that epoch any more, and must not take for ever, as somebody waits for the lock.
    ///
    /// A statement that has begun may itself wait for a lock behind whoever waits for ours: then it
    /// waits for the change, the change for us, and we for the statement, and the server sees no
    /// deadlock in that. So give its link a [`Options::lock_timeout`], or cancel it. It has given no
    /// row yet, and must not be left to run: after the change its names may mean something else.
    ///
    /// Must be called within a tokio runtime.
    #[must_use]
    pub fn start<G, D, F>(target: Target, limits: SentinelLimits, governed: G, drain: D) -> Self
    where
        G: Fn(&Snapshot) -> Vec<Oid> + Send + Sync + 'static,
        D: Fn(u64) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send,
    {
        let (announce, validity) = watch::channel(Validity::Stopped);
        let task = tokio::spawn(async move {
            let mut epoch = 0;
            loop {
                // Whatever went wrong, the next try begins from nothing; until then all is stopped.
                let watching = watch(&target, limits, &governed, &drain, &announce, &mut epoch);
                let _lost = watching.await;
                stop(&announce, &drain).await;
                sleep(limits.retry_every).await;
            }
        });
        Self { validity, task }
    }

    /// What statements may rely on, now and later.
    #[must_use]
    pub fn validity(&self) -> watch::Receiver<Validity> {
        self.validity.clone()
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Announces that nothing is valid, and waits until nobody relies on what was.
async fn stop<D, F>(announce: &watch::Sender<Validity>, drain: &D)
where
    D: Fn(u64) -> F,
    F: Future<Output = ()>,
{
    if let Validity::Valid(held) = announce.send_replace(Validity::Stopped) {
        drain(held.epoch).await;
    }
}

/// Holds one schema after the other until the server is lost.
async fn watch<G, D, F>(
    target: &Target,
    limits: SentinelLimits,
    governed: &G,
    drain: &D,
    announce: &watch::Sender<Validity>,
    epoch: &mut u64,
) -> Result<(), hold::Lost>
where
    G: Fn(&Snapshot) -> Vec<Oid> + Sync,
    D: Fn(u64) -> F,
    F: Future<Output = ()>,
{
    let mut holder = Holder::connect(target, &Options::default(), limits).await?;
    loop {
        let (snapshot, not_held) = holder.hold(governed).await?;
        *epoch = epoch.saturating_add(1);
        announce.send_replace(Validity::Valid(Arc::new(Held {
            epoch: *epoch,
            snapshot,
            not_held,
        })));
        holder.until_changed().await?;
        stop(announce, drain).await;
        holder.release().await?;
    }
}
