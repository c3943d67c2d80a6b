//! Which grants and assessments speak to a question, and who stands behind them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use model::{
    Action, Approval, Assessment, Dataset, FieldName, Grant, GrantId, GrantKind, PersonId,
    PurposeId, RecipientClass, Register, Residency, Role, Timestamp,
};

use super::person::home_of_approver;
use super::rights::Rights;
use crate::cedar::{ApproverFacts, AssessmentFacts, GrantFacts, Slots};
use crate::covered::Coverage;

/// LIMIT: a person with more grants in force than this has the rest ignored: strict, and bounded.
const GRANTS_MAX: usize = 64;

/// A grant in force, ready to be handed to policies.
#[derive(Clone, Debug)]
pub(crate) struct Usable {
    pub(crate) grant: Grant,
    pub(crate) facts: GrantFacts,
}

/// The person's grants in force for this purpose, by id.
pub(super) fn usable_grants(
    rights: &Rights,
    person: &PersonId,
    purpose: Option<&PurposeId>,
    coverages: &[Coverage<'_>],
    register: &Register,
    datasets: &BTreeMap<model::DatasetId, Dataset>,
    now: Timestamp,
) -> BTreeMap<GrantId, Usable> {
    rights
        .grants()
        .values()
        .filter(|grant| grant.requester == *person && grant.is_in_force(now))
        .filter(|grant| purpose == Some(&grant.purpose))
        .take(GRANTS_MAX)
        .map(|grant| {
            let legal = grant
                .scope
                .iter()
                .filter_map(|scope| Some((datasets.get(&scope.dataset)?, scope)))
                .flat_map(|(dataset, scope)| {
                    dataset
                        .fields
                        .iter()
                        .filter(|field| scope.fields.contains(&field.name))
                })
                .flat_map(|field| field.legal.iter().copied())
                .collect();
            let facts = GrantFacts {
                purpose: grant.purpose.clone(),
                transaction: grant.transaction,
                subject_limited: grant.subjects.is_some(),
                legal,
                approvers: slots(&grant.approvals, person, coverages, register, now),
            };
            (
                grant.id.clone(),
                Usable {
                    grant: grant.clone(),
                    facts,
                },
            )
        })
        // What nobody has validly approved is no grant, whatever else holds of it.
        .filter(|(_, usable)| !usable.facts.approvers.is_empty())
        .collect()
}

/// The assessments in force for this dataset and this class of recipients, by id, as far as people
/// signed them who neither are the asker nor report to them.
pub(super) fn usable_assessments<'a>(
    rights: &'a Rights,
    dataset: &'a Dataset,
    asker: &'a PersonId,
    recipient: Option<&'a RecipientClass>,
    coverages: &'a [Coverage<'a>],
    register: &'a Register,
    now: Timestamp,
) -> impl Iterator<Item = AssessmentFacts> + 'a {
    let in_force = move |a: &&Assessment| a.start <= now && now < a.expires;
    rights
        .assessments()
        .values()
        .filter(in_force)
        .filter(move |assessment| {
            assessment.dataset == dataset.id && Some(&assessment.recipient) == recipient
        })
        .take(GRANTS_MAX)
        .map(move |assessment| AssessmentFacts {
            regime: assessment.regime.clone(),
            dataset: assessment.dataset.clone(),
            recipient: assessment.recipient.clone(),
            masks: assessment.masks.clone(),
            transaction: assessment.transaction,
            approvers: slots(&assessment.approvals, asker, coverages, register, now),
        })
}

/// Fills the slots: one human being to a slot at most, never the requester, nobody who reports to
/// the requester, nobody whose role is not established now.
///
/// A person who is not in the register, or disabled, fills no slot. Who signed at more homes comes
/// first, then the name decides: the order of signatures makes no difference.
fn slots(
    approvals: &[Approval],
    requester: &PersonId,
    coverages: &[Coverage<'_>],
    register: &Register,
    now: Timestamp,
) -> Slots {
    let mut eligible: Vec<_> = approvals
        .iter()
        .filter(|approval| approval.at <= now && is_eligible(approval, requester, register, now))
        .map(|approval| {
            let home_of = home_of_approver(coverages, &approval.approver, approval.signed_from);
            (approval, home_of)
        })
        .collect();
    eligible.sort_by_key(|(approval, home_of)| {
        (
            Reverse(home_of.len()),
            approval.approver.clone(),
            home_of.clone(),
        )
    });
    let mut slots = Slots::new();
    let mut used: BTreeSet<&PersonId> = BTreeSet::new();
    for (slot, role) in [
        (1, Role::HomeSecurity),
        (2, Role::HomeSecurity),
        (3, Role::DataOwner),
        (4, Role::Privacy),
        (5, Role::Validator),
    ] {
        let next = eligible
            .iter()
            .find(|(approval, _)| approval.role == role && !used.contains(&approval.approver));
        if let Some((approval, home_of)) = next {
            used.insert(&approval.approver);
            slots.insert(
                slot,
                ApproverFacts {
                    person: approval.approver.to_string(),
                    role,
                    home_of: home_of.clone(),
                },
            );
        }
    }
    slots
}

fn is_eligible(
    approval: &Approval,
    requester: &PersonId,
    register: &Register,
    now: Timestamp,
) -> bool {
    let Some(person) = register.people.get(&approval.approver) else {
        return false;
    };
    let holds_role = person
        .roles
        .as_ref()
        .and_then(|fact| fact.at(now))
        .is_some_and(|roles| roles.contains(&approval.role));
    let independent = *requester != approval.approver
        && register.reports_to(&approval.approver, requester, now) == Some(false);
    !person.disabled && holds_role && independent
}

impl Usable {
    /// Whether the grant's scope names this field, in rows of this residency, for this action.
    pub(super) fn covers(
        &self,
        dataset: &Dataset,
        field: &FieldName,
        residency: &Residency,
        action: Action,
    ) -> bool {
        self.scopes(dataset, residency, action)
            .any(|scope| scope.fields.contains(field))
    }

    /// Whether one scope names all these fields, in rows of this residency, for this action.
    pub(super) fn covers_all(
        &self,
        dataset: &Dataset,
        fields: &BTreeSet<FieldName>,
        residency: &Residency,
        action: Action,
    ) -> bool {
        !fields.is_empty()
            && self
                .scopes(dataset, residency, action)
                .any(|scope| fields.is_subset(&scope.fields))
    }

    fn scopes<'a>(
        &'a self,
        dataset: &'a Dataset,
        residency: &'a Residency,
        action: Action,
    ) -> impl Iterator<Item = &'a model::GrantScope> {
        self.grant.scope.iter().filter(move |scope| {
            let residency_in_scope = match residency {
                Residency::Home(_) | Residency::Unknown => scope.home,
                Residency::Other | Residency::NoSubject => scope.other,
            };
            // Who may see clear may see the mask and know of the row.
            let implied = matches!(action, Action::ViewMasked | Action::ViewRow)
                && scope.actions.contains(&Action::ViewClear);
            scope.dataset == dataset.id
                && residency_in_scope
                && (scope.actions.contains(&action) || implied)
        })
    }

    pub(super) const fn is_breakglass(&self) -> bool {
        matches!(self.grant.kind, GrantKind::BreakGlass(_))
    }
}
