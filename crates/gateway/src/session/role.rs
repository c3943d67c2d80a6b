//! `SET ROLE`: for whom a service acts. Whether it may is asked when it says so and with every
//! statement after that; here is only who the session is for now.

use std::borrow::Cow;

use model::{Asker, PersonId, Refusal};
use sql::tree::{Constant, SetValue, Setting};

use super::Session;
use super::settings::NO_ROLE;
use crate::problem::Problem;

impl Session {
    /// The name after `SET ROLE`, or `none`.
    pub(super) fn role(&self) -> &str {
        self.settings.value("role").unwrap_or(NO_ROLE)
    }

    /// What `current_user` says.
    pub(super) fn current_user(&self) -> &str {
        match self.role() {
            NO_ROLE => self.who.name(),
            role => role,
        }
    }

    /// By whose rights statements are judged now.
    pub(super) fn asker(&self) -> Asker {
        self.asker_as(self.role())
    }

    fn asker_as(&self, role: &str) -> Asker {
        let asker = &self.who.session().asker;
        if role == NO_ROLE || role == self.who.name() {
            return asker.clone();
        }
        match (asker, PersonId::new(role)) {
            (Asker::Service(service), Ok(person)) => Asker::OnBehalf(service.clone(), person),
            // `check_role` lets nobody else have a role.
            _ => asker.clone(),
        }
    }

    /// Whether somebody may go on in this role. Who may not is told the same whether the name is known
    /// or not.
    pub(super) fn check_role(&self, setting: &Setting) -> Result<(), Problem> {
        let role = match &setting.value {
            SetValue::Values(values) => match values.as_slice() {
                [Constant::Text(role)] => role.as_str(),
                _ => return Err(refused(Refusal::DelegationNeeded, "")),
            },
            SetValue::Default => NO_ROLE,
            SetValue::Current | SetValue::Modes(_) => {
                return Err(refused(Refusal::DelegationNeeded, ""));
            }
        };
        if role == NO_ROLE || role == self.who.name() {
            return Ok(());
        }
        let asker = self.asker_as(role);
        if !matches!(asker, Asker::OnBehalf(..)) {
            return Err(refused(Refusal::DelegationNeeded, role));
        }
        let mut session = self.session_facts();
        session.asker = asker;
        let decider = self.world.enforcer().decider();
        decider
            .check_asker(&session, self.now())
            .map_err(|code| refused(code, role))
    }

    /// A text of the record, with whom the session acts for.
    pub(super) fn with_role<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.role() {
            NO_ROLE => Cow::Borrowed(text),
            role => Cow::Owned(format!("for {role}: {text}")),
        }
    }
}

fn refused(code: Refusal, role: &str) -> Problem {
    let about = match role {
        "" => String::new(),
        role => format!("`{role}`"),
    };
    Problem::refusal(code, &about)
}
