//! `FROM`: relations, subqueries, functions, joins.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named has no name of its own"
)]

use model::{FieldName, Refusal};
use pgschema::{Relation, RelationKind, builtin};

use super::query::{Output, renamed};
use super::scope::{Namespace, Scope, ScopeColumn, ScopeRelation};
use super::{Resolver, Role, Side, Use, not_visible};
use crate::error::Refused;
use crate::tree::{
    Alias, Call, Constant, Expression, FromItem, FunctionItem, Join, JoinKind, JoinOn, NodeId,
    RelationItem, RelationName, SubqueryItem,
};

impl Resolver<'_> {
    pub(super) fn item(
        &mut self,
        item: &mut FromItem,
        scope: &Scope<'_>,
    ) -> Result<Namespace, Refused> {
        match item {
            FromItem::Relation(relation) => {
                if let Some(namespace) = self.common_table(relation, scope)? {
                    return Ok(namespace);
                }
                let found = self.find(&relation.name)?.clone();
                if found.kind == RelationKind::View {
                    let expanded = self.expand(relation, &found)?;
                    let namespace =
                        Namespace::of_output(&expanded.name, &expanded.output, &expanded.columns);
                    *item = expanded.item;
                    return Ok(namespace);
                }
                self.relation(relation, &found)
            }
            FromItem::Subquery(subquery) => self.subquery(subquery, scope),
            FromItem::Function(function) => self.table_function(function, scope),
            FromItem::Join(join) => self.join(join, scope),
        }
    }

    fn common_table(
        &self,
        relation: &RelationItem,
        scope: &Scope<'_>,
    ) -> Result<Option<Namespace>, Refused> {
        if relation.name.schema.is_some() {
            return Ok(None);
        }
        let Some(table) = scope.table(&relation.name.name) else {
            return Ok(None);
        };
        let Some(columns) = &table.columns else {
            return Err(Refused::new(
                Refusal::SyntaxNotSupported,
                "a recursive common table that reads itself outside its second part",
            ));
        };
        let output = Output {
            columns: columns.clone(),
            open: table.open,
        };
        let (name, names) = named(relation.alias.as_ref(), &relation.name.name);
        Ok(Some(Namespace::of_output(&name, &output, names)))
    }

    /// The relation that a name means on the session's own path.
    pub(super) fn find(&self, name: &RelationName) -> Result<&Relation, Refused> {
        let schema = self.context.schema;
        let unknown = || not_visible(&shown(name));
        if let Some(database) = &name.database
            && *database != schema.snapshot().database
        {
            return Err(unknown());
        }
        let found = match &name.schema {
            Some(namespace) => schema.relation_named(namespace, &name.name),
            None => self
                .context
                .path
                .iter()
                .find_map(|namespace| schema.relation_named(namespace, &name.name)),
        };
        found.ok_or_else(unknown)
    }

    /// A reference to a governed relation; one that is not governed is not visible.
    pub(super) fn reference(
        &mut self,
        node: u32,
        name: &RelationName,
        found: &Relation,
        alias: String,
        role: Role,
    ) -> Result<usize, Refused> {
        let readable = matches!(
            found.kind,
            RelationKind::Table
                | RelationKind::PartitionedTable
                | RelationKind::MaterializedView
                | RelationKind::ForeignTable
        );
        let dataset = self
            .context
            .binding
            .dataset_of(self.context.schema, found.oid)
            .ok()
            .flatten()
            .filter(|id| readable && self.context.binding.tables.contains_key(*id))
            .cloned();
        let Some(dataset) = dataset else {
            return Err(not_visible(&shown(name)));
        };
        let visible = self.sees(&dataset)?;
        self.resolution.uses.push(Use {
            node,
            relation: found.oid,
            dataset,
            alias,
            role,
            visible,
            fields: std::collections::BTreeSet::new(),
            read: std::collections::BTreeSet::new(),
            all: false,
            by_name_only: true,
        });
        Ok(self.resolution.uses.len() - 1)
    }

    /// What is seen of a reference, in the order of the relation's columns.
    pub(super) fn columns_of(
        &self,
        source: usize,
        found: &Relation,
        qualifier: &str,
    ) -> Vec<ScopeColumn> {
        let Some(used) = self.resolution.uses.get(source) else {
            return Vec::new();
        };
        let bound = self.context.binding.tables.get(&used.dataset);
        found
            .columns
            .iter()
            .filter_map(|column| {
                let field = FieldName::new(&column.name).ok()?;
                // What PostgreSQL reads into such a type looks things up by name, so that
                // `coalesce(column, 'vip')` would tell what exists.
                if builtin::type_by_oid(column.type_oid).is_some_and(|known| !known.allowed) {
                    return None;
                }
                let is_known = bound.is_some_and(|bound| bound.fields.contains_key(&field));
                (is_known && used.visible.contains_key(&field)).then(|| ScopeColumn {
                    name: column.name.clone(),
                    origin: Some((source, field)),
                    qualifier: Some(qualifier.to_owned()),
                })
            })
            .collect()
    }

    fn relation(&mut self, item: &RelationItem, found: &Relation) -> Result<Namespace, Refused> {
        let (name, names) = named(item.alias.as_ref(), &item.name.name);
        let source = self.reference(item.id.0, &item.name, found, name.clone(), Role::Read)?;
        let mut columns = self.columns_of(source, found, &name);
        for (column, renamed) in columns.iter_mut().zip(names) {
            column.name.clone_from(renamed);
        }
        if !names.is_empty() {
            // Names by position hold for all that is seen, whatever else is asked for.
            if let Some(used) = self.resolution.uses.get_mut(source) {
                used.all = true;
                used.by_name_only = false;
                used.fields = used.visible.keys().cloned().collect();
            }
        }
        Ok(Namespace::of(ScopeRelation {
            name,
            schema: item.alias.is_none().then(|| found.schema.clone()),
            columns,
            sources: vec![source],
            open: false,
        }))
    }

    fn subquery(
        &mut self,
        item: &mut SubqueryItem,
        scope: &Scope<'_>,
    ) -> Result<Namespace, Refused> {
        let Some(alias) = item.alias.clone() else {
            return Err(Refused::new(
                Refusal::SyntaxNotSupported,
                "a subquery in FROM without a name",
            ));
        };
        let output = if item.lateral {
            self.query(&mut item.query, scope)?
        } else {
            // It sees the levels around this one and this one's common tables, not its neighbours.
            let around = Scope {
                outer: scope.outer,
                namespace: Namespace::default(),
                tables: scope.tables.clone(),
            };
            self.query(&mut item.query, &around)?
        };
        Ok(Namespace::of_output(&alias.name, &output, &alias.columns))
    }

    fn table_function(
        &mut self,
        item: &mut FunctionItem,
        scope: &Scope<'_>,
    ) -> Result<Namespace, Refused> {
        let first_name = item.functions.first().map(|(call, _)| match call {
            Expression::Call(call) => call.name.name.clone(),
            other => super::figure::figure(other),
        });
        spread_unnest(item);
        for (call, columns) in &mut item.functions {
            // A function in FROM sees what stands before it, with or without LATERAL.
            self.expression(call, scope)?;
            for column in columns {
                self.type_name(&mut column.type_name)?;
            }
        }
        for column in &mut item.columns {
            self.type_name(&mut column.type_name)?;
        }
        let name = item
            .alias
            .as_ref()
            .map(|alias| alias.name.clone())
            .or(first_name)
            .unwrap_or_default();
        let defined: Vec<&str> = item
            .functions
            .iter()
            .flat_map(|(_, columns)| columns)
            .chain(&item.columns)
            .map(|column| column.name.as_str())
            .collect();
        let names = item.alias.as_ref().map_or(&[][..], |alias| &alias.columns);
        let mut columns: Vec<String> = defined.iter().map(|&name| name.to_owned()).collect();
        columns.extend(names.iter().cloned());
        if columns.is_empty() {
            columns.push(name.clone());
        }
        if item.ordinality && names.is_empty() {
            columns.push("ordinality".to_owned());
        }
        let output = Output {
            columns,
            open: true,
        };
        Ok(Namespace::of_output(&name, &output, &[]))
    }

    fn join(&mut self, join: &mut Join, scope: &Scope<'_>) -> Result<Namespace, Refused> {
        let left = self.item(&mut join.left, scope)?;
        // What is on the left is in sight of what is lateral on the right.
        let beside = Scope {
            outer: scope.outer,
            namespace: {
                let mut both = scope.namespace.clone();
                both.extend(left.clone());
                both
            },
            tables: scope.tables.clone(),
        };
        let right = self.item(&mut join.right, &beside)?;
        let merged = match &join.on {
            JoinOn::Using(names, _) => names.clone(),
            JoinOn::Natural => {
                let names = common_names(&left, &right)?;
                // Written out, so that what is added beside a column takes no part in it.
                join.on = if names.is_empty() {
                    JoinOn::Condition(Expression::Constant(Constant::Boolean(true)))
                } else {
                    JoinOn::Using(names.clone(), None)
                };
                names
            }
            JoinOn::Nothing | JoinOn::Condition(_) => Vec::new(),
        };
        self.use_merged(join.id.0, &left, &right, &merged)?;
        if let JoinOn::Condition(condition) = &mut join.on {
            let mut both = left.clone();
            both.extend(right.clone());
            let inner = Scope {
                outer: scope.outer,
                namespace: both,
                tables: scope.tables.clone(),
            };
            self.expression(condition, &inner)?;
        }
        if join
            .alias
            .as_ref()
            .is_some_and(|alias| !alias.columns.is_empty())
        {
            // Names by position: nothing may be added between the columns.
            for relation in left.relations.iter().chain(&right.relations) {
                self.whole_row(relation)?;
            }
        }
        let same_type = |name: &str| self.is_one_type(&left, &right, name);
        let one_type: Vec<bool> = merged.iter().map(|name| same_type(name)).collect();
        Ok(joined(join, left, right, &merged, &one_type))
    }

    /// Whether a merged column is a field of the same type and modifier on both sides.
    fn is_one_type(&self, left: &Namespace, right: &Namespace, name: &str) -> bool {
        let of = |side: &Namespace| {
            let column = side.columns.iter().find(|column| column.name == name)?;
            column.qualifier.as_ref()?;
            let (source, field) = column.origin.as_ref()?;
            let used = self.resolution.uses.get(*source)?;
            let relation = self.context.schema.relation(used.relation)?;
            let found = relation.column_named(field.as_str())?;
            Some((found.type_oid, found.typmod, found.collation.clone()))
        };
        of(left).is_some_and(|left| Some(left) == of(right))
    }

    /// The columns of `USING` are read on both sides.
    fn use_merged(
        &mut self,
        join: u32,
        left: &Namespace,
        right: &Namespace,
        merged: &[String],
    ) -> Result<(), Refused> {
        let origin = |side: &Namespace, name: &String| {
            let column = side.columns.iter().find(|column| column.name == *name)?;
            let (source, field) = column.origin.clone()?;
            Some(Side {
                source,
                field,
                qualifier: column.qualifier.clone()?,
                name: name.clone(),
            })
        };
        let pairs = merged
            .iter()
            .map(|name| [origin(left, name), origin(right, name)])
            .collect();
        self.resolution.merged.insert(join, pairs);
        for name in merged {
            for side in [left, right] {
                let found: Vec<&ScopeColumn> =
                    side.columns.iter().filter(|c| c.name == *name).collect();
                match found.as_slice() {
                    [column] => {
                        if let Some((source, field)) = &column.origin
                            && let Some(used) = self.resolution.uses.get_mut(*source)
                        {
                            used.fields.insert(field.clone());
                        }
                    }
                    [] if side.open => {}
                    [] => {
                        return Err(Refused::new(Refusal::FieldNotVisible, format!("`{name}`")));
                    }
                    _ => {
                        return Err(Refused::new(Refusal::NameAmbiguous, format!("`{name}`")));
                    }
                }
            }
        }
        Ok(())
    }
}

/// The columns that both sides have, in the order of the left one.
fn common_names(left: &Namespace, right: &Namespace) -> Result<Vec<String>, Refused> {
    if left.open || right.open {
        return Err(Refused::new(
            Refusal::SyntaxNotSupported,
            "NATURAL JOIN with a function",
        ));
    }
    let on_right = |name: &str| right.columns.iter().any(|c| c.name == name);
    let names = left.columns.iter().map(|column| &column.name);
    Ok(names.filter(|name| on_right(name)).cloned().collect())
}

/// What a join offers: merged columns first, then the rest of both sides.
///
/// Where both sides are of one type, a merged column is that of the side that keeps all rows
/// (PostgreSQL's `buildMergedJoinVar`), and can be written as such.
fn joined(
    join: &Join,
    left: Namespace,
    right: Namespace,
    merged: &[String],
    one_type: &[bool],
) -> Namespace {
    let is_merged = |column: &&ScopeColumn| merged.contains(&column.name);
    let kept = match join.kind {
        JoinKind::Inner | JoinKind::Left => Some(&left),
        JoinKind::Right => Some(&right),
        JoinKind::Full => None,
    };
    let mut columns: Vec<ScopeColumn> = merged
        .iter()
        .zip(one_type)
        .map(|(name, one_type)| {
            let same = kept
                .filter(|_| *one_type)
                .and_then(|side| side.columns.iter().find(|column| column.name == *name));
            same.cloned().unwrap_or_else(|| ScopeColumn {
                name: name.clone(),
                origin: None,
                qualifier: None,
            })
        })
        .collect();
    let rest = left.columns.iter().chain(&right.columns);
    columns.extend(rest.filter(|column| !is_merged(column)).cloned());
    let open = left.open || right.open;
    let strict = left.strict || right.strict;
    let sources: Vec<usize> = left
        .relations
        .iter()
        .chain(&right.relations)
        .flat_map(|relation| relation.sources.iter().copied())
        .collect();
    let mut namespace = match &join.alias {
        Some(alias) => {
            let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
            let columns: Vec<ScopeColumn> = renamed(names, &alias.columns)
                .into_iter()
                .zip(columns)
                .map(|(name, column)| ScopeColumn {
                    name,
                    origin: column.origin,
                    qualifier: Some(alias.name.clone()),
                })
                .collect();
            return Namespace::of(ScopeRelation {
                name: alias.name.clone(),
                schema: None,
                columns,
                sources,
                open,
            });
        }
        None => {
            let mut relations = left.relations;
            relations.extend(right.relations);
            Namespace {
                relations,
                columns,
                open,
                strict,
            }
        }
    };
    if let JoinOn::Using(names, Some(alias)) = &join.on {
        let columns = names
            .iter()
            .map(|name| ScopeColumn {
                name: name.clone(),
                origin: None,
                qualifier: Some(alias.clone()),
            })
            .collect();
        namespace.relations.push(ScopeRelation {
            name: alias.clone(),
            schema: None,
            columns,
            sources: Vec::new(),
            open: false,
        });
    }
    namespace
}

/// By which name a statement speaks of an item, and its columns' names.
pub(super) fn named<'a>(alias: Option<&'a Alias>, name: &str) -> (String, &'a [String]) {
    alias.map_or((name.to_owned(), &[][..]), |alias| {
        (alias.name.clone(), &alias.columns)
    })
}

/// A relation's name as the asker wrote it.
pub(super) fn shown(name: &RelationName) -> String {
    [&name.database, &name.schema]
        .into_iter()
        .flatten()
        .chain([&name.name])
        .cloned()
        .collect::<Vec<_>>()
        .join(".")
}

/// `unnest(a, b)` is grammar and no function: with its schema it is written as what it means.
///
/// Source: PostgreSQL's `transformRangeFunction`.
fn spread_unnest(item: &mut FunctionItem) {
    let mut functions = Vec::with_capacity(item.functions.len());
    for (expression, columns) in item.functions.drain(..) {
        match expression {
            Expression::Call(call) if is_spread(&call) && columns.is_empty() => {
                item.rows_from = true;
                for argument in &call.arguments {
                    let one = Call {
                        id: NodeId::default(),
                        arguments: vec![argument.clone()],
                        ..(*call).clone()
                    };
                    functions.push((Expression::Call(Box::new(one)), Vec::new()));
                }
            }
            other => functions.push((other, columns)),
        }
    }
    item.functions = functions;
}

fn is_spread(call: &Call) -> bool {
    let is_plain = !call.star
        && !call.variadic
        && !call.distinct
        && call.order_by.is_empty()
        && call.filter.is_none()
        && call.over.is_none();
    is_plain && call.name.schema.is_none() && call.name.name == "unnest" && call.arguments.len() > 1
}
