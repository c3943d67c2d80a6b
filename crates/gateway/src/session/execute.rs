//! Execute: the first one of a portal is its statement's one decision, others go on under it.

use std::sync::Arc;

use enforce::Checked;
use model::Refusal;
use policy::Permit;
use sql::Action;
use wire::{Formats, Subject, server};

use super::check::Fresh;
use super::execution::RowForm;
use super::leave::Leave;
use super::query::unsendable;
use super::ready::{DECIDED_MAX, Ready};
use super::steps::{Columns, Step};
use super::values::Values;
use super::{KeptBy, Session, Stop};
use crate::problem::{Problem, sqlstate};

impl Session {
    /// Execute.
    pub(super) async fn execute(&mut self, name: &str, rows_max: u32) -> Result<(), Stop> {
        self.limit_pipeline().await?;
        self.renew_world()?;
        let asked = self.asked();
        let Some(portal) = self.portals.get(name) else {
            let message = format!("portal \"{name}\" does not exist");
            return Err(Problem::plain(sqlstate("34000"), message).into());
        };
        let text = Arc::clone(&portal.statement.text);
        let (upstream, values) = (portal.name.clone(), portal.values.clone());
        let serial = portal.serial;
        let is_bound_anew = portal.bound_for != asked.bound_for;
        let formats = portal.result_formats.clone();
        let class = portal.class.clone();
        let Some(checked) = portal.checked.clone() else {
            return self.say(|out| {
                server::empty_query(out);
                Ok(())
            });
        };
        self.check_transaction(checked.guarded.action())?;
        let is_bound_anew = is_bound_anew || class != self.class_of(&checked);
        if is_bound_anew && checked.permit.is_some() {
            let mut problem = Problem::refusal(Refusal::ViewChanged, "");
            self.record_refusal(&mut problem, &text);
            return Err(problem.into());
        }
        if self.is_local(checked.guarded.action()) {
            if self.is_run_before(name) {
                return self.say_finished(name, checked.guarded.action());
            }
            self.local_formats = formats;
            let done = self.run_local_bound(&checked, &text, &values).await;
            self.local_formats = Formats::Unsaid;
            return done;
        }
        let key = KeptBy::Portal(serial);
        self.settle_cursors(checked.guarded.action()).await?;
        let mut ready = None;
        if self.kept.contains_key(&key) || self.is_running(&key) {
            ready = self.resume(&key, &checked).await?;
        }
        let ready = match ready {
            Some(ready) => ready,
            // One that is finished too: the server says that there is nothing left of it.
            None => self.begin_portal(&checked, &text, &values).await?,
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
        self.follow_up(&checked)?;
        self.leave_path(&checked)
    }

    /// Marks a portal that is answered here as run, and says whether it was before.
    fn is_run_before(&mut self, name: &str) -> bool {
        let portal = self.portals.get_mut(name);
        portal.is_some_and(|portal| std::mem::replace(&mut portal.is_run, true))
    }

    /// As PostgreSQL answers who executes a finished portal.
    fn say_finished(&mut self, name: &str, action: &Action) -> Result<(), Stop> {
        match action {
            Action::Show(_) => return self.complete_local("SHOW"),
            Action::Execute(_) => return self.complete_local("SELECT 0"),
            _ => {}
        }
        let message = format!("portal \"{name}\" cannot be run");
        Err(Problem::plain(sqlstate("55000"), message).into())
    }

    /// The first Execute of a portal is its statement's one decision.
    async fn begin_portal(
        &mut self,
        checked: &Arc<Checked>,
        text: &Arc<str>,
        values: &Values,
    ) -> Result<Ready, Stop> {
        if checked.permit.is_some() {
            self.wait_for_schema().await?;
        }
        for _ in 0..DECIDED_MAX {
            // What runs is what was bound: a decision about anything else is not its own.
            let permit = self.permit_bound(checked, text)?;
            match self.make_ready_with(checked, permit, text, values).await? {
                Some(ready) => return Ok(ready),
                None => self.wait_for_world().await?,
            }
        }
        Err(Problem::refusal(Refusal::ViewChanged, "").into())
    }

    fn permit_bound(
        &mut self,
        checked: &Arc<Checked>,
        text: &Arc<str>,
    ) -> Result<Option<Permit>, Stop> {
        match self.permit(checked) {
            Ok(Fresh::Same(permit)) => Ok(permit),
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

    /// A suspended portal goes on under its decision, if what may be seen is still the same; `None`
    /// where it was finished in the meantime.
    async fn resume(
        &mut self,
        key: &KeptBy,
        checked: &Arc<Checked>,
    ) -> Result<Option<Ready>, Stop> {
        self.settle_queue().await?;
        let changed = || Stop::from(Problem::refusal(Refusal::ViewChanged, ""));
        match self.permit_to_go_on(checked)? {
            Fresh::Same(_) => {}
            Fresh::Changed => return Err(changed()),
        }
        let leave = match self.kept.remove(key) {
            Some(kept) => Leave::Releasing(Box::new(kept)),
            None if checked.permit.is_none() => Leave::Ungoverned,
            None => return Ok(None),
        };
        if !leave.is_for(checked) {
            return Err(changed());
        }
        Ok(Some(Ready {
            checked: Arc::clone(checked),
            leave,
        }))
    }

    /// Whether a portal's rows are asked for already in what is queued.
    fn is_running(&self, key: &KeptBy) -> bool {
        self.steps.iter().any(
            |step| matches!(step, Step::Rows(execution) if execution.keep.as_ref() == Some(key)),
        )
    }
}
