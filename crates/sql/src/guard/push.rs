//! Which conditions of a statement run within a guarded relation, and which relations are read in
//! two parts.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named stays outside the guard"
)]

use std::rc::Rc;

use super::Guard;
use super::condition::Condition;
use super::mask::is_same_for_all;
use super::plan::{Plan, Shown};
use super::relation::{ROW, Split, is_raw};
use super::total::each;
use crate::resolve::Reference;
use crate::tree::{
    Expression,
    walk::{self, Child},
};

/// Conditions that may move into a relation, each of them total, and whether it may be read in two parts.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    pub(super) conditions: Vec<Rc<Expression>>,
    pub(super) may_split: bool,
}

impl Reach {
    pub(super) const fn none() -> Self {
        Self::of(Vec::new())
    }

    pub(super) const fn of(conditions: Vec<Rc<Expression>>) -> Self {
        Self {
            conditions,
            may_split: false,
        }
    }

    pub(super) fn with(&self, more: &[Rc<Expression>]) -> Self {
        let mut conditions = self.conditions.clone();
        conditions.extend_from_slice(more);
        Self::of(conditions)
    }

    pub(super) fn alone(&self) -> Self {
        Self::of(self.conditions.clone())
    }
}
impl Guard<'_> {
    /// A condition as it runs within a guarded relation: over raw columns that the person sees
    /// clear, and constants. With `also`, over these conditionally clear columns too.
    pub(super) fn within(
        &self,
        condition: &Expression,
        source: usize,
        plan: &Plan<'_>,
        also: Option<&Condition>,
    ) -> Option<Expression> {
        let mut fits = true;
        let mut names_any = false;
        each(condition, &mut |inner| match inner {
            Expression::Column(path) => {
                let field = match self.resolution.references.get(&path.id.0) {
                    Some(Reference::Field {
                        source: of,
                        field,
                        levels_up: 0,
                        ..
                    }) if *of == source => field,
                    _ => {
                        fits = false;
                        return;
                    }
                };
                names_any = true;
                let is_raw = path.parts.last().is_some_and(|name| is_raw(name));
                fits &= is_raw
                    || plan
                        .column(field)
                        .is_some_and(|planned| match &planned.shown {
                            Shown::Clear => true,
                            Shown::Masked(_) => false,
                            Shown::Conditional(clear, _) => also == Some(clear),
                        });
            }
            Expression::Sublink(_) => fits = false,
            _ => {}
        });
        if !fits || !names_any {
            return None;
        }
        let mut moved = condition.clone();
        self.to_row(&mut moved, plan);
        Some(moved)
    }

    /// Renames columns to those of the relation itself.
    fn to_row(&self, expression: &mut Expression, plan: &Plan<'_>) {
        if let Expression::Column(path) = expression
            && let Some(Reference::Field { field, .. }) = self.resolution.references.get(&path.id.0)
            && let Some(planned) = plan.column(field)
        {
            path.parts = vec![ROW.to_owned(), planned.column.name.clone()];
        }
        walk::children(expression, &mut |child| {
            if let Child::Expression(inner) = child {
                self.to_row(inner, plan);
            }
        });
    }

    /// Whether clear and masked rows are to be read apart: where a condition on a column that is
    /// clear in some rows could use its index, all masked rows show the same, and the person sees
    /// the residency that tells the rows apart.
    pub(super) fn split(&self, source: usize, plan: &Plan<'_>, reach: &Reach) -> Option<Split> {
        if !reach.may_split {
            return None;
        }
        let used = self.resolution.uses.get(source)?;
        let clear = plan
            .columns
            .iter()
            .find_map(|planned| match &planned.shown {
                Shown::Conditional(condition @ Condition::Residency(_), mask)
                    if is_same_for_all(mask) =>
                {
                    Some(condition)
                }
                Shown::Conditional(_, _) | Shown::Clear | Shown::Masked(_) => None,
            })?;
        if !self.residency_is_seen(used) {
            return None;
        }
        let pushed_clear: Vec<Expression> = reach
            .conditions
            .iter()
            .filter(|condition| self.within(condition, source, plan, None).is_none())
            .filter_map(|condition| self.within(condition, source, plan, Some(clear)))
            .collect();
        (!pushed_clear.is_empty()).then(|| Split {
            clear: clear.clone(),
            pushed_clear,
        })
    }

    /// Whether the person sees, clear in all rows, the row's own columns that tell its residency.
    fn residency_is_seen(&self, used: &crate::resolve::Use) -> bool {
        use crate::bind::{Signal, Whose};
        let Some(bound) = self.context.binding.tables.get(&used.dataset) else {
            return false;
        };
        let Whose::Subjects(subjects) = &bound.residency else {
            return false;
        };
        let is_seen = |number: &pgschema::ColumnNumber| {
            bound.fields.iter().any(|(name, field)| {
                field.column == *number && used.visible.get(name) == Some(&true)
            })
        };
        subjects.iter().all(|subject| {
            subject.hops.is_empty()
                && subject.evidence.iter().all(|signal| match signal {
                    Signal::Constant(_) => true,
                    Signal::Column(number) => is_seen(number),
                })
        })
    }
}
