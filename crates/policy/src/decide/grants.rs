//! Which grants and assessments speak to a question, and who stands behind them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use model::{
    Action, Approval, Assessment, Connection, Dataset, DatasetId, Field, FieldName, Grant, GrantId,
    GrantKind, Level, PersonId, PurposeId, RecipientClass, Register, Residency, Role, RowClass,
    Timestamp,
};

use super::person::home_of_approver;
use super::rights::Rights;
use super::world::World;
use crate::cedar::{ApproverFacts, AssessmentFacts, GrantFacts, Slots};
use crate::covered::Coverage;
use crate::ladder::{Ladder, Rung, Signed};

/// LIMIT: a person with more grants in force than this has the rest ignored: strict, and bounded.
const GRANTS_MAX: usize = 64;

/// A grant in force, ready to be handed to policies.
#[derive(Clone, Debug)]
pub(crate) struct Usable {
    pub(crate) grant: Grant,
    pub(crate) facts: GrantFacts,
    /// The levels that the ladder lets it open: their flow's factors are filled by those who
    /// signed, and it does not last longer than the flow allows.
    levels: BTreeSet<Level>,
}

/// LIMIT: design.md section 8: break-glass lasts 30 minutes.
const BREAK_GLASS_SECONDS_MAX: i64 = 30 * 60;

/// The person's grants in force for this purpose, by id.
pub(super) fn usable_grants(
    rights: &Rights,
    person: &PersonId,
    purpose: Option<&PurposeId>,
    coverages: &[Coverage<'_>],
    world: &World,
    now: Timestamp,
) -> BTreeMap<GrantId, Usable> {
    let (register, datasets) = (&world.register, &world.datasets);
    rights
        .grants()
        .values()
        .filter(|grant| grant.requester == *person && grant.is_in_force(now))
        .filter(|grant| purpose == Some(&grant.purpose) && names_subjects(grant))
        .take(GRANTS_MAX)
        .map(|grant| {
            let mut valid = valid(&grant.approvals, person, coverages, register, now);
            valid.retain(|approval| {
                approval.role != Role::DataOwner || owns_all(&approval.approver, grant, datasets)
            });
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
                approvers: slots(&valid, coverages),
            };
            let usable = Usable {
                levels: levels(&world.ladder, grant, &valid, coverages),
                grant: grant.clone(),
                facts,
            };
            (grant.id.clone(), usable)
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
            approvers: slots(
                &valid(&assessment.approvals, asker, coverages, register, now),
                coverages,
            ),
        })
}

/// A grant for a subject set names at least one subject, of a dataset that it is about.
fn names_subjects(grant: &Grant) -> bool {
    grant.subjects.as_ref().is_none_or(|set| {
        let about = grant.scope.iter().any(|scope| scope.dataset == set.dataset);
        !set.keys.is_empty() && about
    })
}

/// Whether a person owns every dataset in scope that names its owner.
fn owns_all(person: &PersonId, grant: &Grant, datasets: &BTreeMap<DatasetId, Dataset>) -> bool {
    let owners = grant
        .scope
        .iter()
        .filter_map(|s| datasets.get(&s.dataset)?.owner.as_ref());
    owners.into_iter().all(|owner| owner == person)
}

/// The levels that the ladder lets these signatures open. Where a level asks for no flow, whatever
/// goes beyond seeing takes what protected data takes.
fn levels(
    ladder: &Ladder,
    grant: &Grant,
    valid: &[&Approval],
    coverages: &[Coverage<'_>],
) -> BTreeSet<Level> {
    let signed: Vec<Signed> = valid
        .iter()
        .map(|approval| Signed {
            person: approval.approver.clone(),
            role: approval.role,
            at_home: !home_of_approver(coverages, &approval.approver, approval.signed_from)
                .is_empty(),
        })
        .collect();
    let seconds = grant
        .expires
        .seconds()
        .saturating_sub(grant.start.seconds());
    let opens = |level: &Level| match (ladder.rungs.get(level), &grant.kind) {
        (None | Some(Rung::Refused(_)), _) => false,
        // Who must sign in an emergency is a rule of the house (`policies/base.cedar`).
        (Some(_), GrantKind::BreakGlass(_)) => seconds <= BREAK_GLASS_SECONDS_MAX,
        (Some(rung), GrantKind::Ladder(_)) => {
            let level = if matches!(rung, Rung::Flow(_)) {
                *level
            } else {
                Level::Protected
            };
            ladder.flow(level).is_some_and(|flow| {
                seconds <= i64::from(flow.hours_max) * 3_600 && flow.is_satisfied(&signed)
            })
        }
    };
    Level::ALL
        .iter()
        .copied()
        .filter(|level| opens(level))
        .collect()
}

/// The approvals that count: of people in the register who are not disabled, hold the role now, are
/// established not to be in reach of any country of concern, and are neither the requester nor in the requester's
/// line, up or down.
fn valid<'a>(
    approvals: &'a [Approval],
    requester: &PersonId,
    coverages: &[Coverage<'_>],
    register: &Register,
    now: Timestamp,
) -> Vec<&'a Approval> {
    approvals
        .iter()
        .filter(|approval| approval.at <= now && is_eligible(approval, requester, register, now))
        .filter(|approval| {
            let from = approval
                .signed_from
                .map_or(Connection::Unknown, Connection::Country);
            // A regime without countries of concern calls "covered" whoever is abroad; that alone
            // does not make a signer dependent.
            !coverages
                .iter()
                .filter(|coverage| !coverage.regime.countries_of_concern.is_empty())
                .any(|coverage| !coverage.standing(&approval.approver, from).is_not_covered())
        })
        .collect()
}

/// Fills the slots: one human being to a slot at most.
///
/// Who signed at more homes comes first, then the name decides: the order of signatures makes no
/// difference.
fn slots(valid: &[&Approval], coverages: &[Coverage<'_>]) -> Slots {
    let mut eligible: Vec<_> = valid
        .iter()
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
        && register.reports_to(&approval.approver, requester, now) == Some(false)
        && register.reports_to(requester, &approval.approver, now) == Some(false);
    !person.disabled && holds_role && independent
}

impl Usable {
    /// Whether the grant's scope names this field, in rows of this residency, for this action.
    pub(super) fn covers(
        &self,
        dataset: &Dataset,
        field: &FieldName,
        class: &RowClass,
        action: Action,
    ) -> bool {
        let level = |field: &Field| class.level(field.level(), field.public_when.is_some());
        dataset
            .field(field)
            .is_some_and(|field| self.levels.contains(&level(field)))
            && self
                .scopes(dataset, &class.residency, action)
                .any(|scope| scope.fields.contains(field))
    }

    /// Whether one scope names all these fields, in rows of this residency, for this action.
    pub(super) fn covers_all(
        &self,
        dataset: &Dataset,
        fields: &BTreeSet<FieldName>,
        class: &RowClass,
        action: Action,
    ) -> bool {
        !fields.is_empty()
            && fields
                .iter()
                .all(|field| self.covers(dataset, field, class, action))
            && self
                .scopes(dataset, &class.residency, action)
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
