//! `SELECT` itself: targets, grouping, sorting.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    GroupingSet, GroupingSetKind, Node, ResTarget, SortBy, SortByDir, SortByNulls,
};

use super::reader::{Reader, absent, kind, present, unexpected, unsupported};
use crate::Refused;
use crate::tree::{Distinct, GroupingItem, NullsOrder, Select, Sort, SortDirection, Target};

/// The fields of the parser's node that belong to a plain `SELECT`.
pub(super) struct SelectParts {
    pub(super) distinct_clause: Vec<Node>,
    pub(super) target_list: Vec<Node>,
    pub(super) from_clause: Vec<Node>,
    pub(super) where_clause: Option<Box<Node>>,
    pub(super) group_clause: Vec<Node>,
    pub(super) group_distinct: bool,
    pub(super) having_clause: Option<Box<Node>>,
    pub(super) window_clause: Vec<Node>,
}

impl SelectParts {
    pub(super) fn is_empty(&self) -> bool {
        let Self {
            distinct_clause,
            target_list,
            from_clause,
            where_clause,
            group_clause,
            group_distinct,
            having_clause,
            window_clause,
        } = self;
        distinct_clause.is_empty()
            && target_list.is_empty()
            && from_clause.is_empty()
            && where_clause.is_none()
            && group_clause.is_empty()
            && !group_distinct
            && having_clause.is_none()
            && window_clause.is_empty()
    }
}

impl Reader<'_> {
    pub(super) fn select(&mut self, parts: SelectParts) -> Result<Select, Refused> {
        let SelectParts {
            distinct_clause,
            target_list,
            from_clause,
            where_clause,
            group_clause,
            group_distinct,
            having_clause,
            window_clause,
        } = parts;
        Ok(Select {
            distinct: self.distinct(distinct_clause)?,
            targets: self.each(target_list, Reader::target)?,
            from: self.each(from_clause, Reader::item)?,
            filter: self.maybe(where_clause, Reader::expression)?,
            group_by: self.each(group_clause, Reader::grouping_item)?,
            group_distinct,
            having: self.maybe(having_clause, Reader::expression)?,
            windows: self.each(window_clause, Reader::named_window)?,
        })
    }

    /// `DISTINCT` alone is a list of one empty node.
    fn distinct(&mut self, nodes: Vec<Node>) -> Result<Distinct, Refused> {
        match nodes.as_slice() {
            [] => Ok(Distinct::No),
            [Node { node: None }] => Ok(Distinct::Rows),
            [..] => Ok(Distinct::On(self.each(nodes, Reader::expression)?)),
        }
    }

    /// `expression AS name`, in a select list and in `RETURNING`.
    pub(super) fn target(&mut self, node: Node) -> Result<Target, Refused> {
        let ResTarget {
            name,
            indirection,
            val,
            location: at,
        } = result_target(node)?;
        absent(indirection.is_empty(), "a target with a path", at)?;
        Ok(Target {
            value: self.expression(*present(val, "a target", at)?)?,
            name: self.name_if(name, at)?,
        })
    }

    pub(super) fn sort(&mut self, node: Node) -> Result<Sort, Refused> {
        let Some(NodeEnum::SortBy(node)) = node.node else {
            return Err(unexpected("`ORDER BY`", -1));
        };
        let SortBy {
            node,
            sortby_dir,
            sortby_nulls,
            use_op,
            location: at,
        } = *node;
        let direction = match kind(sortby_dir, "`ORDER BY`", at)? {
            SortByDir::Undefined => return Err(unexpected("`ORDER BY`", at)),
            SortByDir::SortbyDefault => SortDirection::Default,
            SortByDir::SortbyAsc => SortDirection::Ascending,
            SortByDir::SortbyDesc => SortDirection::Descending,
            SortByDir::SortbyUsing => return Err(unsupported("`ORDER BY ... USING`", at)),
        };
        absent(use_op.is_empty(), "`ORDER BY ... USING`", at)?;
        let nulls = match kind(sortby_nulls, "`ORDER BY`", at)? {
            SortByNulls::Undefined => return Err(unexpected("`ORDER BY`", at)),
            SortByNulls::SortbyNullsDefault => NullsOrder::Default,
            SortByNulls::SortbyNullsFirst => NullsOrder::First,
            SortByNulls::SortbyNullsLast => NullsOrder::Last,
        };
        Ok(Sort {
            value: self.expression(*present(node, "`ORDER BY`", at)?)?,
            direction,
            nulls,
        })
    }

    fn grouping_item(&mut self, node: Node) -> Result<GroupingItem, Refused> {
        let node = match node.node {
            Some(NodeEnum::GroupingSet(node)) => node,
            Some(_) | None => return self.expression(node).map(GroupingItem::Expression),
        };
        let GroupingSet {
            kind: set_kind,
            content,
            location: at,
        } = node;
        let items = self.deeper(|reader| reader.each(content, Reader::grouping_item))?;
        match kind(set_kind, "`GROUP BY`", at)? {
            GroupingSetKind::Undefined | GroupingSetKind::GroupingSetSimple => {
                Err(unexpected("`GROUP BY`", at))
            }
            GroupingSetKind::GroupingSetEmpty => {
                absent(items.is_empty(), "a filled empty grouping set", at)?;
                Ok(GroupingItem::Empty)
            }
            GroupingSetKind::GroupingSetRollup => Ok(GroupingItem::Rollup(items)),
            GroupingSetKind::GroupingSetCube => Ok(GroupingItem::Cube(items)),
            GroupingSetKind::GroupingSetSets => Ok(GroupingItem::Sets(items)),
        }
    }
}

/// The node of a target: of a select list, of a column list, of `SET`.
pub(super) fn result_target(node: Node) -> Result<ResTarget, Refused> {
    match node.node {
        Some(NodeEnum::ResTarget(target)) => Ok(*target),
        Some(_) | None => Err(unexpected("a target", -1)),
    }
}
