//! Whether everything of a statement that could run on unseen rows is total.

use super::look::{conjuncts, each_query, has_aggregate, is_constant};
use super::{Judge, Typed, total_operator};
use crate::kind::kind_of;
use crate::resolve::Side;
use crate::tree::{
    Body, Distinct, Expression, FromItem, GroupingItem, JoinOn, Query, Statement, Target, walk,
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
        let tail = query
            .order_by
            .iter()
            .map(|sort| &sort.value)
            .chain(query.limit.iter().map(|limit| &limit.count))
            .chain(&query.offset)
            .all(|value| self.output(value, is_top));
        with && tail
            && match &query.body {
                Body::Select(select) => {
                    let conditions = select
                        .filter
                        .iter()
                        .chain(&select.having)
                        .flat_map(conjuncts)
                        .all(|condition| self.condition(condition));
                    let groups = select
                        .group_by
                        .iter()
                        .all(|item| self.grouping(item, is_top));
                    let distinct = match &select.distinct {
                        Distinct::On(list) => list.iter().all(|one| self.output(one, is_top)),
                        Distinct::No | Distinct::Rows => true,
                    };
                    conditions
                        && groups
                        && distinct
                        && select.from.iter().all(|item| self.from_item(item))
                        && select
                            .targets
                            .iter()
                            .all(|Target { value, .. }| self.output(value, is_top))
                }
                Body::Values(rows) => rows.iter().flatten().all(|one| self.output(one, is_top)),
                Body::SetOperation { left, right, .. } => {
                    self.query(left, is_top) && self.query(right, is_top)
                }
            }
    }

    fn grouping(&self, item: &GroupingItem, is_top: bool) -> bool {
        let mut all = true;
        let mut item = item.clone();
        walk::grouping(&mut item, &mut |one| all &= self.output(one, is_top));
        all
    }

    /// A condition with the queries in it.
    fn condition(&self, condition: &Expression) -> bool {
        self.judge_barring_aggregates(condition) && self.inner_queries(condition, false)
    }

    /// A value that comes out of a query.
    fn output(&self, value: &Expression, is_top: bool) -> bool {
        let star = matches!(value, Expression::Column(_));
        (is_top || star || self.judge_barring_aggregates(value))
            && self.inner_queries(value, is_top)
    }

    /// Aggregates and window functions run when the filters have, and so does what is computed from
    /// them: PostgreSQL moves no condition below what it reads.
    fn judge_barring_aggregates(&self, value: &Expression) -> bool {
        has_aggregate(value) || self.judge(value).is_some()
    }

    fn inner_queries(&self, value: &Expression, is_top: bool) -> bool {
        let mut all = true;
        each_query(value, &mut |query, is_scalar| {
            all &= self.query(query, is_top && is_scalar);
        });
        all
    }

    fn from_item(&self, item: &FromItem) -> bool {
        match item {
            FromItem::Relation(_) => true,
            FromItem::Subquery(item) => self.query(&item.query, false),
            FromItem::Function(item) => item
                .functions
                .iter()
                .all(|(call, _)| is_constant(call) && self.inner_queries(call, false)),
            FromItem::Join(join) => {
                let on = match &join.on {
                    JoinOn::Nothing => true,
                    JoinOn::Condition(condition) => self.condition(condition),
                    JoinOn::Natural | JoinOn::Using(_, _) => self.merged(join.id.0),
                };
                on && self.from_item(&join.left) && self.from_item(&join.right)
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
