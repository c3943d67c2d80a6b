//! From drafts to the decision, its hints, and the refusal if there is one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Field, PolicyId, Refusal, RowClass, Rows, Timestamp};

use super::ask::FieldsAsked;
use super::case::{Case, Part, PersonAnswer};
use super::decider::refused;
use super::decision::{CellReason, Decision, DecisionId, Observed, Refused, StandingUnder};
use super::draft::Draft;
use super::hint::Hint;
use crate::hash::{Hash, Hasher};

impl<'a> Case<'a> {
    pub(super) fn decision(
        &self,
        parts: &[Part<'a>],
        whole: &PersonAnswer,
        standings: Vec<StandingUnder>,
        inputs: Hash,
        observed: Vec<Observed>,
        valid_until: Timestamp,
    ) -> Decision {
        let mut views = BTreeMap::new();
        let mut cells = BTreeMap::new();
        let mut rows = BTreeMap::new();
        let mut determining: BTreeSet<PolicyId> = BTreeSet::new();
        let mut hasher = Hasher::new("cordon/decision/v1");
        hasher
            .text(&self.decider.bundle.to_string())
            .text(&inputs.to_string());
        hasher.text(&format!("{:?}", self.ask));
        for (part, draft) in parts.iter().zip(&whole.drafts) {
            let view = self.decider.intern(draft.view(part.dataset));
            hasher.text(&view.hash.to_string());
            for cell in draft.cells.values().flat_map(BTreeMap::values) {
                determining.extend(cell.policies.iter().cloned());
            }
            for reason in draft.rows.values() {
                determining.extend(reason.policies.iter().cloned());
            }
            views.insert(part.dataset.id.clone(), view);
            cells.insert(part.dataset.id.clone(), draft.cells.clone());
            rows.insert(part.dataset.id.clone(), draft.rows.clone());
        }
        let mut actions = BTreeMap::new();
        for (part, answers) in parts.iter().zip(&whole.actions) {
            for answer in answers.values() {
                hasher.text(&format!("{answer:?}"));
                determining.extend(answer.policies.iter().cloned());
            }
            actions.insert(part.dataset.id.clone(), answers.clone());
        }
        Decision {
            id: DecisionId(hasher.finish()),
            policies: self.decider.engine.policies_hash(),
            schema: self.decider.engine.schema_hash(),
            inputs,
            views,
            actions,
            cells,
            rows,
            standings,
            determining,
            hints: self.hints(parts, whole),
            observed,
            valid_until,
        }
    }

    /// What could be asked for, one hint a dataset; mixed levels take the strictest.
    pub(super) fn hints(&self, parts: &[Part<'a>], whole: &PersonAnswer) -> Vec<Hint> {
        // An approval for values helps nobody whose rows no approval opens.
        let is_open = |draft: &Draft, (class, cell): (&RowClass, &CellReason)| {
            let rows = draft.rows.get(class);
            cell.requestable && rows.is_some_and(|r| r.rows != Rows::Unseen || r.requestable)
        };
        let second_factor = self.session.strength < model::Strength::Aal2;
        let mut hints = Vec::new();
        for (part, draft) in parts.iter().zip(&whole.drafts) {
            let open: Vec<&&Field> = part
                .fields
                .iter()
                .filter(|field| {
                    draft
                        .cells
                        .get(&field.name)
                        .is_some_and(|cells| cells.iter().any(|cell| is_open(draft, cell)))
                })
                .collect();
            let Some(level) = open.iter().map(|field| field.level()).max() else {
                continue;
            };
            let outside = part.classes.iter().any(|class| {
                let homes =
                    super::residency::home_of(&class.residency, &self.decider.world.regimes);
                !homes.is_subset(&whole.resolved.facts.at_home_of)
            });
            let fields = open.iter().map(|field| field.name.clone()).collect();
            let ladder = &self.decider.world.ladder;
            let id = &part.dataset.id;
            hints.extend(Hint::new(ladder, id, fields, level, outside, second_factor));
        }
        hints
    }

    /// The refusal, if there is one: a dataset that is unknown or of which nothing is seen, a field
    /// asked by name that is absent, an action that no residency allows.
    ///
    /// What is not visible goes before everything else, in the order asked, so that a dataset that
    /// is not there and one that is hidden give one answer, whatever is asked beside them.
    pub(super) fn refusal(
        &self,
        parts: &[Part<'a>],
        whole: &PersonAnswer,
        decision: &Arc<Decision>,
    ) -> Option<Refused> {
        let mut answered = parts.iter().zip(&whole.drafts);
        let mut other = None;
        for asked in &self.ask.datasets {
            let id = &asked.dataset;
            let hint = decision
                .hints
                .iter()
                .find(|hint| hint.dataset == *id)
                .cloned()
                .map(Box::new);
            let about = |code, field, hint| Refused {
                dataset: Some(id.clone()),
                field,
                hint,
                decision: Some(Arc::clone(decision)),
                ..refused(code)
            };
            let known = self.decider.world.datasets.contains_key(id);
            let Some((part, draft)) = known.then(|| answered.next()).flatten() else {
                return Some(about(Refusal::NotVisible, None, None));
            };
            let absent = draft.absent();
            let nothing = draft
                .rows
                .values()
                .all(|reason| reason.rows == Rows::Unseen)
                || absent.len() == draft.cells.len();
            // A field that does not exist says no more than a dataset of which nothing is seen.
            let sees_some_field = !nothing || self.sees_something(part, whole);
            if nothing && !sees_some_field {
                if hint.is_none() {
                    return Some(about(Refusal::NotVisible, None, None));
                }
                other.get_or_insert_with(|| about(Refusal::ApprovalNeeded, None, hint));
                continue;
            }
            if let FieldsAsked::Named(names) = &asked.fields {
                let hidden = names
                    .iter()
                    .find(|name| absent.contains(*name) || !draft.cells.contains_key(*name));
                if let Some(name) = hidden {
                    let name = Some(name.clone());
                    other.get_or_insert_with(|| about(Refusal::FieldNotVisible, name, None));
                    continue;
                }
            }
            if let Some(answers) = decision.actions.get(id) {
                let none = answers
                    .values()
                    .all(|a| !a.allowed && a.for_subjects.is_empty());
                if none && answers.values().any(|answer| answer.requestable) {
                    other.get_or_insert_with(|| about(Refusal::ApprovalNeeded, None, hint));
                } else if none {
                    other.get_or_insert_with(|| about(Refusal::ActionNotAllowed, None, None));
                }
            }
        }
        other
    }

    /// Whether the dataset is visible when all of it is asked for.
    pub(super) fn sees_something(&self, part: &Part<'a>, whole: &PersonAnswer) -> bool {
        if part.fields.len() == part.dataset.fields.len() {
            return false;
        }
        let id = whole.resolved.facts.id.clone();
        let all = Part {
            dataset: part.dataset,
            fields: part.dataset.fields.iter().collect(),
            classes: part.classes.clone(),
        };
        let answer = self.person(&id, std::slice::from_ref(&all), false);
        let Ok(Some(answer)) = answer else {
            return false;
        };
        let Some(draft) = answer.drafts.first() else {
            return false;
        };
        let mut draft = draft.clone();
        draft.hide_unseen_rows();
        draft.absent().len() < draft.cells.len()
            && draft
                .rows
                .values()
                .any(|reason| reason.rows != Rows::Unseen)
    }
}
