//! One dataset as one person sees it: what happens to it before it becomes a view.

use std::collections::{BTreeMap, BTreeSet};

use model::{Cell, Dataset, FieldName, FieldView, LegalCategory, RowClass, Rows, Verdict, View};

use super::decision::{Because, CellReason, RowsReason};

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
                .filter(|(name, _)| !absent.contains(*name))
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
