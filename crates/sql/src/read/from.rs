//! What stands in `FROM`.

use model::Refusal;
use pg_query::NodeEnum;
use pg_query::protobuf::{
    Alias as AliasNode, ColumnDef, JoinExpr, JoinType, List, Node, RangeFunction, RangeSubselect,
};

use super::reader::{Reader, absent, kind, present, unexpected, unsupported};
use super::sort::{FromNode, Sorted, sort};
use crate::Refused;
use crate::tree::{
    Alias, ColumnDefinition, Expression, FromItem, FunctionItem, Join, JoinKind, JoinOn,
    RelationItem, SubqueryItem,
};

impl Reader<'_> {
    pub(super) fn item(&mut self, node: Node) -> Result<FromItem, Refused> {
        match sort(node) {
            Sorted::From(node) => self.deeper(|reader| reader.item_node(node)),
            Sorted::Unsupported(what) => Err(unsupported(what, -1)),
            Sorted::Statement(_)
            | Sorted::Expression(_)
            | Sorted::Command(_)
            | Sorted::Part
            | Sorted::Unexpected => Err(unexpected("an item of `FROM`", -1)),
        }
    }

    fn item_node(&mut self, node: FromNode) -> Result<FromItem, Refused> {
        match node {
            FromNode::Relation(node) => {
                let id = self.id();
                let (name, only, alias) = self.relation(node)?;
                Ok(FromItem::Relation(RelationItem {
                    id,
                    name,
                    only,
                    alias,
                }))
            }
            FromNode::Subquery(node) => self.subquery(*node),
            FromNode::Function(node) => self.function(node),
            FromNode::Join(node) => self.join(*node),
            FromNode::Sample(node) => {
                Err(Refused::new(Refusal::RowAccessNotAllowed, "`TABLESAMPLE`").at(node.location))
            }
        }
    }

    fn subquery(&mut self, node: RangeSubselect) -> Result<FromItem, Refused> {
        let RangeSubselect {
            lateral,
            subquery,
            alias,
        } = node;
        let id = self.id();
        Ok(FromItem::Subquery(Box::new(SubqueryItem {
            id,
            lateral,
            query: self.query_node(*present(subquery, "a subquery", -1)?)?,
            alias: self.alias_if(alias, -1)?,
        })))
    }

    fn function(&mut self, node: RangeFunction) -> Result<FromItem, Refused> {
        let RangeFunction {
            lateral,
            ordinality,
            is_rowsfrom,
            functions,
            alias,
            coldeflist,
        } = node;
        let id = self.id();
        let functions = self.each(functions, Reader::function_with_columns)?;
        let is_single = matches!(functions.as_slice(), [(_, columns)] if columns.is_empty());
        absent(
            is_rowsfrom || is_single,
            "several functions without `ROWS FROM`",
            -1,
        )?;
        Ok(FromItem::Function(Box::new(FunctionItem {
            id,
            lateral,
            ordinality,
            rows_from: is_rowsfrom,
            functions,
            alias: self.alias_if(alias, -1)?,
            columns: self.each(coldeflist, Reader::column_definition)?,
        })))
    }

    /// A function arrives as a list of two: itself, and its columns or nothing.
    fn function_with_columns(
        &mut self,
        node: Node,
    ) -> Result<(Expression, Vec<ColumnDefinition>), Refused> {
        let unknown = || unexpected("a function in `FROM`", -1);
        let Some(NodeEnum::List(List { items })) = node.node else {
            return Err(unknown());
        };
        let mut items = items.into_iter();
        let (Some(function), columns, None) = (items.next(), items.next(), items.next()) else {
            return Err(unknown());
        };
        let columns = match columns.and_then(|columns| columns.node) {
            None => Vec::new(),
            Some(NodeEnum::List(List { items })) => self.each(items, Reader::column_definition)?,
            Some(_) => return Err(unknown()),
        };
        Ok((self.expression(function)?, columns))
    }

    fn column_definition(&mut self, node: Node) -> Result<ColumnDefinition, Refused> {
        let Some(NodeEnum::ColumnDef(node)) = node.node else {
            return Err(unexpected("a column definition", -1));
        };
        let ColumnDef {
            colname,
            type_name,
            compression,
            inhcount,
            is_local,
            is_not_null,
            is_from_type,
            storage,
            storage_name,
            raw_default,
            cooked_default,
            identity,
            identity_sequence,
            generated,
            coll_clause,
            coll_oid,
            constraints,
            fdwoptions,
            location: at,
        } = *node;
        absent(
            coll_clause.is_none(),
            "`COLLATE` in a column definition",
            at,
        )?;
        // `is_local` is always set by the grammar and means nothing here.
        let _ = is_local;
        let plain = compression.is_empty()
            && inhcount == 0
            && !is_not_null
            && !is_from_type
            && storage.is_empty()
            && storage_name.is_empty()
            && raw_default.is_none()
            && cooked_default.is_none()
            && identity.is_empty()
            && identity_sequence.is_none()
            && generated.is_empty()
            && coll_oid == 0
            && constraints.is_empty()
            && fdwoptions.is_empty();
        absent(
            plain,
            "more than a name and a type in a column definition",
            at,
        )?;
        Ok(ColumnDefinition {
            name: self.name(colname, at)?,
            type_name: self.type_name(present(type_name, "a column definition", at)?)?,
        })
    }

    fn join(&mut self, node: JoinExpr) -> Result<FromItem, Refused> {
        let JoinExpr {
            jointype,
            is_natural,
            larg,
            rarg,
            using_clause,
            join_using_alias,
            quals,
            alias,
            rtindex,
        } = node;
        absent(rtindex == 0, "an analysed join", -1)?;
        let kind = join_kind(jointype)?;
        let id = self.id();
        let left = self.item(*present(larg, "a join", -1)?)?;
        let right = self.item(*present(rarg, "a join", -1)?)?;
        let using_alias = join_using_alias
            .map(|alias| self.using_alias(alias))
            .transpose()?;
        let condition = self.maybe(quals, Reader::expression)?;
        let on = match (is_natural, using_clause.is_empty(), condition) {
            (false, true, None) => JoinOn::Nothing,
            (true, true, None) => JoinOn::Natural,
            (false, true, Some(condition)) => JoinOn::Condition(condition),
            (false, false, None) => {
                let columns = self.names(using_clause, -1)?;
                return self.joined(
                    id,
                    kind,
                    JoinOn::Using(columns, using_alias),
                    (left, right),
                    alias,
                );
            }
            (true, _, _) | (false, false, Some(_)) => return Err(unexpected("a join", -1)),
        };
        absent(
            using_alias.is_none(),
            "an alias of columns that are not joined",
            -1,
        )?;
        self.joined(id, kind, on, (left, right), alias)
    }

    fn joined(
        &mut self,
        id: crate::tree::NodeId,
        kind: JoinKind,
        on: JoinOn,
        (left, right): (FromItem, FromItem),
        alias: Option<AliasNode>,
    ) -> Result<FromItem, Refused> {
        if on == JoinOn::Nothing && kind != JoinKind::Inner {
            return Err(unexpected("a join", -1));
        }
        Ok(FromItem::Join(Box::new(Join {
            id,
            kind,
            on,
            left,
            right,
            alias: self.alias_if(alias, -1)?,
        })))
    }

    fn using_alias(&mut self, node: AliasNode) -> Result<String, Refused> {
        let Alias { name, columns } = self.alias(node, -1)?;
        absent(columns.is_empty(), "columns of an alias of `USING`", -1)?;
        Ok(name)
    }
}

fn join_kind(jointype: i32) -> Result<JoinKind, Refused> {
    match kind(jointype, "a join", -1)? {
        JoinType::JoinInner => Ok(JoinKind::Inner),
        JoinType::JoinLeft => Ok(JoinKind::Left),
        JoinType::JoinFull => Ok(JoinKind::Full),
        JoinType::JoinRight => Ok(JoinKind::Right),
        JoinType::Undefined
        | JoinType::JoinSemi
        | JoinType::JoinAnti
        | JoinType::JoinRightSemi
        | JoinType::JoinRightAnti
        | JoinType::JoinUniqueOuter
        | JoinType::JoinUniqueInner => Err(unexpected("a join", -1)),
    }
}
