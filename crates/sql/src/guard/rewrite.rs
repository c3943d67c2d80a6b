//! The statement with its governed relations replaced, and what that makes of its conditions.

use std::collections::BTreeSet;

use model::{FieldName, Mask};

use super::Guard;
use super::mask::is_same_for_all;
use super::parameter::{KeyKind, Parameter};
use super::plan::{Plan, Shown};
use super::relation::{ROW, Recipe, Split, is_raw, raw_name};
use super::total::{conjuncts, each, is_constant};
use crate::kind::{Kind, kind_of};
use crate::resolve::Reference;
use crate::tree::{
    Alias, Body, ColumnPath, Constant, Expression, FromItem, InsertSource, JoinKind, JoinOn,
    ListTest, NodeId, Quantifier, Query, RelationItem, Select, Statement, SubqueryItem, Target,
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
    /// Conditions that compare pseudonyms of one domain compare raw values instead, in every query.
    pub(super) fn compare_raw(&mut self, statement: &mut Statement) {
        match statement {
            Statement::Query(query) => self.raw_in_query(query),
            Statement::Declare(declare) => self.raw_in_query(&mut declare.query),
            Statement::CopyOut(copy) => self.raw_in_query(&mut copy.query),
            Statement::Explain(explain) => self.compare_raw(&mut explain.statement),
            Statement::Prepare(prepare) => self.compare_raw(&mut prepare.statement),
            // A write reads only what is clear.
            Statement::Insert(_)
            | Statement::Update(_)
            | Statement::Delete(_)
            | Statement::Execute(_)
            | Statement::Deallocate(_)
            | Statement::Fetch(_)
            | Statement::Close(_)
            | Statement::Set(_)
            | Statement::Show(_)
            | Statement::Transaction(_)
            | Statement::Discard(_) => {}
        }
    }

    fn raw_in_query(&mut self, query: &mut Query) {
        for table in query.with.iter_mut().flat_map(|with| &mut with.tables) {
            self.compare_raw(&mut table.statement);
        }
        match &mut query.body {
            Body::Select(select) => {
                if let Some(filter) = &mut select.filter {
                    self.raw_in_condition(filter);
                }
                for item in &mut select.from {
                    self.raw_in_from(item);
                }
                let rest = |guard: &mut Self, expression: &mut Expression| {
                    guard.raw_below(expression);
                };
                for Target { value, .. } in &mut select.targets {
                    rest(self, value);
                }
                if let Some(having) = &mut select.having {
                    rest(self, having);
                }
            }
            Body::Values(rows) => {
                for value in rows.iter_mut().flatten() {
                    self.raw_below(value);
                }
            }
            Body::SetOperation { left, right, .. } => {
                self.raw_in_query(left);
                self.raw_in_query(right);
            }
        }
    }

    fn raw_in_from(&mut self, item: &mut FromItem) {
        match item {
            FromItem::Relation(_) | FromItem::Function(_) => {}
            FromItem::Subquery(item) => self.raw_in_query(&mut item.query),
            FromItem::Join(join) => {
                self.raw_in_from(&mut join.left);
                self.raw_in_from(&mut join.right);
                self.raw_using(join);
                if let JoinOn::Condition(condition) = &mut join.on {
                    self.raw_in_condition(condition);
                }
            }
        }
    }

    /// `USING (key)` over pseudonyms of one domain, written as a condition that compares raw values.
    /// Merged columns are written as those of one side already, where that is the same.
    fn raw_using(&mut self, join: &mut crate::tree::Join) {
        let JoinOn::Using(_, None) = &join.on else {
            return;
        };
        if join.kind == JoinKind::Full || join.alias.is_some() {
            return;
        }
        let Some(pairs) = self.resolution.merged.get(&join.id.0) else {
            return;
        };
        let mut any = false;
        let mut parts = Vec::new();
        for pair in pairs {
            let [Some(left), Some(right)] = pair else {
                return;
            };
            match (self.raw_side(left), self.raw_side(right)) {
                (Some(a), Some(b)) if a.domain == b.domain && a.kind == b.kind => {
                    any = true;
                    parts.push((self.raw(a), self.raw(b)));
                }
                _ => {
                    let plain = |side: &crate::resolve::Side| {
                        super::write::column(&side.qualifier, &side.name)
                    };
                    parts.push((plain(left), plain(right)));
                }
            }
        }
        if any {
            let equal = parts
                .into_iter()
                .map(|(left, right)| super::write::operator("=", left, right))
                .collect();
            join.on = JoinOn::Condition(super::write::and(equal));
        }
    }

    fn raw_side(&self, side: &crate::resolve::Side) -> Option<RawField> {
        let used = self.resolution.uses.get(side.source)?;
        let planned = self.plans.of(side.source)?.column(&side.field)?;
        let Shown::Masked(Mask::Pseudonym(domain)) = &planned.shown else {
            return None;
        };
        let is_reachable = used.by_name_only
            && side.qualifier == used.alias
            && planned.bound.domain.as_ref() == Some(domain)
            && planned.column.collation.is_none();
        is_reachable.then(|| RawField {
            source: side.source,
            field: side.field.clone(),
            alias: used.alias.clone(),
            domain: domain.clone(),
            kind: kind_of(self.context.schema, planned.column.type_oid)
                .filter(|kind| kind.has_pseudonym()),
            id: NodeId::default(),
        })
    }

    /// Queries under an expression that is no condition: what they compare of outer rows may be
    /// grouped there, so outer rows stay pseudonymised.
    fn raw_below(&mut self, expression: &mut Expression) {
        self.outer_fixed += 1;
        walk::children(expression, &mut |child| match child {
            Child::Expression(inner) => self.raw_below(inner),
            Child::Query(inner) => self.raw_in_query(inner),
        });
        self.outer_fixed -= 1;
    }

    fn raw_in_condition(&mut self, condition: &mut Expression) {
        walk::children(condition, &mut |child| match child {
            Child::Expression(inner) => self.raw_in_condition(inner),
            Child::Query(inner) => self.raw_in_query(inner),
        });
        match condition {
            Expression::Operator {
                name,
                left: Some(left),
                right,
            } if matches!(name.name.as_str(), "=" | "<>") => {
                self.raw_pair(left, right);
            }
            Expression::Binary(
                crate::tree::BinaryTest::Distinct | crate::tree::BinaryTest::NotDistinct,
                left,
                right,
            ) => self.raw_pair(left, right),
            Expression::List(ListTest::In | ListTest::NotIn, value, list) => {
                self.raw_list(value, list);
            }
            Expression::OperatorArray {
                name,
                quantifier: Quantifier::Any,
                left,
                right,
            } if name.name == "=" => self.raw_array(left, right),
            _ => {}
        }
    }

    /// The pseudonymised field that an expression is.
    fn pseudonymised(&self, expression: &Expression) -> Option<RawField> {
        let Expression::Column(path) = expression else {
            return None;
        };
        let Some(Reference::Field {
            source,
            field,
            qualifier: Some(qualifier),
            levels_up,
        }) = self.resolution.references.get(&path.id.0)
        else {
            return None;
        };
        let used = self.resolution.uses.get(*source)?;
        let planned = self.plans.of(*source)?.column(field)?;
        let Shown::Masked(Mask::Pseudonym(domain)) = &planned.shown else {
            return None;
        };
        let is_reachable = used.by_name_only
            && *qualifier == used.alias
            && planned.bound.domain.as_ref() == Some(domain)
            // Under another collation, equal texts need not be equal bytes.
            && planned.column.collation.is_none()
            && (*levels_up == 0 || self.outer_fixed == 0);
        is_reachable.then(|| RawField {
            source: *source,
            field: field.clone(),
            alias: used.alias.clone(),
            domain: domain.clone(),
            kind: kind_of(self.context.schema, planned.column.type_oid)
                .filter(|kind| kind.has_pseudonym()),
            id: path.id,
        })
    }

    fn raw_pair(&mut self, left: &mut Expression, right: &mut Expression) {
        match (self.pseudonymised(left), self.pseudonymised(right)) {
            (Some(a), Some(b)) if a.domain == b.domain => {
                *left = self.raw(a);
                *right = self.raw(b);
            }
            (Some(field), None) => {
                if let Some(value) = self.taken_back(&field, right) {
                    *right = value;
                    *left = self.raw(field);
                }
            }
            (None, Some(field)) => {
                if let Some(value) = self.taken_back(&field, left) {
                    *left = value;
                    *right = self.raw(field);
                }
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
    }

    fn raw_list(&mut self, value: &mut Expression, list: &mut [Expression]) {
        let Some(field) = self.pseudonymised(value) else {
            return;
        };
        let taken: Option<Vec<Expression>> = list
            .iter()
            .map(|one| self.taken_back(&field, one))
            .collect();
        if let Some(taken) = taken {
            for (place, new) in list.iter_mut().zip(taken) {
                *place = new;
            }
            *value = self.raw(field);
        }
    }

    /// `key = ANY ($1)`, where the client declared an array of the key's type.
    fn raw_array(&mut self, left: &mut Expression, right: &mut Expression) {
        let Some(field) = self.pseudonymised(left) else {
            return;
        };
        let number = match &*right {
            Expression::Parameter(number) => *number,
            Expression::Cast(inner, _) => match &**inner {
                Expression::Parameter(number) => *number,
                _ => return,
            },
            _ => return,
        };
        let Some(kind) = field
            .kind
            .filter(|kind| kind.is_invertible())
            .and_then(KeyKind::of)
        else {
            return;
        };
        let parameter = Parameter::Raw {
            number,
            domain: field.domain.clone(),
            kind,
            is_array: true,
        };
        *right = self.parameters.typed(parameter, kind.array_name());
        *left = self.raw(field);
    }

    /// A constant or parameter, taken back from its pseudonym when the statement is bound.
    fn taken_back(&mut self, field: &RawField, value: &Expression) -> Option<Expression> {
        let kind = KeyKind::of(field.kind.filter(|kind| kind.is_invertible())?)?;
        let domain = field.domain.clone();
        let parameter = match value {
            Expression::Parameter(number) => Parameter::Raw {
                number: *number,
                domain,
                kind,
                is_array: false,
            },
            Expression::Cast(inner, type_name)
                if type_name.name.name == kind.name() && type_name.dimensions.is_empty() =>
            {
                match &**inner {
                    Expression::Parameter(number) => Parameter::Raw {
                        number: *number,
                        domain,
                        kind,
                        is_array: false,
                    },
                    other => Parameter::RawConstant {
                        text: key_text(other, kind)?,
                        domain,
                        kind,
                    },
                }
            }
            other => Parameter::RawConstant {
                text: key_text(other, kind)?,
                domain,
                kind,
            },
        };
        Some(self.parameters.typed(parameter, kind.name()))
    }

    /// The raw value beside the pseudonym.
    fn raw(&mut self, field: RawField) -> Expression {
        self.raw_used.insert((field.source, field.field.clone()));
        Expression::Column(ColumnPath {
            id: field.id,
            parts: vec![field.alias, raw_name(&field.field)],
            star: false,
        })
    }

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
            conditions: select.filter.iter().flat_map(conjuncts).cloned().collect(),
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
                    JoinOn::Condition(condition) => {
                        conjuncts(condition).into_iter().cloned().collect()
                    }
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
        let filters = plan.rows != super::condition::Condition::True;
        let fits: Vec<&Expression> = reach
            .conditions
            .iter()
            .filter(|condition| self.judge().judge(condition).is_some())
            .collect();
        let split = self.split(source, plan, &fits, reach);
        let fenced = (filters || split.is_some()) && !self.all_total;
        let pushed: Vec<Expression> = if fenced || split.is_some() {
            fits.iter()
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
        let writer = super::condition::Writer {
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

    /// A condition as it runs within a guarded relation: over raw columns that the person sees
    /// clear, and constants. With `also`, over these conditionally clear columns too.
    fn within(
        &self,
        condition: &Expression,
        source: usize,
        plan: &Plan,
        also: Option<&super::condition::Condition>,
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
    fn to_row(&self, expression: &mut Expression, plan: &Plan) {
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
    fn split(
        &self,
        source: usize,
        plan: &Plan,
        conditions: &[&Expression],
        reach: &Reach,
    ) -> Option<Split> {
        if !reach.may_split {
            return None;
        }
        let used = self.resolution.uses.get(source)?;
        let clear =
            plan.columns
                .iter()
                .find_map(|planned| match &planned.shown {
                    Shown::Conditional(
                        condition @ super::condition::Condition::Residency(_),
                        mask,
                    ) if is_same_for_all(mask) => Some(condition),
                    Shown::Conditional(_, _) | Shown::Clear | Shown::Masked(_) => None,
                })?;
        if !self.residency_is_seen(used) {
            return None;
        }
        let pushed_clear: Vec<Expression> = conditions
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

/// Conditions that may move into a relation, and whether it may be read in two parts.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    conditions: Vec<Expression>,
    may_split: bool,
}

impl Reach {
    const fn none() -> Self {
        Self::of(Vec::new())
    }

    const fn of(conditions: Vec<Expression>) -> Self {
        Self {
            conditions,
            may_split: false,
        }
    }

    fn with(&self, more: &[Expression]) -> Self {
        let mut conditions = self.conditions.clone();
        conditions.extend_from_slice(more);
        Self::of(conditions)
    }

    fn alone(&self) -> Self {
        Self::of(self.conditions.clone())
    }
}

/// A pseudonymised field that a condition compares.
struct RawField {
    source: usize,
    field: FieldName,
    alias: String,
    domain: model::DomainId,
    kind: Option<Kind>,
    id: NodeId,
}

/// A constant that could be a key of this type, as text.
fn key_text(value: &Expression, kind: KeyKind) -> Option<String> {
    let text = match value {
        Expression::Constant(Constant::Integer(number)) => number.to_string(),
        Expression::Constant(Constant::Number(digits) | Constant::Text(digits)) => digits.clone(),
        // `-5` is the operator on 5.
        Expression::Operator {
            name,
            left: None,
            right,
        } if name.name == "-" => format!("-{}", key_text(right, kind)?),
        _ => return None,
    };
    let text = text.trim().to_owned();
    let is_key = match kind {
        KeyKind::Int2 => text.parse::<i16>().is_ok(),
        KeyKind::Int4 => text.parse::<i32>().is_ok(),
        KeyKind::Int8 => text.parse::<i64>().is_ok(),
        KeyKind::Uuid => {
            let digits: Vec<char> = text.chars().filter(|c| *c != '-').collect();
            digits.len() == 32 && digits.iter().all(char::is_ascii_hexdigit)
        }
        KeyKind::Text => false,
    };
    debug_assert!(is_constant(value));
    is_key.then_some(text)
}
