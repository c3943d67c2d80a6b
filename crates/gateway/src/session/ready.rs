//! Before a statement is sent: a fresh permit, in the world of now, and its decision on the way into the
//! ledger.

use std::sync::Arc;
use std::time::Duration;

use enforce::Checked;
use tokio::time::timeout;

use super::check::Fresh;
use super::leave::{Decided, Leave, is_read_only};
use super::query::Source;
use super::values::Values;
use super::{Session, Stop};
use crate::problem::Problem;

/// A statement with its permit, ready to be sent.
pub(super) struct Ready {
    pub(super) checked: Arc<Checked>,
    pub(super) leave: Leave,
}

/// LIMIT: how often one statement is decided anew while the world changes under it.
pub(super) const DECIDED_MAX: usize = 8;
/// How long a world that others record by already may take to be put in force here.
const NEXT_WORLD: Duration = Duration::from_secs(5);

impl Session {
    /// A fresh permit, and the decision on its way into the ledger: durable already where sending
    /// changes something.
    pub(super) async fn make_ready(
        &mut self,
        checked: &Arc<Checked>,
        source: &Source<'_>,
        types: &[u32],
        values: &Values,
    ) -> Result<Ready, Stop> {
        if checked.permit.is_some() {
            self.wait_for_schema().await?;
        }
        let mut checked = Arc::clone(checked);
        for _ in 0..DECIDED_MAX {
            match self.permit(&checked)? {
                Fresh::Same(permit) => {
                    let ready = self.make_ready_with(&checked, permit, source.recorded, values);
                    match ready.await? {
                        Some(ready) => return Ok(ready),
                        None => self.wait_for_world().await?,
                    }
                }
                Fresh::Changed => {
                    checked = self.check_again(&checked, source.text, source.place, types)?;
                }
            }
        }
        Err(Problem::refusal(model::Refusal::ViewChanged, "").into())
    }

    /// Somebody has recorded by a later world than ours, which is put in force any moment.
    pub(super) async fn wait_for_world(&mut self) -> Result<(), Stop> {
        if !self.worlds.has_changed().unwrap_or(false) {
            // If it does not come, the next try says so.
            let _late = timeout(NEXT_WORLD, self.worlds.changed()).await;
            self.worlds.mark_changed();
        }
        Ok(self.renew_world()?)
    }

    /// While the schema changes nothing governed begins; what then may be seen is judged anew.
    pub(super) async fn wait_for_schema(&mut self) -> Result<(), Stop> {
        let patience = self.gate.limits().link_wait;
        loop {
            // In this order: what is let go after the question has another time by the answer.
            self.held_time = self.database.held_time();
            if !self.database.is_halted() {
                break;
            }
            if !self.database.goes_on(patience).await {
                return Err(Problem::refusal(model::Refusal::SchemaChanging, "").into());
            }
        }
        Ok(self.renew_world()?)
    }

    pub(super) async fn make_ready_with(
        &mut self,
        checked: &Arc<Checked>,
        permit: Option<policy::Permit>,
        text: &Arc<str>,
        values: &Values,
    ) -> Result<Option<Ready>, Stop> {
        let leave = match permit {
            None => Leave::Ungoverned,
            Some(permit) => {
                if self.settings.refuses_masked() {
                    Self::refuse_masked(checked, &permit)?;
                }
                self.refuse_unwitnessed(&permit)?;
                self.notice(checked, &permit);
                let decided = self.decide(permit, checked, text, values.recorded())?;
                let Decided::Queued(mut leave) = decided else {
                    return Ok(None);
                };
                if !is_read_only(checked) {
                    leave = self.settle(leave).await?;
                }
                leave
            }
        };
        Ok(Some(Ready {
            checked: Arc::clone(checked),
            leave,
        }))
    }

    /// The same statement of its text, checked in the world of now. Nothing of another kind is run in
    /// its place.
    pub(super) fn check_again(
        &mut self,
        before: &Checked,
        text: &str,
        place: usize,
        types: &[u32],
    ) -> Result<Arc<Checked>, Problem> {
        self.remembered.forget();
        let kind = |checked: &Checked| std::mem::discriminant(checked.guarded.action());
        let all = self.check(text, types)?;
        all.get(place)
            .filter(|again| kind(again) == kind(before))
            .cloned()
            .ok_or_else(|| Problem::refusal(model::Refusal::ViewChanged, ""))
    }
}
