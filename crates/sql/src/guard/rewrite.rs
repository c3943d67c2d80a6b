//! The statement with its governed relations replaced.

use std::collections::BTreeSet;
use std::rc::Rc;

use model::FieldName;

use super::Guard;
use super::condition::{Condition, Writer};
use super::push::Reach;
use super::relation::Recipe;
use super::total::conjuncts;
use crate::tree::{
    Alias, Body, ColumnPath, Expression, FromItem, InsertSource, JoinKind, JoinOn, NodeId, Query,
    RelationItem, Select, Statement, SubqueryItem, Target,
    walk::{self, Child},
};

/// How a reference was guarded, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The name by which the statement speaks of the relation.
    pub alias: String,
    /// Its form.
    pub form: Form,
    /// How many of the statement's conditions run within it.
    pub pushed: usize,
    /// Why this form.
    pub why: &'static str,
}

/// Forms of guarded relations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The planner may mix its conditions with the statement's.
    Inline,
    /// Nothing of the statement runs before its filter has.
    Fence,
    /// Clear and masked rows are read apart.
    Union,
}

impl Guard<'_> {
    /// Replaces the relations of a statement and all queries in it.
    pub(super) fn replace(&mut self, statement: &mut Statement) -> Option<()> {
        match statement {
            Statement::Query(query) => self.replace_in_query(query),
            Statement::Declare(declare) => self.replace_in_query(&mut declare.query),
            Statement::CopyOut(copy) => self.replace_in_query(&mut copy.query),
            Statement::Explain(explain) => self.replace(&mut explain.statement),
            Statement::Prepare(prepare) => self.replace(&mut prepare.statement),
            Statement::Insert(insert) => {
                self.replace_in_tables(insert.with.as_mut())?;
                if let InsertSource::Query(query) = &mut insert.source {
                    self.replace_in_query(query)?;
                }
                self.replace_in_targets(&mut insert.returning)?;
                let conflict = insert
                    .on_conflict
                    .as_mut()
                    .map(|conflict| &mut conflict.action);
                if let Some(crate::tree::ConflictAction::Update(assignments, filter)) = conflict {
                    for assignment in assignments {
                        self.replace_below(&mut assignment.value)?;
                    }
                    if let Some(filter) = filter {
                        self.replace_below(filter)?;
                    }
                }
                Some(())
            }
            Statement::Update(update) => {
                self.replace_in_tables(update.with.as_mut())?;
                for assignment in &mut update.assignments {
                    self.replace_below(&mut assignment.value)?;
                }
                for item in &mut update.from {
                    self.replace_in_from(item, &Reach::none())?;
                }
                if let Some(filter) = &mut update.filter {
                    self.replace_below(filter)?;
                }
                self.replace_in_targets(&mut update.returning)
            }
            Statement::Delete(delete) => {
                self.replace_in_tables(delete.with.as_mut())?;
                for item in &mut delete.using {
                    self.replace_in_from(item, &Reach::none())?;
                }
                if let Some(filter) = &mut delete.filter {
                    self.replace_below(filter)?;
                }
                self.replace_in_targets(&mut delete.returning)
            }
            Statement::Execute(_)
            | Statement::Deallocate(_)
            | Statement::Fetch(_)
            | Statement::Close(_)
            | Statement::Set(_)
            | Statement::Show(_)
            | Statement::Transaction(_)
            | Statement::Discard(_) => Some(()),
        }
    }

    fn replace_in_tables(&mut self, with: Option<&mut crate::tree::With>) -> Option<()> {
        for table in with.into_iter().flat_map(|with| &mut with.tables) {
            self.replace(&mut table.statement)?;
        }
        Some(())
    }

    fn replace_in_query(&mut self, query: &mut Query) -> Option<()> {
        self.replace_in_tables(query.with.as_mut())?;
        let is_limited = query.limit.is_some();
        match &mut query.body {
            Body::Select(select) => {
                self.group_dependents(select, &query.order_by);
                self.replace_in_select(select, is_limited)?;
            }
            Body::Values(rows) => {
                for value in rows.iter_mut().flatten() {
                    self.replace_below(value)?;
                }
            }
            Body::SetOperation { left, right, .. } => {
                self.replace_in_query(left)?;
                self.replace_in_query(right)?;
            }
        }
        for sort in &mut query.order_by {
            self.replace_below(&mut sort.value)?;
        }
        if let Some(limit) = &mut query.limit {
            self.replace_below(&mut limit.count)?;
        }
        if let Some(offset) = &mut query.offset {
            self.replace_below(offset)?;
        }
        Some(())
    }

    fn replace_in_select(&mut self, select: &mut Select, is_limited: bool) -> Option<()> {
        let reach = Reach {
            conditions: self.movable(select.filter.as_ref()),
            may_split: select.from.len() == 1
                && !is_limited
                && matches!(select.from.first(), Some(FromItem::Relation(_))),
        };
        for item in &mut select.from {
            self.replace_in_from(item, &reach)?;
        }
        self.replace_in_targets(&mut select.targets)?;
        let mut rest: Vec<&mut Expression> = Vec::new();
        rest.extend(&mut select.filter);
        rest.extend(&mut select.having);
        if let crate::tree::Distinct::On(list) = &mut select.distinct {
            rest.extend(list);
        }
        for expression in rest {
            self.replace_below(expression)?;
        }
        let mut all = Some(());
        for item in &mut select.group_by {
            walk::grouping(item, &mut |one| {
                if all.is_some() {
                    all = self.replace_below(one);
                }
            });
        }
        for (_, spec) in &mut select.windows {
            walk::window(spec, &mut |child| {
                if all.is_some() {
                    all = match child {
                        Child::Expression(inner) => self.replace_below(inner),
                        Child::Query(inner) => self.replace_in_query(inner),
                    };
                }
            });
        }
        all
    }

    /// The parts of a condition that are total, so that they may run within guarded relations; none
    /// where no relation would take one in.
    fn movable(&self, condition: Option<&Expression>) -> Vec<Rc<Expression>> {
        condition
            .filter(|_| self.moves)
            .into_iter()
            .flat_map(conjuncts)
            .filter(|part| self.judge().judge(part).is_some())
            .map(|part| Rc::new(part.clone()))
            .collect()
    }

    /// Replaces within targets and writes stars out.
    fn replace_in_targets(&mut self, targets: &mut Vec<Target>) -> Option<()> {
        let mut written = Vec::with_capacity(targets.len());
        for mut target in targets.drain(..) {
            if let Expression::Column(path) = &target.value
                && path.star
                && let Some(list) = self.resolution.stars.get(&path.id.0)
            {
                for (qualifier, name) in list {
                    let mut parts: Vec<String> = qualifier.iter().cloned().collect();
                    parts.push(name.clone());
                    written.push(Target {
                        value: Expression::Column(ColumnPath {
                            id: NodeId::default(),
                            parts,
                            star: false,
                        }),
                        name: None,
                    });
                }
                continue;
            }
            self.replace_below(&mut target.value)?;
            written.push(target);
        }
        *targets = written;
        Some(())
    }

    /// Replaces in the queries under an expression.
    fn replace_below(&mut self, expression: &mut Expression) -> Option<()> {
        self.star_in_row(expression);
        let mut all = Some(());
        walk::children(expression, &mut |child| {
            if all.is_some() {
                all = match child {
                    Child::Expression(inner) => self.replace_below(inner),
                    Child::Query(inner) => self.replace_in_query(inner),
                };
            }
        });
        all
    }

    /// `ROW(t.*)`: written out like a star among targets.
    fn star_in_row(&self, expression: &mut Expression) {
        let Expression::Row(list, _) = expression else {
            return;
        };
        let mut written = Vec::with_capacity(list.len());
        for one in list.drain(..) {
            if let Expression::Column(path) = &one
                && path.star
                && let Some(columns) = self.resolution.stars.get(&path.id.0)
            {
                for (qualifier, name) in columns {
                    let mut parts: Vec<String> = qualifier.iter().cloned().collect();
                    parts.push(name.clone());
                    written.push(Expression::Column(ColumnPath {
                        id: NodeId::default(),
                        parts,
                        star: false,
                    }));
                }
                continue;
            }
            written.push(one);
        }
        *list = written;
    }

    fn replace_in_from(&mut self, item: &mut FromItem, reach: &Reach) -> Option<()> {
        match item {
            FromItem::Relation(relation) => {
                if let Some(source) = self.source_of(relation) {
                    *item = self.guarded_item(relation.clone(), source, reach)?;
                }
                Some(())
            }
            FromItem::Subquery(item) => self.replace_in_query(&mut item.query),
            FromItem::Function(item) => {
                for (call, _) in &mut item.functions {
                    self.replace_below(call)?;
                }
                Some(())
            }
            FromItem::Join(join) => {
                let on = match &join.on {
                    JoinOn::Condition(condition) => self.movable(Some(condition)),
                    JoinOn::Nothing | JoinOn::Natural | JoinOn::Using(_, _) => Vec::new(),
                };
                // A condition moves into a side whose rows it alone can remove.
                let both = reach.with(&on);
                let (left, right) = match join.kind {
                    JoinKind::Inner => (both.clone(), both),
                    JoinKind::Left => (reach.alone(), Reach::of(on)),
                    JoinKind::Right => (Reach::of(on), reach.alone()),
                    JoinKind::Full => (Reach::none(), Reach::none()),
                };
                self.replace_in_from(&mut join.left, &left)?;
                self.replace_in_from(&mut join.right, &right)?;
                if let JoinOn::Condition(condition) = &mut join.on {
                    self.replace_below(condition)?;
                }
                Some(())
            }
        }
    }

    fn source_of(&self, relation: &RelationItem) -> Option<usize> {
        self.resolution
            .uses
            .iter()
            .position(|used| used.node == relation.id.0)
    }

    fn guarded_item(
        &mut self,
        item: RelationItem,
        source: usize,
        reach: &Reach,
    ) -> Option<FromItem> {
        let plans = self.plans.clone();
        let plan = plans.of(source)?;
        let raw: BTreeSet<FieldName> = self
            .raw_used
            .iter()
            .filter(|(of, _)| *of == source)
            .map(|(_, field)| field.clone())
            .collect();
        let filters = plan.rows != Condition::True;
        let split = self.split(source, plan, reach);
        let fenced = (filters || split.is_some()) && !self.all_total;
        let pushed: Vec<Expression> = if fenced || split.is_some() {
            let total = reach.conditions.iter();
            total
                .filter_map(|condition| self.within(condition, source, plan, None))
                .collect()
        } else {
            Vec::new()
        };
        let used = self.resolution.uses.get(source)?;
        self.shapes.push(Shape {
            alias: used.alias.clone(),
            form: match (&split, fenced) {
                (Some(_), _) => Form::Union,
                (None, true) => Form::Fence,
                (None, false) => Form::Inline,
            },
            pushed: pushed.len() + split.as_ref().map_or(0, |split| split.pushed_clear.len()),
            why: match (&split, fenced, filters) {
                (Some(_), _, _) => {
                    "a condition on a column that is clear in some rows keeps its index so"
                }
                (None, true, _) => {
                    "rows are left out, and the statement has an expression that could fail on them"
                }
                (None, false, true) => {
                    "rows are left out, and no expression of the statement can fail"
                }
                (None, false, false) => "all rows are seen",
            },
        });
        let context = self.context;
        let bound = context.binding.tables.get(&used.dataset)?;
        let subject_set_of = self.subject_set_of;
        let writer = Writer {
            whose: &bound.residency,
            spellings: &context.binding.spellings,
            subject_set_of,
        };
        let recipe = Recipe {
            plan,
            schema: context.schema,
            writer: &writer,
            only: item.only,
            fenced,
            pushed,
            raw,
            split,
            shown: self.needed.get(source).cloned().flatten(),
        };
        let query = recipe.build(&mut self.parameters)?;
        let alias = item.alias.unwrap_or(Alias {
            name: item.name.name,
            columns: Vec::new(),
        });
        Some(FromItem::Subquery(Box::new(SubqueryItem {
            id: item.id,
            lateral: false,
            query,
            alias: Some(alias),
        })))
    }
}
