//! `FROM`: relations, subqueries, functions, joins.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named has no name of its own"
)]

use std::rc::Rc;

use model::Refusal;
use pgschema::{Relation, RelationKind, builtin};

use super::query::Output;
use super::scope::{Namespace, Scope, ScopeColumn, ScopeRelation};
use super::{Resolver, Role, Use, not_visible};
use crate::error::Refused;
use crate::tree::{Alias, FromItem, RelationItem, RelationName, SubqueryItem};

impl<'a> Resolver<'a> {
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
                if crate::catalogue::is_named(&relation.name) {
                    if !self.is_catalogue {
                        return Err(Refused::new(
                            Refusal::SyntaxNotSupported,
                            format!(
                                "`{}` beside data: ask for them in statements of their own",
                                shown(&relation.name)
                            ),
                        ));
                    }
                    let relation = relation.clone();
                    return self.catalogue_item(item, &relation);
                }
                let found = self.find(&relation.name)?;
                if found.kind == RelationKind::View {
                    let expanded = self.expand(relation, found)?;
                    let namespace =
                        Namespace::of_output(&expanded.name, &expanded.output, &expanded.columns);
                    *item = expanded.item;
                    return Ok(namespace);
                }
                self.relation(relation, found)
            }
            FromItem::Subquery(subquery) => self.subquery(subquery, scope),
            FromItem::Function(_) if self.is_catalogue => {
                match self.catalogue_function(item, scope)? {
                    Some(namespace) => Ok(namespace),
                    None => match item {
                        FromItem::Function(function) => self.table_function(function, scope),
                        _ => Err(not_visible("")),
                    },
                }
            }
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
    pub(super) fn find(&self, name: &RelationName) -> Result<&'a Relation, Refused> {
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
        if self.is_catalogue {
            return Err(not_visible(&shown(name)));
        }
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
        // In the asker's own words: the whole name would tell that there is such a relation.
        let visible = self.sees(&dataset).map_err(|refused| {
            if refused.code == Refusal::NotVisible {
                not_visible(&shown(name))
            } else {
                refused
            }
        })?;
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
    ) -> Vec<Rc<ScopeColumn>> {
        let Some(used) = self.resolution.uses.get(source) else {
            return Vec::new();
        };
        let bound = self.context.binding.tables.get(&used.dataset);
        found
            .columns
            .iter()
            .filter_map(|column| {
                let (field, _) = bound?.fields.get_key_value(column.name.as_str())?;
                // What PostgreSQL reads into such a type looks things up by name, so that
                // `coalesce(column, 'vip')` would tell what exists.
                if builtin::type_by_oid(column.type_oid).is_some_and(|known| !known.allowed) {
                    return None;
                }
                used.visible.contains_key(field).then(|| {
                    Rc::new(ScopeColumn {
                        name: column.name.clone(),
                        origin: Some((source, field.clone())),
                        qualifier: Some(qualifier.to_owned()),
                        is_reg: false,
                    })
                })
            })
            .collect()
    }

    fn relation(&mut self, item: &RelationItem, found: &Relation) -> Result<Namespace, Refused> {
        let (name, names) = named(item.alias.as_ref(), &item.name.name);
        let source = self.reference(item.id.0, &item.name, found, name.clone(), Role::Read)?;
        let mut columns = self.columns_of(source, found, &name);
        for (column, renamed) in columns.iter_mut().zip(names) {
            Rc::make_mut(column).name.clone_from(renamed);
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
            catalogue: None,
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
}

/// By which name a statement speaks of an item, and its columns' names.
pub(crate) fn named<'a>(alias: Option<&'a Alias>, name: &str) -> (String, &'a [String]) {
    alias.map_or((name.to_owned(), &[][..]), |alias| {
        (alias.name.clone(), &alias.columns)
    })
}

/// A relation's name as the asker wrote it.
pub(crate) fn shown(name: &RelationName) -> String {
    [&name.database, &name.schema]
        .into_iter()
        .flatten()
        .chain([&name.name])
        .cloned()
        .collect::<Vec<_>>()
        .join(".")
}
