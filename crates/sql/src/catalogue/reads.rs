//! Relations of the catalogue in `FROM`.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is not changed"
)]

use std::rc::Rc;

use super::seen::FIRST;
use super::{source, told, views};
use crate::error::Refused;
use crate::resolve::{
    Namespace, Resolver, Scope, ScopeColumn, ScopeRelation, named, not_visible, shown,
};
use crate::tree::{
    Alias, Body, Constant, Expression, FromItem, NodeId, Query, RelationItem, RelationName,
    SubqueryItem, TypeName,
    walk::{self, Visit},
};

/// The parameter that is the person's name.
const PERSON: u32 = FIRST + 9;

impl Resolver<'_> {
    /// A relation of the catalogue: replaced by what the person may read of it.
    pub(crate) fn catalogue_item(
        &mut self,
        item: &mut FromItem,
        relation: &RelationItem,
    ) -> Result<Namespace, Refused> {
        let name = &relation.name;
        let refused = || not_visible(&shown(name));
        if let Some(database) = &name.database
            && *database != self.context.schema.snapshot().database
        {
            return Err(refused());
        }
        if let Some(told) = told::relation(name) {
            return self.told_item(item, relation, told);
        }
        let schema = name.schema.as_deref().unwrap_or("pg_catalog");
        if schema == "pg_catalog"
            && let Some(template) = source::relation(&name.name)
        {
            return Ok(self.template_item(item, relation, template));
        }
        let definition = views::definition(schema, &name.name).ok_or_else(refused)?;
        self.seen();
        let expanded = self
            .expand_catalogue_view(relation, definition)
            .map_err(|_| refused())?;
        let namespace = Namespace::of_output(&expanded.name, &expanded.output, &expanded.columns);
        *item = expanded.item;
        Ok(namespace)
    }

    /// A function in `FROM` that reads objects; `None` where it is one like any other.
    pub(crate) fn catalogue_function(
        &mut self,
        item: &mut FromItem,
        scope: &Scope<'_>,
    ) -> Result<Option<Namespace>, Refused> {
        if let Some(namespace) = self.told_function(item, scope)? {
            return Ok(Some(namespace));
        }
        let FromItem::Function(function) = item else {
            return Ok(None);
        };
        let [(Expression::Call(call), defined)] = function.functions.as_mut_slice() else {
            return Ok(None);
        };
        // What `pg_settings` is made of.
        if defined.is_empty()
            && call.arguments.is_empty()
            && call.name.name == "pg_show_all_settings"
            && call
                .name
                .schema
                .as_deref()
                .is_none_or(|s| s == "pg_catalog")
            && function.columns.is_empty()
            && !function.ordinality
            && let Some(template) = source::relation("pg_settings")
        {
            let alias = function.alias.clone().unwrap_or(Alias {
                name: call.name.name.clone(),
                columns: Vec::new(),
            });
            let relation = RelationItem {
                id: function.id,
                name: RelationName {
                    database: None,
                    schema: None,
                    name: alias.name.clone(),
                },
                only: false,
                alias: Some(alias),
            };
            return Ok(Some(self.template_item(item, &relation, template)));
        }
        let is_own = call
            .name
            .schema
            .as_deref()
            .is_none_or(|s| s == "pg_catalog")
            && defined.is_empty();
        let found = source::function(&call.name.name, call.arguments.len());
        let Some(found) = found.filter(|_| is_own) else {
            return Ok(None);
        };
        let mut arguments = Vec::new();
        for argument in &mut call.arguments {
            self.expression(&mut argument.value, scope)?;
            arguments.push(std::mem::replace(&mut argument.value, Expression::Default));
        }
        let mut query = self.our_own_query(found, arguments);
        let mut columns = source::names(found).unwrap_or_default();
        if !function.ordinality {
            columns.pop();
            if let Body::Select(select) = &mut query.body {
                select.targets.pop();
            }
        }
        let alias = function.alias.clone().unwrap_or(Alias {
            name: call.name.name.clone(),
            columns: Vec::new(),
        });
        let output = crate::resolve::Output {
            columns,
            open: false,
        };
        let namespace = Namespace::of_output(&alias.name, &output, &alias.columns);
        self.next_id += 1;
        *item = FromItem::Subquery(Box::new(SubqueryItem {
            id: NodeId(self.next_id),
            lateral: true,
            query,
            alias: Some(alias),
        }));
        Ok(Some(namespace))
    }

    fn template_item(
        &mut self,
        item: &mut FromItem,
        relation: &RelationItem,
        template: &source::Template,
    ) -> Namespace {
        self.seen();
        let is_top = self.depth == 1;
        let mut query = template.query.clone();
        self.fill(&mut query);
        if !is_top {
            plain_numbers(&mut query, &template.columns);
        }
        let (alias, names) = named(relation.alias.as_ref(), &relation.name.name);
        let called = crate::resolve::renamed(
            template
                .columns
                .iter()
                .map(|(name, _)| name.clone())
                .collect(),
            names,
        );
        let columns = called
            .into_iter()
            .zip(&template.columns)
            .map(|(name, (_, is_proc))| {
                Rc::new(ScopeColumn {
                    name,
                    origin: None,
                    qualifier: Some(alias.clone()),
                    is_reg: is_top && *is_proc,
                })
            })
            .collect();
        self.next_id += 1;
        *item = FromItem::Subquery(Box::new(SubqueryItem {
            id: NodeId(self.next_id),
            lateral: false,
            query,
            alias: Some(Alias {
                name: alias.clone(),
                columns: names.to_vec(),
            }),
        }));
        let schema = relation.alias.is_none().then(|| "pg_catalog".to_owned());
        Namespace::of(ScopeRelation {
            name: alias,
            schema,
            columns,
            sources: Vec::new(),
            open: false,
            catalogue: Some(template.oid),
        })
    }

    /// Puts the person's own parameters into one of our queries.
    pub(super) fn fill(&self, query: &mut Query) {
        walk::query(query, &mut self.filler());
    }

    pub(super) fn filler(&self) -> impl Visit + use<> {
        Fill {
            user: self.context.names.user.clone(),
        }
    }
}

/// Outside the outermost query, values of type regproc are numbers: beside them, a text would be
/// looked up as a function.
fn plain_numbers(query: &mut Query, columns: &[(String, bool)]) {
    let Body::Select(select) = &mut query.body else {
        return;
    };
    for (target, (_, is_proc)) in select.targets.iter_mut().zip(columns) {
        if *is_proc {
            let value = std::mem::replace(&mut target.value, Expression::Default);
            target.value = Expression::Cast(Box::new(value), TypeName::builtin("oid"));
        }
    }
}

struct Fill {
    user: String,
}

impl Visit for Fill {
    fn expression(&mut self, expression: &mut Expression) {
        let Expression::Parameter(number) = expression else {
            return;
        };
        if *number >= source::ARGUMENT {
            return;
        }
        *number += FIRST;
        if *number == PERSON {
            *expression = Expression::Constant(Constant::Text(self.user.clone()));
        }
    }
}
