//! The ladder: level of sensitivity -> the approvals that open it.

mod check;
mod read;
mod satisfied;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use model::{DatasetId, FieldName, FlowId, Level, PersonId, Role};

pub use read::{SHIPPED_LADDER, read as read_ladder};
pub(crate) use satisfied::Signed;

/// What each level asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// One rung a level, all levels present.
    pub rungs: BTreeMap<Level, Rung>,
    /// The flow for looking up one named person.
    pub single_person: FlowId,
    /// The interoperability fields that home security and the validator have accepted.
    pub allow_list: AllowList,
    /// The approval flows that rungs name.
    pub flows: BTreeMap<FlowId, Flow>,
}

/// What one level asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rung {
    /// Nothing but the record.
    NoApproval,
    /// An accepted list of fields.
    AllowList,
    /// An approval flow.
    Flow(FlowId),
    /// It is refused, for this reason.
    Refused(String),
}

/// Accepted fields. Without both acceptances it is empty for every decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    /// The fields.
    pub fields: BTreeSet<(DatasetId, FieldName)>,
    /// Who accepted them, in which role.
    pub accepted: BTreeSet<(PersonId, Role)>,
}

impl AllowList {
    /// Whether home security and the validator, two different people, have accepted it.
    pub fn is_accepted(&self) -> bool {
        Self::accepted_by(&self.accepted)
    }

    pub(crate) fn accepted_by(accepted: &BTreeSet<(PersonId, Role)>) -> bool {
        let by = |role| {
            accepted
                .iter()
                .filter(move |(_, r)| *r == role)
                .map(|(who, _)| who)
        };
        by(Role::HomeSecurity).any(|home| by(Role::Validator).any(|validator| validator != home))
    }

    /// Whether it holds the field and is accepted.
    pub fn allows(&self, dataset: &DatasetId, field: &FieldName) -> bool {
        self.is_accepted() && self.fields.contains(&(dataset.clone(), field.clone()))
    }
}

/// AND-ed factors over distinct people, never the requester.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Its id.
    pub id: FlowId,
    /// Its factors in words.
    pub title: String,
    /// The longest a grant may last.
    pub hours_max: u32,
    /// The factors.
    pub factors: Vec<Factor>,
}

/// So many people of these roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// How many.
    pub need: u32,
    /// In any of these roles.
    pub roles: BTreeSet<Role>,
    /// Living, working and signing at home.
    pub at_home: bool,
    /// Not in the requester's reporting line.
    pub outside_line: bool,
}

impl Ladder {
    /// The approval flow of a level, if one opens it.
    pub fn flow(&self, level: Level) -> Option<&Flow> {
        match self.rungs.get(&level)? {
            Rung::Flow(id) => self.flows.get(id),
            Rung::NoApproval | Rung::AllowList | Rung::Refused(_) => None,
        }
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roles: Vec<String> = self
            .roles
            .iter()
            .map(|r| r.as_str().replace('_', " "))
            .collect();
        write!(f, "{} of {}", self.need, roles.join(" or "))?;
        if self.at_home {
            f.write_str(" at home")?;
        }
        if self.outside_line {
            f.write_str(", outside the requester's line")?;
        }
        Ok(())
    }
}
