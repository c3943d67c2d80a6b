//! Whether everything of a statement that could run on unseen rows is total.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is not total: the strict answer"
)]

use super::look::{each, each_query, is_aggregate};
use super::{Judge, Typed, total_operator};
use crate::kind::kind_of;
use crate::resolve::Side;
use crate::tree::{
    Body, Constant, Distinct, Expression, FromItem, GroupingItem, JoinOn, Over, Query, Select,
    Statement, Target, look,
};

impl Judge<'_> {
    /// Whether everything that could run on unseen rows is total: all conditions, and all targets of
    /// queries that other queries build on. Targets of the outermost query run when all filters have.
    pub(in crate::guard) fn statement(&self, statement: &Statement) -> bool {
        match statement {
            Statement::Query(query) => self.query(query, true),
            Statement::Declare(declare) => self.query(&declare.query, true),
            Statement::CopyOut(copy) => self.query(&copy.query, true),
            Statement::Explain(explain) => self.statement(&explain.statement),
            Statement::Prepare(prepare) => self.statement(&prepare.statement),
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
            | Statement::Discard(_) => false,
        }
    }

    fn query(&self, query: &Query, is_top: bool) -> bool {
        let with = query.with.iter().flat_map(|with| &with.tables).all(
            |table| matches!(&table.statement, Statement::Query(query) if self.query(query, false)),
        );
        // How many rows are wanted is found out before any is read.
        let counts = query
            .limit
            .iter()
            .map(|limit| &limit.count)
            .chain(&query.offset)
            .all(|value| self.inner_queries(value, is_top));
        with && counts
            && match &query.body {
                Body::Select(select) => self.select(select, query, is_top),
                Body::Values(rows) => rows.iter().flatten().all(|one| self.output(one, is_top)),
                Body::SetOperation { left, right, .. } => {
                    // Sorted by what comes out of both.
                    self.query(left, is_top) && self.query(right, is_top)
                }
            }
    }

    fn select(&self, select: &Select, query: &Query, is_top: bool) -> bool {
        let conditions = select.filter.iter().all(|filter| self.condition(filter));
        let having = select
            .having
            .iter()
            .all(|having| self.above(having) && self.inner_queries(having, false));
        // What is sorted or grouped by may be computed, and sorted, before relations are joined: also
        // before a join that tells whose a row is.
        let is_distinct = select.distinct == Distinct::Rows;
        let mut keys: Vec<&Expression> = query.order_by.iter().map(|sort| &sort.value).collect();
        if let Distinct::On(list) = &select.distinct {
            keys.extend(list);
        }
        for item in &select.group_by {
            if !keys_of(item, &mut keys) {
                return false;
            }
        }
        for (_, spec) in &select.windows {
            keys.extend(&spec.partition_by);
            keys.extend(spec.order_by.iter().map(|sort| &sort.value));
        }
        conditions
            && having
            && keys.into_iter().all(|key| self.key(key, &select.targets))
            && select.from.iter().all(|item| self.item(item))
            && select
                .targets
                .iter()
                .all(|Target { value, .. }| self.output(value, is_top && !is_distinct))
    }

    /// A sort or grouping key, which may be the number or the name of a target.
    fn key(&self, key: &Expression, targets: &[Target]) -> bool {
        let meant = match key {
            Expression::Constant(Constant::Integer(number)) => usize::try_from(*number)
                .ok()
                .and_then(|number| targets.get(number.checked_sub(1)?))
                .map(|target| &target.value),
            Expression::Column(path) => match path.parts.as_slice() {
                [name] => targets
                    .iter()
                    .find(|target| target.name.as_ref() == Some(name))
                    .map(|target| &target.value),
                _ => None,
            },
            _ => None,
        };
        [Some(key), meant].into_iter().flatten().all(|value| {
            matches!(value, Expression::Column(_))
                || (self.above(value) && self.inner_queries(value, false))
        })
    }

    /// A condition with the queries in it. Aggregates in it are those of a query around it, so they
    /// excuse nothing.
    fn condition(&self, condition: &Expression) -> bool {
        self.judge(condition).is_some() && self.inner_queries(condition, false)
    }

    /// A value that comes out of a query.
    fn output(&self, value: &Expression, is_top: bool) -> bool {
        let is_plain = matches!(value, Expression::Column(_));
        (is_top || is_plain || self.above(value))
            && self.windows_of(value)
            && self.inner_queries(value, is_top)
    }

    /// Whether a value is total, or stays above an aggregate: PostgreSQL takes conditions apart, and
    /// what has no aggregate in it moves below. So every part that is not total must have one.
    fn above(&self, value: &Expression) -> bool {
        if self.judge(value).is_some() || self.is_own_aggregate(value) {
            return true;
        }
        let mut has_own = false;
        each(value, &mut |inner| has_own |= self.is_own_aggregate(inner));
        let mut all = has_own;
        look::children(value, &mut |child| {
            if let look::Child::Expression(inner) = child {
                all &= self.above(inner);
            }
        });
        all
    }

    /// An aggregate or window function of this query, not of one around it.
    fn is_own_aggregate(&self, value: &Expression) -> bool {
        let mut is_own = is_aggregate(value);
        each(value, &mut |inner| {
            if let Expression::Column(path) = inner {
                is_own &= !self.resolution.outer.contains(&path.id.0);
            }
        });
        is_own
    }

    /// The keys of windows in a value.
    fn windows_of(&self, value: &Expression) -> bool {
        let mut all = true;
        each(value, &mut |inner| {
            if let Expression::Call(call) = inner
                && let Some(Over::Spec(spec)) = &call.over
            {
                let sorts = spec.order_by.iter().map(|sort| &sort.value);
                all &= spec
                    .partition_by
                    .iter()
                    .chain(sorts)
                    .all(|key| matches!(key, Expression::Column(_)) || self.above(key));
            }
        });
        all
    }

    fn inner_queries(&self, value: &Expression, is_top: bool) -> bool {
        let mut all = true;
        each_query(value, &mut |query, is_scalar| {
            all &= self.query(query, is_top && is_scalar);
        });
        all
    }

    fn item(&self, item: &FromItem) -> bool {
        match item {
            FromItem::Relation(_) => true,
            FromItem::Subquery(item) => self.query(&item.query, false),
            FromItem::Function(item) => {
                item.functions.iter().all(|(call, _)| is_plain_series(call))
            }
            FromItem::Join(join) => {
                let on = match &join.on {
                    JoinOn::Nothing => true,
                    JoinOn::Condition(condition) => self.condition(condition),
                    JoinOn::Natural | JoinOn::Using(_, _) => self.merged(join.id.0),
                };
                on && self.item(&join.left) && self.item(&join.right)
            }
        }
    }

    /// Whether the columns that a join merges can be compared totally.
    fn merged(&self, join: u32) -> bool {
        let kind = |side: &Option<Side>| {
            let side = side.as_ref()?;
            let column = self.plans.of(side.source)?.column(&side.field)?;
            kind_of(self.context.schema, column.column.type_oid)
                .filter(|_| column.column.collation.is_none())
        };
        self.resolution.merged.get(&join).is_some_and(|pairs| {
            pairs
                .iter()
                .all(|[left, right]| match (kind(left), kind(right)) {
                    (Some(left), Some(right)) => {
                        total_operator("=", Typed::Kind(left), Typed::Kind(right)).is_some()
                    }
                    _ => false,
                })
        })
    }
}

/// The keys of an item of `GROUP BY`; sets of several groupings are left alone.
fn keys_of<'a>(item: &'a GroupingItem, keys: &mut Vec<&'a Expression>) -> bool {
    match item {
        GroupingItem::Expression(key) => {
            keys.push(key);
            true
        }
        GroupingItem::Empty => true,
        GroupingItem::Rollup(items) | GroupingItem::Cube(items) | GroupingItem::Sets(items) => {
            items.iter().all(|item| keys_of(item, keys))
        }
    }
}

/// `generate_series(1, 10)`: the one function of rows that cannot fail on such arguments.
fn is_plain_series(call: &Expression) -> bool {
    let Expression::Call(call) = call else {
        return false;
    };
    call.name.schema.as_deref() == Some("pg_catalog")
        && call.name.name == "generate_series"
        && call.arguments.len() == 2
        && call
            .arguments
            .iter()
            .all(|argument| matches!(argument.value, Expression::Constant(Constant::Integer(_))))
}
