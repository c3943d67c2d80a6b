//! The transaction that holds the locks, and the looks at who waits for them.

use std::collections::HashSet;
use std::time::Duration;

use pgschema::{Oid, Snapshot};
use tokio::time::{Instant, sleep, timeout};
use wire::backend::{Incoming, Tag};

use super::SentinelLimits;
use crate::error::LinkError;
use crate::introspect::{IntrospectError, introspect};
use crate::link::Link;
use crate::settings::Options;
use crate::target::Target;

/// Of weaker isolation, so that each look sees what was committed since. The timeout is below the
/// server's `deadlock_timeout`: somebody who changes two tables is not the one who loses.
const BEGIN: &str = "begin transaction isolation level read committed, read only; \
    set local lock_timeout = '500ms'";
const LOOK: &str = include_str!("fingerprint.sql");
const HELD: &str = "select distinct l.relation from pg_catalog.pg_locks l \
    where l.pid operator(pg_catalog.=) pg_catalog.pg_backend_pid() \
      and l.locktype operator(pg_catalog.=) 'relation' and l.granted";
/// Whoever has the lock gets this much time before the next try to share it.
const PAUSE: Duration = Duration::from_millis(20);

/// Why a schema is not held any more.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    #[error("the link that holds the schema is gone")]
    Link(#[from] LinkError),
    #[error("the schema cannot be read")]
    Schema(#[from] IntrospectError),
    #[error("the upstream did not answer in time")]
    Late,
    #[error("the upstream's answer about locks cannot be read")]
    Answer,
}

/// Two links: one holds, the other reads.
pub(super) struct Holder {
    holding: Link,
    reading: Link,
    limits: SentinelLimits,
    fingerprint: String,
}

/// One look.
struct Look {
    is_waited_for: bool,
    fingerprint: String,
}

impl Holder {
    pub(super) async fn connect(
        target: &Target,
        options: &Options,
        limits: SentinelLimits,
    ) -> Result<Self, Lost> {
        let deadline = || Instant::now() + target.patience();
        Ok(Self {
            holding: Link::connect(target, options, deadline()).await?,
            reading: Link::connect(target, options, deadline()).await?,
            limits,
            fingerprint: String::new(),
        })
    }

    /// Takes the locks and reads the schema, until the schema after is the one before: then what was
    /// locked by name is what was read. Returns it and what could not be locked.
    ///
    /// Locks that turn out not to be enough are kept while more are taken, or somebody who makes one
    /// change after the other could keep us from ever holding all.
    pub(super) async fn hold(
        &mut self,
        governed: &(impl Fn(&Snapshot) -> Vec<Oid> + Sync),
    ) -> Result<(Snapshot, Vec<Oid>), Lost> {
        self.holding.ask(BEGIN).await?;
        let mut before = introspect(&mut self.reading).await?;
        loop {
            let wanted: HashSet<Oid> = governed(&before).into_iter().collect();
            let Some(not_held) = self.lock(&before, &wanted).await? else {
                self.release().await?;
                sleep(PAUSE).await;
                self.holding.ask(BEGIN).await?;
                before = introspect(&mut self.reading).await?;
                continue;
            };
            // In this order: what changes after the look is seen at the next one.
            self.fingerprint = self.look().await?.fingerprint;
            let after = introspect(&mut self.reading).await?;
            let held = self.held().await?;
            let is_held = |oid: &Oid| held.contains(oid) || not_held.contains(oid);
            if after == before && wanted.iter().all(is_held) {
                return Ok((after, not_held));
            }
            before = after;
        }
    }

    /// Locks what is wanted and not locked yet. `None` if something could not be locked in time.
    /// What our account cannot read is left out and returned.
    async fn lock(
        &mut self,
        snapshot: &Snapshot,
        wanted: &HashSet<Oid>,
    ) -> Result<Option<Vec<Oid>>, Lost> {
        let held = self.held().await?;
        let mut not_held = Vec::new();
        for relation in &snapshot.relations {
            if !wanted.contains(&relation.oid) || held.contains(&relation.oid) {
                continue;
            }
            // No column is named, so the right to read any one of them is enough.
            let lock = format!(
                "savepoint one; select from {}.{} limit 0; release one",
                quoted(&relation.schema),
                quoted(&relation.name)
            );
            match self.holding.ask(&lock).await {
                Ok(_) => {}
                Err(LinkError::Question { sqlstate }) if sqlstate.as_str() == "55P03" => {
                    return Ok(None);
                }
                Err(LinkError::Question { .. }) => {
                    self.holding.ask("rollback to one; release one").await?;
                    not_held.push(relation.oid);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(not_held))
    }

    /// The numbers of all relations that are locked.
    async fn held(&mut self) -> Result<HashSet<Oid>, Lost> {
        let rows = self.holding.ask(HELD).await?;
        rows.into_iter()
            .map(|row| {
                let oid = row.into_iter().next().flatten();
                let oid = oid.and_then(|oid| oid.parse().ok());
                oid.map(Oid).ok_or(Lost::Answer)
            })
            .collect()
    }

    /// Gives the locks up.
    pub(super) async fn release(&mut self) -> Result<(), Lost> {
        self.holding.ask("rollback").await?;
        Ok(())
    }

    /// Waits until somebody waits for a lock or what the locks do not hold has changed. That the
    /// server closes the link is noticed at once.
    pub(super) async fn until_changed(&mut self) -> Result<(), Lost> {
        loop {
            tokio::select! {
                () = sleep(self.limits.look_every) => {}
                said = self.holding.next() => match said? {
                    // Notices; anything else is an error already.
                    Incoming::Control(frame) if frame.tag() == Tag::NoticeResponse => continue,
                    Incoming::Control(_) | Incoming::Rows(_) => return Err(Lost::Answer),
                },
            }
            let look = self.look().await?;
            if look.is_waited_for || look.fingerprint != self.fingerprint {
                return Ok(());
            }
        }
    }

    async fn look(&mut self) -> Result<Look, Lost> {
        let mut rows = timeout(self.limits.look_max, self.holding.ask(LOOK))
            .await
            .map_err(|_| Lost::Late)??;
        let row = rows.pop().unwrap_or_default();
        let [Some(is_waited_for), Some(fingerprint)] = row.as_slice() else {
            return Err(Lost::Answer);
        };
        Ok(Look {
            is_waited_for: is_waited_for == "t",
            fingerprint: fingerprint.clone(),
        })
    }
}

/// A name as an identifier.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
