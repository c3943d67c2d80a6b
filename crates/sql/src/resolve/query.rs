//! Queries: scopes of common tables, `FROM`, and what a query returns.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is resolved as it is"
)]

use std::rc::Rc;

use model::Refusal;

use super::figure::{OF_STAR, figure, naming_star};
use super::scope::{Namespace, Scope, ScopeTable};
use super::{Reference, Resolver};
use crate::error::Refused;
use crate::tree::{
    Body, Distinct, Expression, GroupingItem, Query, Select, Sort, Statement, Target, With, walk,
};

/// What a query returns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Output {
    pub(crate) columns: Vec<String>,
    /// Whether there may be more.
    pub(crate) open: bool,
}

impl Resolver<'_> {
    pub(super) fn query(
        &mut self,
        query: &mut Query,
        outer: &Scope<'_>,
    ) -> Result<Output, Refused> {
        self.depth += 1;
        let result = self.query_within(query, outer);
        self.depth -= 1;
        result
    }

    fn query_within(&mut self, query: &mut Query, outer: &Scope<'_>) -> Result<Output, Refused> {
        if query.locks_rows {
            return Err(Refused::new(
                Refusal::RowAccessNotAllowed,
                "FOR UPDATE and its kin",
            ));
        }
        let mut scope = Scope::within(outer);
        if let Some(with) = &mut query.with {
            self.with(with, &mut scope)?;
        }
        let output = match &mut query.body {
            Body::Select(select) => self.select(select, &mut query.order_by, &scope)?,
            Body::Values(rows) => {
                for value in rows.iter_mut().flatten() {
                    self.expression(value, &scope)?;
                }
                let width = rows.first().map_or(0, Vec::len);
                let output = Output {
                    columns: (1..=width).map(|n| format!("column{n}")).collect(),
                    // `t.*` in it becomes as many columns as `t` has.
                    open: rows.iter().flatten().any(is_star),
                };
                self.sorts(&mut query.order_by, &output, &scope)?;
                output
            }
            Body::SetOperation { left, right, .. } => {
                let output = self.query(left, &scope)?;
                self.query(right, &scope)?;
                self.sorts(&mut query.order_by, &output, &scope)?;
                output
            }
        };
        if let Some(limit) = &mut query.limit {
            self.expression(&mut limit.count, &scope)?;
        }
        if let Some(offset) = &mut query.offset {
            self.expression(offset, &scope)?;
        }
        Ok(output)
    }

    /// Adds common tables to a scope, one after the other.
    pub(super) fn with(&mut self, with: &mut With, scope: &mut Scope<'_>) -> Result<(), Refused> {
        let later: Vec<String> = with.tables.iter().map(|table| table.name.clone()).collect();
        for (index, table) in with.tables.iter_mut().enumerate() {
            if with.recursive {
                // A later name would be the common table for PostgreSQL and a relation here.
                let ahead = later.get(index + 1..).unwrap_or_default();
                if ahead
                    .iter()
                    .any(|name| mentions(&mut table.statement, name))
                {
                    return Err(Refused::new(
                        Refusal::SyntaxNotSupported,
                        "a recursive common table that reads one written after it",
                    ));
                }
            }
            let output = match &mut table.statement {
                Statement::Query(query) if with.recursive => {
                    self.recursive(&table.name, &table.columns, query, scope)?
                }
                statement => self.table_statement(statement, scope)?,
            };
            let columns = renamed(output.columns, &table.columns);
            scope.tables.push(Rc::new(ScopeTable {
                name: table.name.clone(),
                columns: Some(columns),
                open: output.open,
            }));
        }
        Ok(())
    }

    /// A query of `WITH RECURSIVE`: its second part sees it under its own name.
    fn recursive(
        &mut self,
        name: &str,
        names: &[String],
        query: &mut Query,
        scope: &mut Scope<'_>,
    ) -> Result<Output, Refused> {
        let mut inner = Scope::within(scope);
        let is_plain = query.with.is_none() && query.order_by.is_empty() && query.limit.is_none();
        let Query { body, .. } = query;
        if let Body::SetOperation { left, right, .. } = body
            && is_plain
            && query.offset.is_none()
        {
            // Within the first part the name is not in sight, and not a relation's either.
            inner.tables.push(Rc::new(ScopeTable {
                name: name.to_owned(),
                columns: None,
                open: false,
            }));
            let output = self.query(left, &inner)?;
            inner.tables.clear();
            inner.tables.push(Rc::new(ScopeTable {
                name: name.to_owned(),
                columns: Some(renamed(output.columns.clone(), names)),
                open: output.open,
            }));
            self.query(right, &inner)?;
            return Ok(output);
        }
        inner.tables.push(Rc::new(ScopeTable {
            name: name.to_owned(),
            columns: None,
            open: false,
        }));
        self.query(query, &inner)
    }

    fn table_statement(
        &mut self,
        statement: &mut Statement,
        scope: &Scope<'_>,
    ) -> Result<Output, Refused> {
        match statement {
            Statement::Query(query) => self.query(query, scope),
            Statement::Insert(insert) => self.insert(insert, scope),
            Statement::Update(update) => self.update(update, scope),
            Statement::Delete(delete) => self.delete(delete, scope),
            _ => Err(Refused::new(
                Refusal::StatementNotAllowed,
                "a statement of this kind in WITH",
            )),
        }
    }

    fn select(
        &mut self,
        select: &mut Select,
        order_by: &mut [Sort],
        outer: &Scope<'_>,
    ) -> Result<Output, Refused> {
        // The common tables of this query are in `outer`'s innermost level already.
        let mut scope = Scope::within(outer);
        self.from(&mut select.from, &mut scope)?;
        let output = self.targets(&mut select.targets, &scope)?;
        if let Some(filter) = &mut select.filter {
            self.expression(filter, &scope)?;
        }
        for item in &mut select.group_by {
            self.grouping(item, &output, &scope)?;
        }
        if let Some(having) = &mut select.having {
            self.expression(having, &scope)?;
        }
        for (_, spec) in &mut select.windows {
            let mut result = Ok(());
            walk::window(spec, &mut |child| {
                if result.is_ok() {
                    result = match child {
                        walk::Child::Expression(inner) => self.expression(inner, &scope),
                        walk::Child::Query(inner) => self.query(inner, &scope).map(|_| ()),
                    };
                }
            });
            result?;
        }
        if let Distinct::On(list) = &mut select.distinct {
            for one in list {
                self.sort_value(one, &output, &scope)?;
            }
        }
        self.sorts(order_by, &output, &scope)?;
        Ok(output)
    }

    /// Resolves targets, gives those a name that would lose theirs, and lists the names.
    pub(super) fn targets(
        &mut self,
        targets: &mut [Target],
        scope: &Scope<'_>,
    ) -> Result<Output, Refused> {
        let mut output = Output::default();
        for target in targets {
            if let Expression::Column(path) = &mut target.value
                && path.star
            {
                let id = path.id.0;
                let is_answer = self.depth == self.answer_depth;
                self.star(path, scope, is_answer)?;
                match self.resolution.stars.get(&id) {
                    Some(list) => output
                        .columns
                        .extend(list.iter().map(|(_, name)| name.clone())),
                    None => output.open = true,
                }
                continue;
            }
            let before = figure(&target.value);
            if matches!(&target.value, Expression::Steps(_, steps)
                if matches!(steps.last(), Some(crate::tree::Step::Star)))
            {
                output.open = true;
            }
            if self.is_catalogue && self.depth == self.answer_depth {
                self.position = crate::catalogue::Position::Output;
            }
            self.expression(&mut target.value, scope)?;
            let before = if before == OF_STAR {
                let known = naming_star(&target.value)
                    .and_then(|id| self.resolution.stars.get(&id)?.first());
                let Some((_, name)) = known else {
                    return Err(Refused::new(
                        Refusal::SyntaxNotSupported,
                        "an unnamed column that takes its name from a `*`",
                    ));
                };
                name.clone()
            } else {
                before
            };
            // Written out, so that PostgreSQL and we cannot find different names for it.
            let name = target.name.get_or_insert(before);
            output.columns.push(name.clone());
        }
        Ok(output)
    }

    fn grouping(
        &mut self,
        item: &mut GroupingItem,
        output: &Output,
        scope: &Scope<'_>,
    ) -> Result<(), Refused> {
        let mut result = Ok(());
        walk::grouping(item, &mut |expression| {
            if result.is_ok() {
                result = self.group_value(expression, output, scope);
            }
        });
        result
    }

    /// `GROUP BY name`: a column that `FROM` offers comes first, then a target's name.
    fn group_value(
        &mut self,
        expression: &mut Expression,
        output: &Output,
        scope: &Scope<'_>,
    ) -> Result<(), Refused> {
        if let Some((id, name)) = bare_name(expression) {
            let offered = scope.namespace.columns.iter().any(|c| c.name == name);
            if !offered && output.columns.contains(&name) {
                self.resolution.references.insert(id, Reference::Other);
                return Ok(());
            }
        }
        self.expression(expression, scope)
    }

    /// `ORDER BY name` and `DISTINCT ON (name)`: a target's name comes first.
    fn sort_value(
        &mut self,
        expression: &mut Expression,
        output: &Output,
        scope: &Scope<'_>,
    ) -> Result<(), Refused> {
        if let Some((id, name)) = bare_name(expression)
            && output.columns.contains(&name)
        {
            self.resolution.references.insert(id, Reference::Other);
            return Ok(());
        }
        self.expression(expression, scope)
    }

    fn sorts(
        &mut self,
        sorts: &mut [Sort],
        output: &Output,
        scope: &Scope<'_>,
    ) -> Result<(), Refused> {
        for sort in sorts {
            self.sort_value(&mut sort.value, output, scope)?;
        }
        Ok(())
    }

    /// Resolves `FROM` from left to right.
    pub(super) fn from(
        &mut self,
        items: &mut [crate::tree::FromItem],
        scope: &mut Scope<'_>,
    ) -> Result<(), Refused> {
        for item in items {
            let namespace = self.item(item, scope)?;
            scope.namespace.extend(namespace);
        }
        Ok(())
    }
}

/// A lone column name, with its node.
fn bare_name(expression: &Expression) -> Option<(u32, String)> {
    match expression {
        Expression::Column(path) if !path.star && path.parts.len() == 1 => {
            path.parts.first().map(|name| (path.id.0, name.clone()))
        }
        _ => None,
    }
}

/// Whether a value stands for all columns of something.
fn is_star(value: &Expression) -> bool {
    match value {
        Expression::Column(path) => path.star,
        Expression::Steps(_, steps) => matches!(steps.last(), Some(crate::tree::Step::Star)),
        _ => false,
    }
}

/// The first columns under other names.
pub(crate) fn renamed(columns: Vec<String>, names: &[String]) -> Vec<String> {
    let mut names = names.iter();
    columns
        .into_iter()
        .map(|column| names.next().cloned().unwrap_or(column))
        .collect()
}

/// Whether a statement reads a relation of this bare name anywhere.
fn mentions(statement: &mut Statement, name: &str) -> bool {
    struct Mentions<'a>(&'a str, bool);
    impl walk::Visit for Mentions<'_> {
        fn from_item(&mut self, item: &mut crate::tree::FromItem) {
            if let crate::tree::FromItem::Relation(relation) = item {
                self.1 |= relation.name.schema.is_none() && relation.name.name == self.0;
            }
        }
    }
    let mut found = Mentions(name, false);
    walk::statement(statement, &mut found);
    found.1
}

impl Namespace {
    /// The namespace of a query under an alias.
    pub(crate) fn of_output(name: &str, output: &Output, names: &[String]) -> Self {
        let columns = renamed(output.columns.clone(), names);
        Self::of(super::scope::ScopeRelation {
            name: name.to_owned(),
            schema: None,
            columns: columns
                .into_iter()
                .map(|column| {
                    Rc::new(super::scope::ScopeColumn {
                        name: column,
                        origin: None,
                        qualifier: Some(name.to_owned()),
                        is_reg: false,
                    })
                })
                .collect(),
            sources: Vec::new(),
            open: output.open,
            catalogue: None,
        })
    }
}
