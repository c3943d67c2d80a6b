//! From the policies' answers, class by class, to the view of one dataset.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{
    Action, Cell, Dataset, Field, FieldName, FieldView, GrantId, LegalCategory, Level, RowClass,
    Rows, Verdict, View,
};

use super::class::{Asker, ClassKey, Determined};
use super::decision::{Because, CellReason, RowsReason};
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

/// One dataset as one person sees it, before it becomes a view.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) rows: BTreeMap<RowClass, RowsReason>,
    pub(super) cells: BTreeMap<FieldName, BTreeMap<RowClass, CellReason>>,
    /// Where a floor forbids seeing the rows at all.
    pub(super) rows_floor: BTreeSet<RowClass>,
    /// How far each cell can be moved by what comes after the policies.
    pub(super) limits: BTreeMap<(FieldName, RowClass), Limit>,
}

/// How far a cell can be moved by what comes after the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    /// The most that the floor alone would leave.
    pub(super) floor_leaves: Verdict,
    /// Whether its mask may be shown.
    pub(super) may_mask: bool,
}

impl Limit {
    /// Nothing may be shown.
    pub(super) const NOTHING: Self = Self {
        floor_leaves: Verdict::Hidden,
        may_mask: false,
    };
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
        let (key, in_clear, _) = &memo;
        let resource = &key.resource;
        let clear = self
            .asker
            .determine(Action::ViewClear, resource, in_clear, &[], joined)?;
        let has_mask = resource
            .cell
            .as_ref()
            .is_some_and(|cell| cell.mask.is_some());
        let masked = if has_mask {
            let action = Action::ViewMasked;
            Some(
                self.asker
                    .determine(action, resource, &key.grants, assessments, joined)?,
            )
        } else {
            None
        };
        let requestable =
            !clear.allowed && self.asker.is_requestable(Action::ViewClear, resource)?;
        let answer = ClassAnswer {
            clear,
            masked,
            requestable,
        };
        self.answers.insert(memo, answer.clone());
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

impl Draft {
    /// Hides the cells of rows that are not seen.
    pub(super) fn hide_unseen_rows(&mut self) {
        for (class, rows) in &self.rows {
            if rows.rows != Rows::Unseen {
                continue;
            }
            for cell in self
                .cells
                .values_mut()
                .filter_map(|cells| cells.get_mut(class))
            {
                if cell.verdict != Verdict::Hidden || !cell.clear_for.is_empty() {
                    cell.verdict = Verdict::Hidden;
                    cell.clear_for.clear();
                    cell.because = Because::RowsUnseen;
                }
            }
        }
    }

    /// Fields that are hidden in every row class, or seen in none.
    pub(super) fn absent(&self) -> BTreeSet<FieldName> {
        self.cells
            .iter()
            .filter(|(_, cells)| {
                cells
                    .values()
                    .all(|c| c.verdict == Verdict::Hidden && c.clear_for.is_empty())
            })
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Leaves out the rows in which a field is hidden that other rows show: a row is seen whole or
    /// not at all (design.md section 6: "Hidden for some: those rows are not seen").
    pub(super) fn leave_out_partly_hidden_rows(&mut self) {
        let absent = self.absent();
        for (class, reason) in &mut self.rows {
            if reason.rows == Rows::Unseen {
                continue;
            }
            let hidden = self.cells.iter().find_map(|(name, cells)| {
                let cell = cells.get(class)?;
                (!absent.contains(name) && cell.verdict == Verdict::Hidden).then_some((name, cell))
            });
            let Some((name, cell)) = hidden else { continue };
            reason.left_out_for = Some(name.clone());
            reason.requestable |= cell.requestable;
            // Subjects whose rows a grant opens stay, if it opens every hidden field of the row.
            let kept = self
                .cells
                .iter()
                .filter(|(name, _)| !absent.contains(name))
                .filter_map(|(_, cells)| cells.get(class))
                .filter(|cell| cell.verdict == Verdict::Hidden)
                .map(|cell| cell.clear_for.clone())
                .reduce(|a, b| a.intersection(&b).cloned().collect())
                .unwrap_or_default();
            let kept: BTreeSet<_> = match &reason.rows {
                Rows::SeenFor(grants) => kept.intersection(grants).cloned().collect(),
                Rows::Seen | Rows::Unseen => kept,
            };
            reason.rows = if kept.is_empty() {
                Rows::Unseen
            } else {
                Rows::SeenFor(kept)
            };
        }
    }

    /// The legal categories that it shows in clear somewhere.
    pub(super) fn clear_categories(&self, dataset: &Dataset) -> BTreeSet<LegalCategory> {
        let is_clear = |cells: &BTreeMap<RowClass, CellReason>| {
            cells
                .values()
                .any(|c| c.verdict == Verdict::Clear || !c.clear_for.is_empty())
        };
        dataset
            .fields
            .iter()
            .filter(|field| self.cells.get(&field.name).is_some_and(is_clear))
            .flat_map(|field| field.legal.iter().copied())
            .collect()
    }

    /// The stricter of two drafts of the same dataset, cell by cell and row by row.
    pub(super) fn intersect(&mut self, other: &Self) {
        for (class, reason) in &mut self.rows {
            match other.rows.get(class) {
                Some(theirs) if theirs.rows < reason.rows => *reason = theirs.clone(),
                Some(_) => {}
                None => reason.rows = Rows::Unseen,
            }
        }
        for (name, cells) in &mut self.cells {
            for (class, cell) in cells {
                match other.cells.get(name).and_then(|cells| cells.get(class)) {
                    Some(theirs) if theirs.verdict < cell.verdict => *cell = theirs.clone(),
                    Some(_) => {}
                    None => cell.verdict = Verdict::Hidden,
                }
                cell.clear_for.clear();
            }
        }
        self.rows_floor.extend(other.rows_floor.iter().cloned());
        for (key, limit) in &mut self.limits {
            let theirs = other.limits.get(key).copied().unwrap_or(Limit::NOTHING);
            limit.floor_leaves = limit.floor_leaves.min(theirs.floor_leaves);
            limit.may_mask &= theirs.may_mask;
        }
    }

    /// The view: what is not absent.
    pub(super) fn view(&self, dataset: &Dataset) -> View {
        let absent = self.absent();
        let fields = dataset
            .fields
            .iter()
            .filter(|field| !absent.contains(&field.name))
            .filter_map(|field| {
                let cells = self.cells.get(&field.name)?;
                let shown = cells.iter().map(|(class, reason)| {
                    let (verdict, clear_for) = (reason.verdict, reason.clear_for.clone());
                    (class.clone(), Cell { verdict, clear_for })
                });
                let view = FieldView {
                    mask: field.mask.clone(),
                    cells: shown.collect(),
                };
                Some((field.name.clone(), view))
            })
            .collect();
        View {
            dataset: dataset.id.clone(),
            rows: self
                .rows
                .iter()
                .map(|(class, r)| (class.clone(), r.rows.clone()))
                .collect(),
            fields,
        }
    }
}
