//! Execute: the first one of a portal is its statement's one decision, others go on under it.

use std::sync::Arc;

use enforce::Checked;
use model::Refusal;
use sql::Action;
use wire::{Formats, Subject, server};

use super::check::Fresh;
use super::extended::BoundFor;
use super::leave::Leave;
use super::query::{Ready, unsendable};
use super::steps::{Columns, RowForm, Step};
use super::values::Values;
use super::{KeptBy, Session, Stop};
use crate::problem::{Problem, sqlstate};

impl Session {
    /// Execute.
    pub(super) async fn execute(&mut self, name: &str, rows_max: u32) -> Result<(), Stop> {
        self.limit_pipeline().await?;
        self.renew_world()?;
        let Some(portal) = self.portals.get(name) else {
            let message = format!("portal \"{name}\" does not exist");
            return Err(Problem::plain(sqlstate("34000"), message).into());
        };
        let text = Arc::clone(&portal.statement.text);
        let types = portal.statement.types.clone();
        let (upstream, values) = (portal.name.clone(), portal.values.clone());
        let serial = portal.serial;
        let is_bound_anew = portal.bound_for != self.bound_for();
        let formats = portal.result_formats.clone();
        let Some(checked) = portal.checked.clone() else {
            return self.say(|out| {
                server::empty_query(out);
                Ok(())
            });
        };
        self.check_transaction(checked.guarded.action())?;
        if is_bound_anew && checked.permit.is_some() {
            let mut problem = Problem::refusal(Refusal::ViewChanged, "");
            self.record_refusal(&mut problem, &text);
            return Err(problem.into());
        }
        if self.is_local(checked.guarded.action()) {
            self.local_formats = formats;
            let done = self.run_local_bound(&checked, &text, &values).await;
            self.local_formats = Formats::Unsaid;
            return done;
        }
        let key = KeptBy::Portal(serial);
        self.settle_cursors(checked.guarded.action()).await?;
        let ready = if self.kept.contains_key(&key) || self.is_running(&key) {
            self.resume(&key, &checked).await?
        } else {
            self.begin_portal(&checked, &text, &types, &values).await?
        };
        let (form, _) = self.form(&checked)?;
        let is_copy = matches!(form, RowForm::Copy(_));
        let is_plan = matches!(form, RowForm::Plan(_));
        // A FETCH that is suspended would keep its rows when its cursor is closed.
        let is_fetch = matches!(checked.guarded.action(), Action::Fetch(_));
        let rows_max = if is_copy || is_plan || is_fetch {
            0
        } else {
            rows_max
        };
        let keep = (rows_max > 0).then_some(key);
        // Before anything is sent, as for a simple query.
        let execution = self.execution(ready, &text, form, keep)?;
        self.enter_path(&checked)?;
        let link = self.link()?;
        let mut out = link.outgoing_stateless();
        if is_copy {
            out.describe(Subject::Portal(&upstream))
                .map_err(|error| unsendable(&error))?;
        }
        out.execute(&upstream, rows_max)
            .map_err(|error| unsendable(&error))?;
        self.is_sent = true;
        if is_copy {
            self.steps.push_back(Step::Columns(Columns::Copy));
        }
        self.steps.push_back(Step::Rows(Box::new(execution)));
        self.leave_path(&checked)
    }

    /// The first Execute of a portal is its statement's one decision.
    async fn begin_portal(
        &mut self,
        checked: &Arc<Checked>,
        text: &Arc<str>,
        types: &[u32],
        values: &Values,
    ) -> Result<Ready, Stop> {
        match self.permit(checked, types) {
            Ok(Fresh::Same(_)) => {
                let ready = self.make_ready(checked, text, types, values).await?;
                // What runs is what was bound: a decision about anything else is not its own.
                if !Arc::ptr_eq(&ready.checked, checked) {
                    return Err(Problem::refusal(Refusal::ViewChanged, "").into());
                }
                Ok(ready)
            }
            // What is bound upstream is not what may be seen now.
            Ok(Fresh::Changed) => {
                let mut problem = Problem::refusal(Refusal::ViewChanged, "");
                self.record_refusal(&mut problem, text);
                Err(problem.into())
            }
            Err(mut problem) => {
                self.record_refusal(&mut problem, text);
                Err(problem.into())
            }
        }
    }

    pub(super) fn bound_for(&self) -> BoundFor {
        BoundFor {
            purpose: self
                .settings
                .value("cordon.purpose")
                .unwrap_or_default()
                .to_owned(),
            role: self.role().to_owned(),
            rights: self.world.rights().hash(),
        }
    }

    /// A suspended portal goes on under its decision, if what may be seen is still the same.
    async fn resume(&mut self, key: &KeptBy, checked: &Arc<Checked>) -> Result<Ready, Stop> {
        self.settle_queue().await?;
        let changed = || Stop::from(Problem::refusal(Refusal::ViewChanged, ""));
        match self.permit(checked, &[])? {
            Fresh::Same(_) => {}
            Fresh::Changed => return Err(changed()),
        }
        let leave = match self.kept.remove(key) {
            Some(kept) => Leave::Releasing(Box::new(kept)),
            None if checked.permit.is_none() => Leave::Ungoverned,
            None => return Err(changed()),
        };
        if !leave.is_for(checked) {
            return Err(changed());
        }
        Ok(Ready {
            checked: Arc::clone(checked),
            leave,
        })
    }

    /// Whether a portal's rows are asked for already in what is queued.
    fn is_running(&self, key: &KeptBy) -> bool {
        self.steps.iter().any(
            |step| matches!(step, Step::Rows(execution) if execution.keep.as_ref() == Some(key)),
        )
    }
}
