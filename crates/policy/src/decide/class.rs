//! One class of fields or rows, asked action by action with each right that speaks to it.

use std::collections::{BTreeMap, BTreeSet};

use model::{Action, GrantId, LegalCategory, PolicyId, PurposeId, Role, TransactionType};

use super::grants::Usable;
use crate::cedar::{
    Answer, ApproverFacts, AssessmentFacts, Engine, GrantFacts, Principal, ResourceFacts,
    Situation, Slots,
};
use crate::error::Failure;

/// Fields that get the same answer: equal labels, dataset, residency, and the same grants.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ClassKey {
    pub(crate) resource: ResourceFacts,
    /// The grants whose scope names the field for seeing it in clear.
    pub(crate) grants: BTreeSet<GrantId>,
}

/// What the policies say about one action on one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Determined {
    pub(crate) allowed: bool,
    /// The policies that determined it, without a grant where none was needed or none helped.
    pub(crate) policies: BTreeSet<PolicyId>,
    /// The grant that allowed it, where one was needed.
    pub(crate) grant: Option<GrantId>,
    /// Grants that allow it for their subjects' rows alone.
    pub(crate) for_subjects: BTreeSet<GrantId>,
    /// Whether a floor forbids it.
    pub(crate) floor: bool,
}

/// The asker and the moment, ready to ask about anything.
pub(crate) struct Asker<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) principal: &'a Principal,
    pub(crate) situation: &'a Situation,
    pub(crate) grants: &'a BTreeMap<GrantId, Usable>,
}

impl Asker<'_> {
    fn ask(
        &self,
        action: Action,
        resource: &ResourceFacts,
        situation: &Situation,
    ) -> Result<Answer, Failure> {
        self.principal.ask(self.engine, action, resource, situation)
    }

    /// Asks without a right first, then with each assessment and each grant on its own: rights do
    /// not add up.
    pub(crate) fn determine(
        &self,
        action: Action,
        resource: &ResourceFacts,
        grants: &BTreeSet<GrantId>,
        assessments: &[AssessmentFacts],
        joined: &BTreeSet<LegalCategory>,
    ) -> Result<Determined, Failure> {
        let bare = Situation {
            joined: joined.clone(),
            ..self.situation.clone()
        };
        let plain = self.ask(action, resource, &bare)?;
        let mut determined = Determined {
            allowed: plain.allowed,
            floor: !plain.allowed && self.engine.is_floor(&plain.policies),
            policies: plain.policies,
            grant: None,
            for_subjects: BTreeSet::new(),
        };
        if determined.allowed {
            return Ok(determined);
        }
        for assessment in assessments {
            let with = Situation {
                assessment: Some(assessment.clone()),
                ..bare.clone()
            };
            let answer = self.ask(action, resource, &with)?;
            if answer.allowed {
                determined.allowed = true;
                determined.floor = false;
                determined.policies = answer.policies;
                return Ok(determined);
            }
        }
        for id in grants {
            let Some(usable) = self.grants.get(id) else {
                continue;
            };
            let with = with_grant(&bare, usable);
            let answer = self.ask(action, resource, &with)?;
            if answer.allowed && usable.facts.subject_limited {
                determined.for_subjects.insert(id.clone());
            } else if answer.allowed {
                determined.allowed = true;
                determined.floor = false;
                determined.policies = answer.policies;
                determined.grant = Some(id.clone());
                determined.for_subjects.clear();
                return Ok(determined);
            }
        }
        Ok(determined)
    }

    /// Whether any grant there could be would allow it: all slots filled, all categories seen, two
    /// factors, a known connection. If not, no approval lifts the refusal.
    pub(crate) fn is_requestable(
        &self,
        action: Action,
        resource: &ResourceFacts,
    ) -> Result<bool, Failure> {
        // A shared tool carries no grants: there is nothing to ask for in its name.
        if self.situation.via_service {
            return Ok(false);
        }
        let purpose = self
            .situation
            .purpose
            .clone()
            .or_else(|| PurposeId::new("any").ok());
        let Some(purpose) = purpose else {
            return Ok(false);
        };
        let ideal = Situation {
            strength: model::Strength::Aal2,
            connection_suspect: false,
            purpose: Some(purpose.clone()),
            grant: Some(GrantFacts {
                purpose,
                transaction: TransactionType::None,
                subject_limited: true,
                legal: LegalCategory::ALL.iter().copied().collect(),
                approvers: ideal_slots(resource),
            }),
            ..self.situation.clone()
        };
        Ok(self.ask(action, resource, &ideal)?.allowed)
    }
}

fn with_grant(bare: &Situation, usable: &Usable) -> Situation {
    let facts = Some(usable.facts.clone());
    if usable.is_breakglass() {
        Situation {
            breakglass: facts,
            ..bare.clone()
        }
    } else {
        Situation {
            grant: facts,
            ..bare.clone()
        }
    }
}

/// Five different people in all roles, at every home of these rows. Their names cannot be a
/// person's id, so they are nobody in the register.
fn ideal_slots(resource: &ResourceFacts) -> Slots {
    let roles = [
        Role::HomeSecurity,
        Role::HomeSecurity,
        Role::DataOwner,
        Role::Privacy,
        Role::Validator,
    ];
    let mut home_of = resource.home_of.clone();
    if home_of.is_empty()
        && let Ok(anywhere) = model::RegimeId::new("any")
    {
        home_of.insert(anywhere);
    }
    (1_u8..)
        .zip(roles)
        .map(|(slot, role)| {
            let person = format!("any person #{slot}");
            (
                slot,
                ApproverFacts {
                    person,
                    role,
                    home_of: home_of.clone(),
                },
            )
        })
        .collect()
}
