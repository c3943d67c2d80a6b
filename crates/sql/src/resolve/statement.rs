//! Statements, and what writes read and write.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is refused"
)]

use std::rc::Rc;

use model::{FieldName, Refusal};
use pgschema::{Relation, RelationKind};

use super::query::Output;
use super::scope::{Namespace, Scope, ScopeRelation};
use super::{Resolver, Role, Write, not_visible};
use crate::error::Refused;
use crate::tree::{
    Assignment, ConflictAction, ConflictTarget, Delete, Expression, Insert, InsertSource,
    RelationName, Statement, Target, Update,
};

impl<'a> Resolver<'a> {
    pub(super) fn statement(&mut self, statement: &mut Statement) -> Result<(), Refused> {
        let root = Scope::default();
        match statement {
            Statement::Query(query) => self.query(query, &root).map(|_| ()),
            Statement::Insert(insert) => self.insert(insert, &root).map(|_| ()),
            Statement::Update(update) => self.update(update, &root).map(|_| ()),
            Statement::Delete(delete) => self.delete(delete, &root).map(|_| ()),
            Statement::Prepare(prepare) => {
                for type_name in &mut prepare.types {
                    self.type_name(type_name)?;
                }
                match &prepare.statement {
                    Statement::Query(_)
                    | Statement::Insert(_)
                    | Statement::Update(_)
                    | Statement::Delete(_) => self.statement(&mut prepare.statement),
                    _ => Err(Refused::new(
                        Refusal::StatementNotAllowed,
                        "PREPARE of this statement",
                    )),
                }
            }
            Statement::Execute(execute) => {
                for argument in &mut execute.arguments {
                    self.expression(argument, &root)?;
                }
                Ok(())
            }
            Statement::Declare(declare) => {
                if declare.hold {
                    return Err(Refused::new(
                        Refusal::StatementNotAllowed,
                        "DECLARE ... WITH HOLD, which outlives its transaction",
                    ));
                }
                self.query(&mut declare.query, &root).map(|_| ())
            }
            Statement::CopyOut(copy) => self.query(&mut copy.query, &root).map(|_| ()),
            Statement::Explain(explain) => match &explain.statement {
                Statement::Query(_) => self.statement(&mut explain.statement),
                _ => Err(Refused::new(
                    Refusal::StatementNotAllowed,
                    "EXPLAIN of anything but a query",
                )),
            },
            Statement::Deallocate(_)
            | Statement::Fetch(_)
            | Statement::Close(_)
            | Statement::Set(_)
            | Statement::Show(_)
            | Statement::Transaction(_)
            | Statement::Discard(_) => Ok(()),
        }
    }

    /// The target of a write: a governed table, written with its full name.
    fn target(
        &mut self,
        node: u32,
        name: &mut RelationName,
        alias: Option<&String>,
    ) -> Result<(usize, &'a Relation, Namespace), Refused> {
        let found = self.find(name)?;
        if !matches!(
            found.kind,
            RelationKind::Table | RelationKind::PartitionedTable
        ) {
            return Err(not_visible(&super::from::shown(name)));
        }
        let known_as = alias.unwrap_or(&name.name).clone();
        let source = self.reference(node, name, found, known_as.clone(), Role::Write)?;
        let columns = self.columns_of(source, found, &known_as);
        name.database = None;
        name.schema = Some(found.schema.clone());
        name.name.clone_from(&found.name);
        let mut namespace = Namespace::of(ScopeRelation {
            name: known_as,
            schema: None,
            columns,
            sources: vec![source],
            open: false,
            catalogue: None,
        });
        // It is the relation itself, with every column it has.
        namespace.strict = true;
        if let Some(used) = self.resolution.uses.get_mut(source) {
            used.by_name_only = false;
        }
        Ok((source, found, namespace))
    }

    /// Checks that a column may be written, and remembers it.
    fn written(&mut self, source: usize, column: &str) -> Result<(), Refused> {
        let unknown = || Refused::new(Refusal::FieldNotVisible, format!("`{column}`"));
        let field = FieldName::new(column).map_err(|_| unknown())?;
        let used = self.resolution.uses.get_mut(source).ok_or_else(unknown)?;
        if !used.visible.contains_key(&field) {
            return Err(unknown());
        }
        used.fields.insert(field.clone());
        let dataset = used.dataset.clone();
        self.resolution.writes.push(Write { dataset, field });
        Ok(())
    }

    pub(super) fn insert(
        &mut self,
        insert: &mut Insert,
        outer: &Scope<'_>,
    ) -> Result<Output, Refused> {
        let mut scope = Scope::within(outer);
        if let Some(with) = &mut insert.with {
            self.with(with, &mut scope)?;
        }
        let alias = insert.alias.clone();
        let (source, found, namespace) =
            self.target(insert.id.0, &mut insert.relation, alias.as_ref())?;
        if insert.columns.is_empty() {
            // Columns by position would reach those that are not seen.
            insert.columns = self
                .columns_of(source, found, "")
                .into_iter()
                .map(|column| column.name.clone())
                .collect();
        }
        for column in &insert.columns {
            self.written(source, column)?;
        }
        if let InsertSource::Query(query) = &mut insert.source {
            self.query(query, &scope)?;
        }
        let mut inner = Scope::within(&scope);
        inner.namespace = namespace;
        if let Some(conflict) = &mut insert.on_conflict {
            match &conflict.target {
                ConflictTarget::Columns(columns) => {
                    for column in columns {
                        self.written(source, column)?;
                    }
                }
                ConflictTarget::Constraint(name) => {
                    return Err(Refused::new(
                        Refusal::SyntaxNotSupported,
                        format!("ON CONFLICT ON CONSTRAINT `{name}`"),
                    ));
                }
                ConflictTarget::Any => {}
            }
            if let ConflictAction::Update(assignments, filter) = &mut conflict.action {
                let mut with_excluded = Scope::within(&scope);
                with_excluded.namespace = inner.namespace.clone();
                if let Some(relation) = inner.namespace.relations.first() {
                    let mut excluded = Rc::clone(relation);
                    "excluded".clone_into(&mut Rc::make_mut(&mut excluded).name);
                    with_excluded.namespace.relations.push(excluded);
                }
                self.assignments(source, assignments, &with_excluded)?;
                if let Some(filter) = filter {
                    self.expression(filter, &with_excluded)?;
                }
            }
        }
        self.returning(&mut insert.returning, &inner)
    }

    fn assignments(
        &mut self,
        source: usize,
        assignments: &mut [Assignment],
        scope: &Scope<'_>,
    ) -> Result<(), Refused> {
        for assignment in assignments {
            self.written(source, &assignment.column)?;
            if assignment.value != Expression::Default {
                self.expression(&mut assignment.value, scope)?;
            }
        }
        Ok(())
    }

    fn returning(
        &mut self,
        returning: &mut [Target],
        scope: &Scope<'_>,
    ) -> Result<Output, Refused> {
        self.targets(returning, scope)
    }

    pub(super) fn update(
        &mut self,
        update: &mut Update,
        outer: &Scope<'_>,
    ) -> Result<Output, Refused> {
        let mut tables = Scope::within(outer);
        if let Some(with) = &mut update.with {
            self.with(with, &mut tables)?;
        }
        let alias = update.alias.clone();
        let (source, _, namespace) =
            self.target(update.id.0, &mut update.relation, alias.as_ref())?;
        let mut scope = Scope::within(&tables);
        scope.namespace = namespace;
        self.from(&mut update.from, &mut scope)?;
        self.assignments(source, &mut update.assignments, &scope)?;
        if let Some(filter) = &mut update.filter {
            self.expression(filter, &scope)?;
        }
        self.returning(&mut update.returning, &scope)
    }

    pub(super) fn delete(
        &mut self,
        delete: &mut Delete,
        outer: &Scope<'_>,
    ) -> Result<Output, Refused> {
        let mut tables = Scope::within(outer);
        if let Some(with) = &mut delete.with {
            self.with(with, &mut tables)?;
        }
        let alias = delete.alias.clone();
        let (source, _, namespace) =
            self.target(delete.id.0, &mut delete.relation, alias.as_ref())?;
        if let Some(used) = self.resolution.uses.get_mut(source) {
            // Deleting takes every field of the row with it.
            used.all = true;
        }
        let mut scope = Scope::within(&tables);
        scope.namespace = namespace;
        self.from(&mut delete.using, &mut scope)?;
        if let Some(filter) = &mut delete.filter {
            self.expression(filter, &scope)?;
        }
        self.returning(&mut delete.returning, &scope)
    }
}
