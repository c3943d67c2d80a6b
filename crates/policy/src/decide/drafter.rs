//! Asks the policies about a dataset, each class of its fields and rows once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{Action, Dataset, Field, GrantId, LegalCategory, Level, RowClass, Rows, Verdict};

use super::class::{Asker, ClassKey, Determined};
use super::decision::{Because, CellReason, RowsReason};
use super::draft::{Draft, Limit};
use super::grants::Usable;
use super::residency::home_of;
use crate::cedar::{AssessmentFacts, CellFacts, ResourceFacts};
use crate::error::Failure;
use crate::ladder::AllowList;
use crate::regime::Regime;

/// What the policies say about a class of fields.
#[derive(Clone, Debug)]
pub(super) struct ClassAnswer {
    clear: Determined,
    /// None where the field has no mask.
    masked: Option<Determined>,
    requestable: bool,
}

/// Asks about datasets for one person, each class of fields once.
pub(super) struct Drafter<'a> {
    pub(super) asker: Asker<'a>,
    pub(super) regimes: &'a [Regime],
    /// The accepted interoperability list, if there is one.
    pub(super) allow_list: Option<&'a AllowList>,
    pub(super) answers: HashMap<Memo, ClassAnswer>,
}

/// A class, the grants that may open it in clear, and the categories joined: what an answer depends
/// on.
type Memo = (ClassKey, BTreeSet<GrantId>, BTreeSet<LegalCategory>);

impl Drafter<'_> {
    /// The draft of these fields of a dataset. `joined` are the legal categories that the
    /// statement would show in clear.
    pub(super) fn draft(
        &mut self,
        dataset: &Dataset,
        fields: &[&Field],
        classes: &[RowClass],
        assessments: &[AssessmentFacts],
        joined: &BTreeSet<LegalCategory>,
    ) -> Result<Draft, Failure> {
        let mut draft = Draft {
            rows: BTreeMap::new(),
            cells: BTreeMap::new(),
            rows_floor: BTreeSet::new(),
            limits: BTreeMap::new(),
        };
        for class in classes {
            let (rows, floor) = self.rows(dataset, fields, class, assessments)?;
            if floor {
                draft.rows_floor.insert(class.clone());
            }
            draft.rows.insert(class.clone(), rows);
        }
        for field in fields {
            let mut cells = BTreeMap::new();
            for class in classes {
                let key = self.key(dataset, field, class);
                let in_clear = self.naming(dataset, field, class, &[Action::ViewClear]);
                let answer = self.answer(key, in_clear, assessments, joined)?;
                let may_mask = answer.masked.as_ref().is_some_and(|masked| masked.allowed);
                let limit = Limit {
                    floor_leaves: floor_leaves(&answer),
                    may_mask,
                };
                draft
                    .limits
                    .insert((field.name.clone(), class.clone()), limit);
                cells.insert(class.clone(), reason(&answer));
            }
            draft.cells.insert(field.name.clone(), cells);
        }
        Ok(draft)
    }

    fn key(&self, dataset: &Dataset, field: &Field, class: &RowClass) -> ClassKey {
        let seeing = [Action::ViewClear, Action::ViewMasked];
        ClassKey {
            resource: ResourceFacts {
                dataset: dataset.id.clone(),
                level: class.level(field.level(), field.public_when.is_some()),
                legal: field.legal.clone(),
                residency: class.residency.clone(),
                home_of: home_of(&class.residency, self.regimes),
                cell: Some(CellFacts {
                    categories: field.categories.clone(),
                    mask: field.mask.as_ref().map(model::Mask::kind),
                    allow_listed: self
                        .allow_list
                        .is_some_and(|list| list.allows(&dataset.id, &field.name)),
                }),
            },
            grants: self.naming(dataset, field, class, &seeing),
        }
    }

    /// The grants with one scope that names the field, in these rows, for one of these actions.
    fn naming(
        &self,
        dataset: &Dataset,
        field: &Field,
        class: &RowClass,
        actions: &[Action],
    ) -> BTreeSet<GrantId> {
        let names =
            |usable: &Usable, action: &Action| usable.covers(dataset, &field.name, class, *action);
        self.asker
            .grants
            .iter()
            .filter(|(_, usable)| actions.iter().any(|action| names(usable, action)))
            .map(|(id, _)| id.clone())
            .collect()
    }

    fn answer(
        &mut self,
        key: ClassKey,
        in_clear: BTreeSet<GrantId>,
        assessments: &[AssessmentFacts],
        joined: &BTreeSet<LegalCategory>,
    ) -> Result<ClassAnswer, Failure> {
        let memo = (key, in_clear, joined.clone());
        if let Some(known) = self.answers.get(&memo) {
            return Ok(known.clone());
        }
        let answer = if joined.is_empty() {
            self.ask_alone(&memo.0, &memo.1, assessments)?
        } else {
            let alone = self.answer(
                memo.0.clone(),
                memo.1.clone(),
                assessments,
                &BTreeSet::new(),
            )?;
            self.ask_joined(alone, &memo.0, &memo.1, assessments, joined)?
        };
        self.answers.insert(memo, answer.clone());
        Ok(answer)
    }

    fn ask_alone(
        &self,
        key: &ClassKey,
        in_clear: &BTreeSet<GrantId>,
        assessments: &[AssessmentFacts],
    ) -> Result<ClassAnswer, Failure> {
        let (asker, resource, none) = (&self.asker, &key.resource, BTreeSet::new());
        let clear = asker.determine(Action::ViewClear, resource, in_clear, &[], &none)?;
        let has_mask = resource
            .cell
            .as_ref()
            .is_some_and(|cell| cell.mask.is_some());
        let masked = if has_mask {
            let action = Action::ViewMasked;
            Some(asker.determine(action, resource, &key.grants, assessments, &none)?)
        } else {
            None
        };
        let requestable = !clear.allowed && asker.is_requestable(Action::ViewClear, resource)?;
        Ok(ClassAnswer {
            clear,
            masked,
            requestable,
        })
    }

    /// What is refused alone stays refused beside other data; only what is shown is asked again.
    fn ask_joined(
        &self,
        mut answer: ClassAnswer,
        key: &ClassKey,
        in_clear: &BTreeSet<GrantId>,
        assessments: &[AssessmentFacts],
        joined: &BTreeSet<LegalCategory>,
    ) -> Result<ClassAnswer, Failure> {
        let (asker, resource) = (&self.asker, &key.resource);
        if answer.clear.allowed || !answer.clear.for_subjects.is_empty() {
            let clear = asker.determine(Action::ViewClear, resource, in_clear, &[], joined)?;
            if !clear.allowed && answer.clear.allowed {
                answer.requestable = asker.is_requestable(Action::ViewClear, resource)?;
            }
            answer.clear = clear;
        }
        if answer.masked.as_ref().is_some_and(|masked| masked.allowed) {
            let action = Action::ViewMasked;
            let masked = asker.determine(action, resource, &key.grants, assessments, joined)?;
            answer.masked = Some(masked);
        }
        Ok(answer)
    }

    fn rows(
        &self,
        dataset: &Dataset,
        fields: &[&Field],
        class: &RowClass,
        assessments: &[AssessmentFacts],
    ) -> Result<(RowsReason, bool), Failure> {
        let resource = rows_resource(dataset, fields, class, self.regimes, Level::min);
        let grants = self
            .asker
            .grants
            .iter()
            .filter(|(_, usable)| {
                dataset
                    .fields
                    .iter()
                    .any(|field| usable.covers(dataset, &field.name, class, Action::ViewRow))
            })
            .map(|(id, _)| id.clone())
            .collect();
        let none = BTreeSet::new();
        let determined =
            self.asker
                .determine(Action::ViewRow, &resource, &grants, assessments, &none)?;
        let requestable =
            !determined.allowed && self.asker.is_requestable(Action::ViewRow, &resource)?;
        // A subject set lifts a floor for its subjects alone; for everybody else it still holds.
        let floor = determined.floor;
        let rows = if determined.allowed {
            Rows::Seen
        } else if determined.for_subjects.is_empty() {
            Rows::Unseen
        } else {
            Rows::SeenFor(determined.for_subjects)
        };
        let policies = determined.policies;
        Ok((
            RowsReason {
                rows,
                policies,
                left_out_for: None,
                requestable,
            },
            floor,
        ))
    }
}

/// The rows of a class as a resource; `pick` chooses between two levels.
pub(super) fn rows_resource(
    dataset: &Dataset,
    fields: &[&Field],
    class: &RowClass,
    regimes: &[Regime],
    pick: fn(Level, Level) -> Level,
) -> ResourceFacts {
    let levels = fields
        .iter()
        .map(|field| class.level(field.level(), field.public_when.is_some()));
    ResourceFacts {
        dataset: dataset.id.clone(),
        level: levels.reduce(pick).unwrap_or(Level::Restricted),
        legal: fields
            .iter()
            .flat_map(|field| field.legal.iter().copied())
            .collect(),
        residency: class.residency.clone(),
        home_of: home_of(&class.residency, regimes),
        cell: None,
    }
}

fn reason(answer: &ClassAnswer) -> CellReason {
    let masked = answer.masked.as_ref().filter(|masked| masked.allowed);
    let (verdict, grant, because) = match (&answer.clear, masked) {
        (clear, _) if clear.allowed => (Verdict::Clear, clear.grant.clone(), Because::Policies),
        (_, Some(masked)) => (Verdict::Masked, masked.grant.clone(), Because::Policies),
        (_, None) if answer.masked.is_none() => (Verdict::Hidden, None, Because::NoMask),
        (_, None) => (Verdict::Hidden, None, Because::Policies),
    };
    let mut policies = answer.clear.policies.clone();
    if verdict != Verdict::Clear
        && let Some(masked) = &answer.masked
    {
        policies.extend(masked.policies.iter().cloned());
    }
    CellReason {
        verdict,
        clear_for: answer.clear.for_subjects.clone(),
        policies,
        grant,
        because,
        requestable: answer.requestable,
    }
}

/// The most that the floor alone would leave: for observe mode.
fn floor_leaves(answer: &ClassAnswer) -> Verdict {
    match (&answer.clear, &answer.masked) {
        (clear, _) if clear.allowed || !clear.floor => Verdict::Clear,
        (_, Some(masked)) if masked.allowed || !masked.floor => Verdict::Masked,
        _ => Verdict::Hidden,
    }
}
