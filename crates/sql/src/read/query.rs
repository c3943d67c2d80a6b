//! Queries: what surrounds `SELECT`, `VALUES` and set operations.

use model::Refusal;
use pg_query::NodeEnum;
use pg_query::protobuf::{LimitOption, List, LockingClause, Node, SelectStmt, SetOperation};

use super::reader::{Reader, absent, kind, not_allowed, present, unexpected};
use super::select::SelectParts;
use crate::Refused;
use crate::tree::{Body, Expression, Limit, Query, SetOp};

impl Reader<'_> {
    /// A node that is a query.
    pub(super) fn query_node(&mut self, node: Node) -> Result<Query, Refused> {
        match node.node {
            Some(NodeEnum::SelectStmt(query)) => self.query(*query),
            Some(_) | None => Err(unexpected("a query", -1)),
        }
    }

    /// A query.
    pub(super) fn query(&mut self, node: SelectStmt) -> Result<Query, Refused> {
        self.deeper(|reader| reader.query_here(node))
    }

    fn query_here(&mut self, node: SelectStmt) -> Result<Query, Refused> {
        let SelectStmt {
            distinct_clause,
            into_clause,
            target_list,
            from_clause,
            where_clause,
            group_clause,
            group_distinct,
            having_clause,
            window_clause,
            values_lists,
            sort_clause,
            limit_offset,
            limit_count,
            limit_option,
            locking_clause,
            with_clause,
            op,
            all,
            larg,
            rarg,
        } = node;
        if into_clause.is_some() {
            return Err(not_allowed("SELECT INTO"));
        }
        let with = with_clause.map(|with| self.with(with)).transpose()?;
        let parts = SelectParts {
            distinct_clause,
            target_list,
            from_clause,
            where_clause,
            group_clause,
            group_distinct,
            having_clause,
            window_clause,
        };
        let body = match set_operation(op)? {
            Some(operation) => {
                let plain = parts.is_empty() && values_lists.is_empty();
                absent(plain, "a set operation with a list of its own", -1)?;
                Body::SetOperation {
                    operation,
                    all,
                    left: Box::new(self.query(*present(larg, "a set operation", -1)?)?),
                    right: Box::new(self.query(*present(rarg, "a set operation", -1)?)?),
                }
            }
            None => {
                let plain = !all && larg.is_none() && rarg.is_none();
                absent(plain, "a set operation without a name", -1)?;
                if values_lists.is_empty() {
                    Body::Select(Box::new(self.select(parts)?))
                } else {
                    absent(parts.is_empty(), "values with a list of their own", -1)?;
                    Body::Values(self.values(values_lists)?)
                }
            }
        };
        Ok(Query {
            with,
            body,
            order_by: self.each(sort_clause, Reader::sort)?,
            limit: self.limit(limit_count, limit_option)?,
            offset: self.maybe(limit_offset, Reader::expression)?,
            locks_rows: locks_rows(locking_clause)?,
        })
    }

    fn values(&mut self, rows: Vec<Node>) -> Result<Vec<Vec<Expression>>, Refused> {
        let rows = self.each(rows, |reader, row| match row.node {
            Some(NodeEnum::List(List { items })) => reader.each(items, Reader::expression),
            Some(_) | None => Err(unexpected("a row of values", -1)),
        })?;
        let mut lengths = rows.iter().map(Vec::len);
        let first = lengths.next();
        if lengths.any(|length| Some(length) != first) {
            return Err(Refused::new(
                Refusal::SyntaxError,
                "VALUES lists must all be the same length",
            ));
        }
        Ok(rows)
    }

    fn limit(&mut self, count: Option<Box<Node>>, option: i32) -> Result<Option<Limit>, Refused> {
        let with_ties = match kind(option, "a limit", -1)? {
            LimitOption::Undefined => return Err(unexpected("a limit", -1)),
            LimitOption::Default | LimitOption::Count => false,
            LimitOption::WithTies => true,
        };
        match count {
            None => {
                absent(!with_ties, "`WITH TIES` without a count", -1)?;
                Ok(None)
            }
            // `LIMIT ALL` arrives as `LIMIT NULL`. With ties, NULL is an error that PostgreSQL raises.
            Some(count) if !with_ties && is_null(&count) => Ok(None),
            Some(count) => Ok(Some(Limit {
                count: self.expression(*count)?,
                with_ties,
            })),
        }
    }
}

fn is_null(node: &Node) -> bool {
    matches!(&node.node, Some(NodeEnum::AConst(constant))
        if constant.isnull && constant.val.is_none())
}

fn set_operation(op: i32) -> Result<Option<SetOp>, Refused> {
    Ok(match kind(op, "a set operation", -1)? {
        SetOperation::Undefined => return Err(unexpected("a set operation", -1)),
        SetOperation::SetopNone => None,
        SetOperation::SetopUnion => Some(SetOp::Union),
        SetOperation::SetopIntersect => Some(SetOp::Intersect),
        SetOperation::SetopExcept => Some(SetOp::Except),
    })
}

/// Only whether there is a locking clause is kept: the guard refuses it whatever it says.
fn locks_rows(clauses: Vec<Node>) -> Result<bool, Refused> {
    let is_there = !clauses.is_empty();
    for clause in clauses {
        match clause.node {
            Some(NodeEnum::LockingClause(LockingClause {
                locked_rels: _,
                strength: _,
                wait_policy: _,
            })) => {}
            Some(_) | None => return Err(unexpected("a locking clause", -1)),
        }
    }
    Ok(is_there)
}
