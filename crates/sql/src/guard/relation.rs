//! A guarded relation: the query that stands in place of a governed relation.

use std::collections::BTreeSet;

use model::FieldName;
use pgschema::{ColumnNumber, Schema};

use super::condition::{Columns, Condition, Writer};
use super::mask::{exact, masked};
use super::parameter::Parameters;
use super::plan::{Plan, PlannedColumn, Shown};
use super::write::{and, case, column, is, left_join, operator, query, relation, subquery, target};
use crate::bind::Hop;
use crate::kind::{Kind, kind_of};
use crate::tree::{Body, Expression, FromItem, Query, SetOp, Target, TruthTest};

/// The name of the relation within its guard.
pub(super) const ROW: &str = "cordon:t";
/// What a column's raw value is called beside its pseudonym.
const RAW: &str = "cordon:raw:";

/// The name of a field's raw value in a guarded relation.
pub(super) fn raw_name(field: &FieldName) -> String {
    format!("{RAW}{field}")
}

/// The field whose raw value has this name.
pub(super) fn raw_field(name: &str) -> Option<FieldName> {
    FieldName::new(name.strip_prefix(RAW)?).ok()
}

/// Whether a name is that of a raw value.
pub(super) fn is_raw(name: &str) -> bool {
    name.starts_with(RAW)
}

/// What is put into one guarded relation.
pub(super) struct Recipe<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) schema: &'a Schema,
    pub(super) writer: &'a Writer<'a>,
    /// `ONLY`
    pub(super) only: bool,
    /// Keep what is outside from running on rows that are not seen.
    pub(super) fenced: bool,
    /// Conditions over the row's raw columns, total, that may run on any row.
    pub(super) pushed: Vec<Expression>,
    /// Pseudonymised fields whose raw value stands beside them.
    pub(super) raw: BTreeSet<FieldName>,
    /// The fields that are shown; none means all of the plan's.
    pub(super) shown: Option<BTreeSet<FieldName>>,
    /// Split by this condition instead of choosing cell by cell.
    pub(super) split: Option<Split>,
}

/// Rows that are clear and rows that are masked, read apart.
#[derive(Clone, Debug)]
pub(super) struct Split {
    /// Where the conditional columns are clear.
    pub(super) clear: Condition,
    /// Conditions that hold on raw values in the clear rows.
    pub(super) pushed_clear: Vec<Expression>,
}

/// Columns as they are named while the relation and its parents are joined.
struct Joined<'a> {
    plan: &'a Plan<'a>,
    schema: &'a Schema,
    /// Hops taken, each a parent's row with the name `cordon:p1` and so on.
    hops: Vec<Vec<Hop>>,
}

impl Columns for Joined<'_> {
    fn own(&mut self, number: ColumnNumber) -> Option<Expression> {
        let found = self.plan.relation.column(number)?;
        Some(column(ROW, &found.name))
    }

    fn named(&mut self, name: &str) -> Option<Expression> {
        let found = self.plan.relation.column_named(name)?;
        Some(column(ROW, &found.name))
    }

    fn reached(&mut self, hops: &[Hop], number: ColumnNumber) -> Option<Expression> {
        let Some(last) = hops.last() else {
            return self.own(number);
        };
        // Every step on the way is a join of its own, shared by the subjects that take it.
        for taken in 1..=hops.len() {
            let way = hops.get(..taken)?.to_vec();
            if !self.hops.contains(&way) {
                self.hops.push(way);
            }
        }
        let parent = self.schema.relation(last.parent)?;
        let found = parent.column(number)?;
        Some(column(&self.alias(hops)?, &found.name))
    }

    fn kind(&self, number: ColumnNumber) -> Option<Kind> {
        let found = self.plan.relation.column(number)?;
        kind_of(self.schema, found.type_oid)
    }
}

impl Joined<'_> {
    fn alias(&self, hops: &[Hop]) -> Option<String> {
        if hops.is_empty() {
            return Some(ROW.to_owned());
        }
        let index = self.hops.iter().position(|known| known == hops)?;
        Some(format!("cordon:p{}", index + 1))
    }

    /// The relation left-joined with every parent on the way. The parents' keys are unique, so no
    /// row is lost or doubled.
    fn from(&self, only: bool) -> Option<FromItem> {
        let mut from = relation(self.plan.relation, only, ROW);
        for way in &self.hops {
            let (hop, before) = way.split_last()?;
            let child = self.alias(before)?;
            let child_relation = match before.last() {
                None => self.plan.relation,
                Some(previous) => self.schema.relation(previous.parent)?,
            };
            let parent = self.schema.relation(hop.parent)?;
            let name = self.alias(way)?;
            let on = hop
                .on
                .iter()
                .map(|(ours, theirs)| {
                    let ours = child_relation.column(*ours)?;
                    let theirs = parent.column(*theirs)?;
                    Some(operator(
                        "=",
                        column(&child, &ours.name),
                        column(&name, &theirs.name),
                    ))
                })
                .collect::<Option<Vec<_>>>()?;
            from = left_join(from, relation(parent, false, &name), and(on));
        }
        Some(from)
    }
}

impl Recipe<'_> {
    /// The guarded relation's query; `None` if a mask does not fit its column.
    pub(super) fn build(&self, parameters: &mut Parameters) -> Option<Query> {
        match &self.split {
            None => self.build_one(None, parameters),
            Some(split) => {
                let clear = self.build_one(Some((split, true)), parameters)?;
                let masked = self.build_one(Some((split, false)), parameters)?;
                Some(Query {
                    with: None,
                    body: Body::SetOperation {
                        operation: SetOp::Union,
                        all: true,
                        left: Box::new(clear),
                        right: Box::new(masked),
                    },
                    order_by: Vec::new(),
                    limit: None,
                    offset: None,
                    locks_rows: false,
                })
            }
        }
    }

    fn shown(&self) -> impl Iterator<Item = &PlannedColumn<'_>> {
        self.plan.columns.iter().filter(|planned| {
            self.shown
                .as_ref()
                .is_none_or(|shown| shown.contains(planned.field))
        })
    }

    fn build_one(
        &self,
        side: Option<(&Split, bool)>,
        parameters: &mut Parameters,
    ) -> Option<Query> {
        let mut joined = Joined {
            plan: self.plan,
            schema: self.schema,
            hops: Vec::new(),
        };
        let mut filters = Vec::new();
        if self.plan.rows != Condition::True {
            filters.push(self.writer.write(&self.plan.rows, &mut joined, parameters));
        }
        if let Some((split, is_clear)) = side {
            let clear = self.writer.write(&split.clear, &mut joined, parameters);
            let test = if is_clear {
                TruthTest::True
            } else {
                TruthTest::NotTrue
            };
            filters.push(is(clear, test));
            if is_clear {
                filters.extend(split.pushed_clear.iter().cloned());
            }
        }
        filters.extend(self.pushed.iter().cloned());
        let filter = (!filters.is_empty()).then(|| and(filters));
        let needs_two_levels = self.fenced
            && (!self.raw.is_empty() || self.shown().any(|planned| planned.shown != Shown::Clear));
        if needs_two_levels {
            return self.two_levels(side, joined, filter, parameters);
        }
        let mut targets = Vec::new();
        for planned in self.shown() {
            let value = column(ROW, &planned.column.name);
            let shown = self.cell(
                planned,
                value,
                side,
                parameters,
                &mut |condition, parameters| {
                    Some(self.writer.write(condition, &mut joined, parameters))
                },
            )?;
            targets.push(target(shown, &planned.column.name));
        }
        for field in &self.raw {
            let planned = self.plan.column(field)?;
            targets.push(target(column(ROW, &planned.column.name), &raw_name(field)));
        }
        Some(query(
            targets,
            vec![joined.from(self.only)?],
            filter,
            self.fenced,
        ))
    }

    /// Within the fence the filter and raw values, outside it the masks: they are made for rows that
    /// are used alone.
    fn two_levels(
        &self,
        side: Option<(&Split, bool)>,
        mut joined: Joined<'_>,
        filter: Option<Expression>,
        parameters: &mut Parameters,
    ) -> Option<Query> {
        let mut inner: Vec<Target> = self
            .plan
            .columns
            .iter()
            .map(|planned| target(column(ROW, &planned.column.name), &planned.column.name))
            .collect();
        let mut conditions: Vec<Condition> = Vec::new();
        let mut targets = Vec::new();
        for planned in self.shown() {
            let value = column(ROW, &planned.column.name);
            let shown = self.cell(planned, value, side, parameters, &mut |condition, _| {
                let index = match conditions.iter().position(|known| known == condition) {
                    Some(index) => index,
                    None => {
                        conditions.push(condition.clone());
                        conditions.len() - 1
                    }
                };
                Some(column(ROW, &format!("cordon:c{index}")))
            })?;
            targets.push(target(shown, &planned.column.name));
        }
        for field in &self.raw {
            let planned = self.plan.column(field)?;
            targets.push(target(column(ROW, &planned.column.name), &raw_name(field)));
        }
        for (index, condition) in conditions.iter().enumerate() {
            let written = self.writer.write(condition, &mut joined, parameters);
            inner.push(target(written, &format!("cordon:c{index}")));
        }
        let fence = query(inner, vec![joined.from(self.only)?], filter, true);
        Some(query(targets, vec![subquery(fence, ROW)], None, false))
    }

    fn cell(
        &self,
        planned: &PlannedColumn<'_>,
        value: Expression,
        side: Option<(&Split, bool)>,
        parameters: &mut Parameters,
        condition_sql: &mut dyn FnMut(&Condition, &mut Parameters) -> Option<Expression>,
    ) -> Option<Expression> {
        let mask = |mask, value, parameters: &mut Parameters| {
            masked(
                mask,
                planned.column,
                planned.bound,
                value,
                self.schema,
                parameters,
            )
        };
        match &planned.shown {
            Shown::Clear if self.fenced => Some(without_statistics(value)),
            Shown::Clear => Some(value),
            Shown::Masked(kind) => mask(kind, value, parameters),
            Shown::Conditional(condition, kind) => match side {
                Some((split, true)) if split.clear == *condition => Some(if self.fenced {
                    without_statistics(value)
                } else {
                    value
                }),
                Some((split, false)) if split.clear == *condition => mask(kind, value, parameters),
                _ => {
                    let holds = condition_sql(condition, parameters)?;
                    let hidden = mask(kind, value.clone(), parameters)?;
                    exact(case(holds, value, hidden), planned.column, self.schema)
                }
            },
        }
    }
}

/// The value, in a form whose statistics PostgreSQL does not look up: it would try the statement's
/// conditions on the most common values of all rows while it plans, and fail on those.
fn without_statistics(value: Expression) -> Expression {
    case(
        Expression::IsNull(Box::new(value.clone()), true),
        value.clone(),
        value,
    )
}
