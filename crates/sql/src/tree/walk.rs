//! Walking over a tree: what hangs directly under a node, and everything under it.

use super::{
    Body, CommonTable, ConflictAction, Distinct, Expression, Frame, FrameBound, FromItem,
    GroupingItem, InsertSource, JoinOn, NodeId, Over, Query, Select, Sort, Statement, Step,
    Sublink, SublinkKind, Target, WindowSpec, With,
};

/// What a walk does at each kind of node, before it goes on below it.
pub trait Visit {
    /// At an expression.
    fn expression(&mut self, _: &mut Expression) {}
    /// At an item of `FROM`.
    #[allow(clippy::wrong_self_convention, reason = "FROM is a word of SQL")]
    fn from_item(&mut self, _: &mut FromItem) {}
    /// At a common table.
    fn common_table(&mut self, _: &mut CommonTable) {}
    /// At the number of a node.
    fn id(&mut self, _: &mut NodeId) {}
}

/// What hangs directly under an expression.
pub enum Child<'a> {
    /// An expression of the same level of query.
    Expression(&'a mut Expression),
    /// A query of a level of its own.
    Query(&'a mut Query),
}

/// Calls `f` with everything directly under an expression, in the order of the text.
pub fn children(expression: &mut Expression, f: &mut dyn FnMut(Child<'_>)) {
    match expression {
        Expression::Column(_)
        | Expression::Constant(_)
        | Expression::Parameter(_)
        | Expression::Session(_)
        | Expression::Default => {}
        Expression::Cast(inner, _)
        | Expression::Collate(inner, _)
        | Expression::IsNull(inner, _)
        | Expression::IsTruth(inner, _) => f(Child::Expression(inner)),
        Expression::Call(call) => {
            for argument in &mut call.arguments {
                f(Child::Expression(&mut argument.value));
            }
            sorts(&mut call.order_by, f);
            if let Some(filter) = &mut call.filter {
                f(Child::Expression(filter));
            }
            if let Some(Over::Spec(spec)) = &mut call.over {
                window(spec, f);
            }
        }
        Expression::Operator { left, right, .. } => {
            if let Some(left) = left {
                f(Child::Expression(left));
            }
            f(Child::Expression(right));
        }
        Expression::OperatorArray { left, right, .. } | Expression::Binary(_, left, right) => {
            f(Child::Expression(left));
            f(Child::Expression(right));
        }
        Expression::List(_, value, list) => {
            f(Child::Expression(value));
            all(list, f);
        }
        Expression::Boolean(_, list)
        | Expression::Coalesce(list)
        | Expression::MinMax(_, list)
        | Expression::Row(list, _)
        | Expression::Array(list)
        | Expression::Grouping(list) => all(list, f),
        Expression::Case {
            subject,
            arms,
            otherwise,
        } => {
            if let Some(subject) = subject {
                f(Child::Expression(subject));
            }
            for arm in arms {
                f(Child::Expression(&mut arm.condition));
                f(Child::Expression(&mut arm.result));
            }
            if let Some(otherwise) = otherwise {
                f(Child::Expression(otherwise));
            }
        }
        Expression::Sublink(sublink) => {
            let Sublink { kind, query } = &mut **sublink;
            match kind {
                SublinkKind::In(left) | SublinkKind::Compare { left, .. } => {
                    f(Child::Expression(left));
                }
                SublinkKind::Exists | SublinkKind::Scalar | SublinkKind::Array => {}
            }
            f(Child::Query(query));
        }
        Expression::Steps(inner, steps) => {
            f(Child::Expression(inner));
            for step in steps {
                match step {
                    Step::Field(_) | Step::Star => {}
                    Step::Index(index) => f(Child::Expression(index)),
                    Step::Slice(from, to) => {
                        for bound in [from, to].into_iter().flatten() {
                            f(Child::Expression(bound));
                        }
                    }
                }
            }
        }
    }
}

fn all(list: &mut [Expression], f: &mut dyn FnMut(Child<'_>)) {
    for one in list {
        f(Child::Expression(one));
    }
}

fn sorts(list: &mut [Sort], f: &mut dyn FnMut(Child<'_>)) {
    for one in list {
        f(Child::Expression(&mut one.value));
    }
}

/// Calls `f` with the expressions of a window.
pub fn window(spec: &mut WindowSpec, f: &mut dyn FnMut(Child<'_>)) {
    all(&mut spec.partition_by, f);
    sorts(&mut spec.order_by, f);
    if let Some(Frame { start, end, .. }) = &mut spec.frame {
        for bound in [start, end] {
            match bound {
                FrameBound::Preceding(offset) | FrameBound::Following(offset) => {
                    f(Child::Expression(offset));
                }
                FrameBound::UnboundedPreceding
                | FrameBound::CurrentRow
                | FrameBound::UnboundedFollowing => {}
            }
        }
    }
}

/// Calls `f` with the expressions of an item of `GROUP BY`.
pub fn grouping(item: &mut GroupingItem, f: &mut dyn FnMut(&mut Expression)) {
    match item {
        GroupingItem::Expression(expression) => f(expression),
        GroupingItem::Empty => {}
        GroupingItem::Rollup(items) | GroupingItem::Cube(items) | GroupingItem::Sets(items) => {
            for item in items {
                grouping(item, f);
            }
        }
    }
}

/// Walks over an expression and everything under it.
pub fn expression(node: &mut Expression, visit: &mut dyn Visit) {
    visit.expression(node);
    if let Expression::Column(path) = node {
        visit.id(&mut path.id);
    }
    if let Expression::Call(call) = node {
        visit.id(&mut call.id);
    }
    children(node, &mut |child| match child {
        Child::Expression(inner) => expression(inner, visit),
        Child::Query(inner) => query(inner, visit),
    });
}

/// Walks over a query and everything under it.
pub fn query(node: &mut Query, visit: &mut dyn Visit) {
    if let Some(with) = &mut node.with {
        self::with(with, visit);
    }
    match &mut node.body {
        Body::Select(select) => self::select(select, visit),
        Body::Values(rows) => rows
            .iter_mut()
            .flatten()
            .for_each(|value| expression(value, visit)),
        Body::SetOperation { left, right, .. } => {
            query(left, visit);
            query(right, visit);
        }
    }
    for sort in &mut node.order_by {
        expression(&mut sort.value, visit);
    }
    if let Some(limit) = &mut node.limit {
        expression(&mut limit.count, visit);
    }
    if let Some(offset) = &mut node.offset {
        expression(offset, visit);
    }
}

fn with(with: &mut With, visit: &mut dyn Visit) {
    for table in &mut with.tables {
        visit.common_table(table);
        visit.id(&mut table.id);
        self::statement(&mut table.statement, visit);
    }
}

fn targets(targets: &mut [Target], visit: &mut dyn Visit) {
    for target in targets {
        expression(&mut target.value, visit);
    }
}

fn select(select: &mut Select, visit: &mut dyn Visit) {
    if let Distinct::On(list) = &mut select.distinct {
        list.iter_mut().for_each(|one| expression(one, visit));
    }
    targets(&mut select.targets, visit);
    for item in &mut select.from {
        from_item(item, visit);
    }
    for one in [&mut select.filter, &mut select.having]
        .into_iter()
        .flatten()
    {
        expression(one, visit);
    }
    for item in &mut select.group_by {
        grouping(item, &mut |one| expression(one, visit));
    }
    for (_, spec) in &mut select.windows {
        window(spec, &mut |child| match child {
            Child::Expression(inner) => expression(inner, visit),
            Child::Query(inner) => query(inner, visit),
        });
    }
}

/// Walks over an item of `FROM` and everything under it.
pub fn from_item(node: &mut FromItem, visit: &mut dyn Visit) {
    visit.from_item(node);
    match node {
        FromItem::Relation(item) => visit.id(&mut item.id),
        FromItem::Subquery(item) => {
            visit.id(&mut item.id);
            query(&mut item.query, visit);
        }
        FromItem::Function(item) => {
            visit.id(&mut item.id);
            for (call, _) in &mut item.functions {
                expression(call, visit);
            }
        }
        FromItem::Join(join) => {
            visit.id(&mut join.id);
            from_item(&mut join.left, visit);
            from_item(&mut join.right, visit);
            if let JoinOn::Condition(condition) = &mut join.on {
                expression(condition, visit);
            }
        }
    }
}

/// Walks over a statement and everything under it.
pub fn statement(node: &mut Statement, visit: &mut dyn Visit) {
    match node {
        Statement::Query(inner) => query(inner, visit),
        Statement::Insert(insert) => {
            visit.id(&mut insert.id);
            if let Some(with) = &mut insert.with {
                self::with(with, visit);
            }
            if let InsertSource::Query(inner) = &mut insert.source {
                query(inner, visit);
            }
            if let Some(conflict) = &mut insert.on_conflict
                && let ConflictAction::Update(assignments, filter) = &mut conflict.action
            {
                for assignment in assignments {
                    expression(&mut assignment.value, visit);
                }
                if let Some(filter) = filter {
                    expression(filter, visit);
                }
            }
            targets(&mut insert.returning, visit);
        }
        Statement::Update(update) => {
            visit.id(&mut update.id);
            if let Some(with) = &mut update.with {
                self::with(with, visit);
            }
            for assignment in &mut update.assignments {
                expression(&mut assignment.value, visit);
            }
            update
                .from
                .iter_mut()
                .for_each(|item| from_item(item, visit));
            if let Some(filter) = &mut update.filter {
                expression(filter, visit);
            }
            targets(&mut update.returning, visit);
        }
        Statement::Delete(delete) => {
            visit.id(&mut delete.id);
            if let Some(with) = &mut delete.with {
                self::with(with, visit);
            }
            delete
                .using
                .iter_mut()
                .for_each(|item| from_item(item, visit));
            if let Some(filter) = &mut delete.filter {
                expression(filter, visit);
            }
            targets(&mut delete.returning, visit);
        }
        Statement::Prepare(prepare) => statement(&mut prepare.statement, visit),
        Statement::Execute(execute) => execute
            .arguments
            .iter_mut()
            .for_each(|one| expression(one, visit)),
        Statement::Declare(declare) => query(&mut declare.query, visit),
        Statement::CopyOut(copy) => query(&mut copy.query, visit),
        Statement::Explain(explain) => statement(&mut explain.statement, visit),
        Statement::Deallocate(_)
        | Statement::Fetch(_)
        | Statement::Close(_)
        | Statement::Set(_)
        | Statement::Show(_)
        | Statement::Transaction(_)
        | Statement::Discard(_) => {}
    }
}
