//! `GROUP BY` a primary key: PostgreSQL lets the row's other columns stand beside it, but only where
//! it sees the key of a table, not that of a guarded relation. So they are written out.

use std::collections::BTreeSet;

use model::FieldName;

use super::Guard;
use super::plan::{Plan, Shown};
use crate::kind::{Kind, kind_of};
use crate::resolve::Reference;
use crate::tree::{ColumnPath, Expression, GroupingItem, NodeId, Select, Sort, look};
use pgschema::builtin::{self, FunctionClass};

impl Guard<'_> {
    /// Adds to `GROUP BY` the columns of rows whose key is grouped by, where they are used outside
    /// aggregates. The groups stay the same: the key tells the row.
    pub(super) fn group_dependents(&self, select: &mut Select, order_by: &[Sort]) {
        let mut grouped: BTreeSet<(usize, FieldName)> = BTreeSet::new();
        for item in &select.group_by {
            match item {
                GroupingItem::Expression(expression) => {
                    if let Some((source, field, _)) = self.field(expression) {
                        grouped.insert((source, field));
                    }
                }
                // Sets of several groupings each need the key; leave them to the asker.
                GroupingItem::Empty
                | GroupingItem::Rollup(_)
                | GroupingItem::Cube(_)
                | GroupingItem::Sets(_) => return,
            }
        }
        if grouped.is_empty() {
            return;
        }
        let mut found: Vec<(usize, FieldName, String)> = Vec::new();
        let outputs = select
            .targets
            .iter()
            .map(|target| &target.value)
            .chain(select.having.iter())
            .chain(order_by.iter().map(|sort| &sort.value));
        for expression in outputs {
            self.outside_aggregates(expression, &mut found);
        }
        for (source, field, qualifier) in found {
            if grouped.contains(&(source, field.clone())) || !self.has_key(source, &grouped) {
                continue;
            }
            let Some(name) = self.groupable(source, &field) else {
                continue;
            };
            grouped.insert((source, field));
            select
                .group_by
                .push(GroupingItem::Expression(Expression::Column(ColumnPath {
                    id: NodeId::default(),
                    parts: vec![qualifier, name],
                    star: false,
                })));
        }
    }

    fn field(&self, expression: &Expression) -> Option<(usize, FieldName, String)> {
        let Expression::Column(path) = expression else {
            return None;
        };
        match self.resolution.references.get(&path.id.0)? {
            Reference::Field {
                source,
                field,
                qualifier: Some(qualifier),
                levels_up: 0,
            } if self.resolution.uses.get(*source)?.alias == *qualifier => {
                Some((*source, field.clone(), qualifier.clone()))
            }
            Reference::Field { .. } | Reference::Other => None,
        }
    }

    fn outside_aggregates(
        &self,
        expression: &Expression,
        found: &mut Vec<(usize, FieldName, String)>,
    ) {
        if let Expression::Call(call) = expression
            && call.over.is_none()
            && builtin::function(&call.name.name)
                .is_some_and(|known| known.class == FunctionClass::Aggregate)
        {
            return;
        }
        if let Expression::Column(path) = expression {
            if path.star {
                self.of_star(path, found);
            } else {
                found.extend(self.field(expression));
            }
        }
        look::children(expression, &mut |child| {
            if let look::Child::Expression(inner) = child {
                self.outside_aggregates(inner, found);
            }
        });
    }

    fn of_star(&self, path: &ColumnPath, found: &mut Vec<(usize, FieldName, String)>) {
        let Some(list) = self.resolution.stars.get(&path.id.0) else {
            return;
        };
        for (qualifier, name) in list {
            let Some(qualifier) = qualifier else { continue };
            let source = self
                .resolution
                .uses
                .iter()
                .position(|used| used.alias == *qualifier);
            if let (Some(source), Ok(field)) = (source, FieldName::new(name)) {
                found.push((source, field, qualifier.clone()));
            }
        }
    }

    /// Whether a unique key of the row that holds no NULL is grouped by, and shown one to one.
    fn has_key(&self, source: usize, grouped: &BTreeSet<(usize, FieldName)>) -> bool {
        let Some(plan) = self.plans.of(source) else {
            return false;
        };
        plan.relation.unique.iter().any(|key| {
            key.iter().all(|number| {
                plan.relation.column(*number).is_some_and(|column| {
                    column.not_null
                        && plan.columns.iter().any(|planned| {
                            planned.column.number == *number
                                && is_one_to_one(plan, planned.field)
                                && grouped.contains(&(source, planned.field.clone()))
                        })
                })
            })
        })
    }

    /// The column's name, if values of its type can be grouped.
    fn groupable(&self, source: usize, field: &FieldName) -> Option<String> {
        let planned = self.plans.of(source)?.column(field)?;
        let kind = kind_of(self.context.schema, planned.column.type_oid);
        (kind != Some(Kind::Json)).then(|| planned.column.name.clone())
    }
}

fn is_one_to_one(plan: &Plan<'_>, field: &FieldName) -> bool {
    plan.column(field)
        .is_some_and(|planned| match &planned.shown {
            Shown::Clear => true,
            Shown::Masked(mask) => mask.domain().is_some(),
            Shown::Conditional(_, _) => false,
        })
}
