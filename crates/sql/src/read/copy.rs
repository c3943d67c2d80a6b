//! `COPY ... TO STDOUT`, and lists of options.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    AConst, AStar, Boolean, CopyStmt, DefElem, DefElemAction, Integer, List, Node, RangeVar,
    String as StringNode, a_const::Val,
};

use super::reader::{Reader, absent, kind, not_allowed, unexpected, unsupported};
use crate::Refused;
use crate::tree::{
    Body, ColumnPath, CopyOut, Distinct, Expression, FromItem, OptionValue, Query, RelationItem,
    Select, StatementOption, Target,
};

impl Reader<'_> {
    pub(super) fn copy(&mut self, node: CopyStmt) -> Result<CopyOut, Refused> {
        let CopyStmt {
            relation,
            query,
            attlist,
            is_from,
            is_program,
            filename,
            options,
            where_clause,
        } = node;
        if is_from {
            return Err(not_allowed("COPY FROM"));
        }
        if is_program {
            return Err(not_allowed("COPY TO PROGRAM"));
        }
        if !filename.is_empty() {
            return Err(not_allowed("COPY TO a file"));
        }
        absent(where_clause.is_none(), "`COPY TO ... WHERE`", -1)?;
        let query = match (relation, query) {
            (Some(relation), None) => self.copied_relation(relation, attlist)?,
            (None, Some(query)) => {
                absent(attlist.is_empty(), "columns of a copied query", -1)?;
                self.copied_query(*query)?
            }
            (Some(_), Some(_)) | (None, None) => return Err(unexpected("`COPY`", -1)),
        };
        Ok(CopyOut {
            query,
            options: self.each(options, Reader::option)?,
        })
    }

    fn copied_query(&mut self, node: Node) -> Result<Query, Refused> {
        match node.node {
            Some(NodeEnum::SelectStmt(query)) => self.query(*query),
            Some(_) | None => Err(not_allowed("COPY of a statement that writes")),
        }
    }

    /// `COPY relation` gives the rows of the table itself, without those of its descendants;
    /// PostgreSQL refuses it for a partitioned table.
    fn copied_relation(
        &mut self,
        relation: RangeVar,
        columns: Vec<Node>,
    ) -> Result<Query, Refused> {
        let id = self.id();
        let (name, _, alias) = self.relation(relation)?;
        absent(alias.is_none(), "an alias of a copied relation", -1)?;
        let columns = self.names(columns, -1)?;
        let mut paths = Vec::with_capacity(columns.len().max(1));
        if columns.is_empty() {
            paths.push((Vec::new(), true));
        }
        for column in columns {
            paths.push((vec![name.name.clone(), column], false));
        }
        let targets = paths
            .into_iter()
            .map(|(parts, star)| Target {
                value: Expression::Column(ColumnPath {
                    id: self.id(),
                    parts,
                    star,
                }),
                name: None,
            })
            .collect();
        Ok(Query {
            with: None,
            body: Body::Select(Box::new(Select {
                distinct: Distinct::No,
                targets,
                from: vec![FromItem::Relation(RelationItem {
                    id,
                    name,
                    only: true,
                    alias: None,
                })],
                filter: None,
                group_by: Vec::new(),
                group_distinct: false,
                having: None,
                windows: Vec::new(),
            })),
            order_by: Vec::new(),
            limit: None,
            offset: None,
            locks_rows: false,
        })
    }

    /// `name value` of a list of options. `true` arrives as a word or as a truth value, depending
    /// on the spelling of the statement; both become the word.
    pub(super) fn option(&mut self, node: Node) -> Result<StatementOption, Refused> {
        let Some(NodeEnum::DefElem(node)) = node.node else {
            return Err(unexpected("an option", -1));
        };
        let DefElem {
            defnamespace,
            defname,
            arg,
            defaction,
            location: at,
            arg_location: _,
        } = *node;
        let action: DefElemAction = kind(defaction, "an option", at)?;
        let plain = defnamespace.is_empty() && action == DefElemAction::DefelemUnspec;
        absent(plain, "an option with a namespace or an action", at)?;
        let name = self.name(defname, at)?;
        let is_lower = !name.contains(|c: char| c.is_ascii_uppercase());
        absent(is_lower, "an option with capital letters", at)?;
        let value = match arg {
            None => OptionValue::None,
            Some(value) => option_value(*value, at)?,
        };
        Ok(StatementOption { name, value })
    }
}

fn option_value(node: Node, at: i32) -> Result<OptionValue, Refused> {
    Ok(match node.node {
        Some(NodeEnum::String(StringNode { sval })) => OptionValue::Text(sval),
        Some(NodeEnum::Integer(Integer { ival })) => OptionValue::Integer(ival),
        Some(NodeEnum::Boolean(Boolean { boolval })) => OptionValue::Text(boolval.to_string()),
        Some(NodeEnum::AStar(AStar {})) => OptionValue::Star,
        Some(NodeEnum::List(List { items })) => OptionValue::List(
            items
                .into_iter()
                .map(|item| text(item, at))
                .collect::<Result<_, _>>()?,
        ),
        Some(NodeEnum::AConst(AConst {
            isnull: false,
            location: _,
            val: Some(Val::Sval(StringNode { sval })),
        })) => OptionValue::Text(sval),
        Some(NodeEnum::AConst(AConst {
            isnull: false,
            location: _,
            val: Some(Val::Ival(Integer { ival })),
        })) => OptionValue::Integer(ival),
        Some(_) | None => return Err(unsupported("an option with such a value", at)),
    })
}

fn text(node: Node, at: i32) -> Result<String, Refused> {
    match node.node {
        Some(NodeEnum::String(StringNode { sval })) => Ok(sval),
        Some(_) | None => Err(unsupported("an option with such a value", at)),
    }
}
