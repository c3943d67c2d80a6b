//! Expressions.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named means nothing: the strict answer"
)]

use std::collections::HashSet;
use std::rc::Rc;

use model::Refusal;

use super::scope::{Meaning, Scope, ScopeColumn, ScopeRelation};
use super::{Reference, Resolver, Role};
use crate::error::Refused;
use crate::tree::{
    ColumnPath, Expression, Step, SublinkKind,
    walk::{self, Child},
};

/// Columns that every table has and no row source of a person has.
const SYSTEM_COLUMNS: [&str; 6] = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"];

const PARAMETERS_MAX: u32 = 65_535;

impl Resolver<'_> {
    pub(crate) fn expression(
        &mut self,
        expression: &mut Expression,
        scope: &Scope<'_>,
    ) -> Result<(), Refused> {
        let position = std::mem::take(&mut self.position);
        if self.is_catalogue && self.of_catalogue(expression, position, scope)? {
            return Ok(());
        }
        match expression {
            Expression::Column(path) if path.star => return self.star_as_value(path, scope),
            Expression::Column(path) => return self.column(path, scope),
            Expression::Row(list, _) => {
                // `ROW(t.*)` is written out, as among targets.
                for one in list {
                    match one {
                        Expression::Column(path) if path.star => {
                            self.star(path, scope, false)?;
                        }
                        other => self.expression(other, scope)?,
                    }
                }
                return Ok(());
            }
            Expression::Parameter(number) => {
                // LIMIT: PostgreSQL has at most 65,535; larger numbers are the guard's own.
                if *number > PARAMETERS_MAX {
                    return Err(Refused::new(
                        Refusal::SyntaxError,
                        format!("there is no parameter ${number}"),
                    ));
                }
                self.resolution.parameters = self.resolution.parameters.max(*number);
            }
            Expression::Session(value) => {
                if let Some(answer) = self.session_value(*value) {
                    *expression = answer;
                }
                return Ok(());
            }
            Expression::Cast(_, type_name) => self.type_name(type_name)?,
            Expression::Collate(_, name) => self.collation(name)?,
            Expression::Operator { name, .. } | Expression::OperatorArray { name, .. } => {
                self.operator(name)?;
            }
            Expression::Call(call) => {
                if self.is_field_of_row(call, scope) {
                    return self.functional_field(expression, scope);
                }
                if let Some(answer) = self.function(call)? {
                    *expression = answer;
                    return Ok(());
                }
            }
            Expression::Sublink(sublink) => {
                if let SublinkKind::Compare { operator, .. } = &mut sublink.kind {
                    self.operator(operator)?;
                }
            }
            Expression::Steps(_, steps) => {
                for step in steps {
                    if let Step::Field(name) = step {
                        Self::field_step(name)?;
                    }
                }
            }
            Expression::Constant(_)
            | Expression::Binary(_, _, _)
            | Expression::List(_, _, _)
            | Expression::Boolean(_, _)
            | Expression::IsNull(_, _)
            | Expression::IsTruth(_, _)
            | Expression::Case { .. }
            | Expression::Coalesce(_)
            | Expression::MinMax(_, _)
            | Expression::Array(_)
            | Expression::Grouping(_)
            | Expression::Default => {}
        }
        self.below(expression, scope)
    }

    fn below(&mut self, expression: &mut Expression, scope: &Scope<'_>) -> Result<(), Refused> {
        let mut result = Ok(());
        walk::children(expression, &mut |child| {
            if result.is_ok() {
                result = match child {
                    Child::Expression(inner) => self.expression(inner, scope),
                    Child::Query(inner) => self.query(inner, scope).map(|_| ()),
                };
            }
        });
        result
    }

    /// `ssn(s)` for `s.ssn`: PostgreSQL takes it so where no function of that name fits.
    fn is_field_of_row(&self, call: &crate::tree::Call, scope: &Scope<'_>) -> bool {
        let [argument] = call.arguments.as_slice() else {
            return false;
        };
        let Expression::Column(path) = &argument.value else {
            return false;
        };
        if call.name.schema.is_some() || argument.name.is_some() || path.star || call.star {
            return false;
        }
        let [name] = path.parts.as_slice() else {
            return false;
        };
        let Meaning::Row(relation, _) = scope.unqualified(name) else {
            return false;
        };
        let schemas = self.context.path.iter();
        let mut own = schemas.flat_map(|schema| {
            let schema = schema.as_str();
            self.context.schema.functions_named(schema, &call.name.name)
        });
        pgschema::builtin::function(&call.name.name).is_none()
            && own.next().is_none()
            && relation.columns.iter().any(|c| c.name == call.name.name)
    }

    fn functional_field(
        &mut self,
        expression: &mut Expression,
        scope: &Scope<'_>,
    ) -> Result<(), Refused> {
        let Expression::Call(call) = expression else {
            return Ok(());
        };
        let Some(Expression::Column(path)) = call.arguments.first().map(|first| &first.value)
        else {
            return Ok(());
        };
        let mut path = path.clone();
        path.parts.push(call.name.name.clone());
        *expression = Expression::Column(path);
        self.expression(expression, scope)
    }

    pub(super) fn column(
        &mut self,
        path: &mut ColumnPath,
        scope: &Scope<'_>,
    ) -> Result<(), Refused> {
        let meaning = match path.parts.as_slice() {
            [name] => scope.unqualified(name),
            [relation, name] => self.qualified(None, relation, name, scope),
            [schema, relation, name] => self.qualified(Some(schema), relation, name, scope),
            [database, schema, relation, name] => {
                if *database != self.context.schema.snapshot().database {
                    return Err(unknown(path));
                }
                self.qualified(Some(schema), relation, name, scope)
            }
            _ => return Err(unknown(path)),
        };
        match meaning {
            Meaning::Column(column, levels_up) => {
                if levels_up > 0 {
                    self.resolution.outer.insert(path.id.0);
                }
                // A merged column is written as that of one side, so that the join may be written
                // otherwise.
                if path.parts.len() == 1
                    && levels_up == 0
                    && column.origin.is_some()
                    && let Some(qualifier) = &column.qualifier
                {
                    path.parts = vec![qualifier.clone(), column.name.clone()];
                }
                let reference = match &column.origin {
                    Some((source, field)) => {
                        let (source, field) = (*source, field.clone());
                        // Unqualified from further in, another item may have the same name.
                        let qualifier = column
                            .qualifier
                            .clone()
                            .filter(|_| levels_up == 0 || path.parts.len() > 1);
                        if let Some(used) = self.resolution.uses.get_mut(source) {
                            used.reads(&field);
                        }
                        Reference::Field {
                            source,
                            field,
                            qualifier,
                            levels_up,
                        }
                    }
                    None => Reference::Other,
                };
                self.resolution.references.insert(path.id.0, reference);
                // A schema or database before the alias of a guarded relation means nothing there.
                if path.parts.len() > 2 {
                    path.parts.drain(..path.parts.len() - 2);
                }
                Ok(())
            }
            Meaning::Row(relation, levels_up) => {
                if levels_up > 0 {
                    self.resolution.outer.insert(path.id.0);
                }
                self.whole_row(&relation)?;
                self.resolution
                    .references
                    .insert(path.id.0, Reference::Other);
                if let Some(name) = path.parts.pop() {
                    path.parts = vec![name];
                }
                Ok(())
            }
            Meaning::Open => {
                self.resolution.outer.insert(path.id.0);
                if let Some(name) = path.parts.last()
                    && path.parts.len() > 1
                {
                    Self::field_step(name)?;
                }
                self.resolution
                    .references
                    .insert(path.id.0, Reference::Other);
                Ok(())
            }
            Meaning::Ambiguous => Err(Refused::new(Refusal::NameAmbiguous, shown(path))),
            Meaning::Nothing => Err(unknown(path)),
        }
    }

    /// `t.a`; where `t` has no `a`, `t.a` is the schema-qualified row of nothing.
    #[expect(clippy::unused_self, reason = "reads beside its siblings")]
    fn qualified(
        &self,
        schema: Option<&str>,
        relation: &str,
        name: &str,
        scope: &Scope<'_>,
    ) -> Meaning {
        let (found, levels_up) = match scope.relation(schema, relation) {
            Meaning::Row(found, levels_up) => (found, levels_up),
            other => return other,
        };
        // The schema is not written out again: a nearer item of the same name would take its place.
        if schema.is_some()
            && !matches!(scope.relation(None, relation), Meaning::Row(_, nearest) if nearest == levels_up)
        {
            return Meaning::Ambiguous;
        }
        let mut columns = found.columns.iter().filter(|column| column.name == name);
        match (columns.next(), columns.next()) {
            (Some(column), None) => Meaning::Column(column.clone(), levels_up),
            (Some(_), Some(_)) => Meaning::Ambiguous,
            (None, _) if found.open => Meaning::Open,
            (None, _) => Meaning::Nothing,
        }
    }

    /// `t.*` anywhere but among targets and in `ROW`: PostgreSQL takes the whole row, or writes out
    /// all that the guarded relation has.
    fn star_as_value(&mut self, path: &mut ColumnPath, scope: &Scope<'_>) -> Result<(), Refused> {
        self.star(path, scope, false)?;
        let relations = match path.parts.last() {
            None => scope.namespace.relations.clone(),
            Some(name) => match scope.relation(None, name) {
                Meaning::Row(relation, _) => vec![relation],
                Meaning::Column(_, _) | Meaning::Open | Meaning::Ambiguous | Meaning::Nothing => {
                    Vec::new()
                }
            },
        };
        for relation in &relations {
            self.whole_row(relation)?;
        }
        Ok(())
    }

    /// `t.*` among targets, those of the answer or others, or in `ROW`.
    pub(super) fn star(
        &mut self,
        path: &mut ColumnPath,
        scope: &Scope<'_>,
        is_answer: bool,
    ) -> Result<(), Refused> {
        let (columns, open) = match path.parts.as_slice() {
            [] => {
                for relation in &scope.namespace.relations {
                    self.all_of(relation);
                }
                (scope.namespace.columns.clone(), scope.namespace.open)
            }
            parts => {
                let (schema, name) = match parts {
                    [name] => (None, name),
                    [schema, name] => (Some(schema.as_str()), name),
                    _ => return Err(unknown(path)),
                };
                match scope.relation(schema, name) {
                    Meaning::Row(relation, _) => {
                        self.all_of(&relation);
                        (relation.columns.clone(), relation.open)
                    }
                    Meaning::Ambiguous => {
                        return Err(Refused::new(Refusal::NameAmbiguous, shown(path)));
                    }
                    Meaning::Column(_, _) | Meaning::Open | Meaning::Nothing => {
                        return Err(unknown(path));
                    }
                }
            }
        };
        if !is_answer && columns.iter().any(|column| column.is_reg) {
            return Err(super::about_catalogue::row_of_names());
        }
        if open || has_twins(&columns) {
            // What it stands for is not known, or cannot be said by name, so no column may be added
            // beside it.
            let relations = match path.parts.last() {
                None => scope.namespace.relations.clone(),
                Some(name) => match scope.relation(None, name) {
                    Meaning::Row(relation, _) => vec![relation],
                    _ => Vec::new(),
                },
            };
            for relation in &relations {
                self.whole_row(relation)?;
            }
        } else {
            let list = columns
                .into_iter()
                .map(|column| (column.qualifier.clone(), column.name.clone()))
                .collect();
            self.resolution.stars.insert(path.id.0, list);
        }
        if path.parts.len() > 1
            && let Some(name) = path.parts.pop()
        {
            path.parts = vec![name];
        }
        Ok(())
    }

    /// All fields are asked for, each by name.
    fn all_of(&mut self, relation: &ScopeRelation) {
        for column in &relation.columns {
            if let Some((source, field)) = &column.origin
                && let Some(used) = self.resolution.uses.get_mut(*source)
            {
                used.reads(field);
            }
        }
        for source in &relation.sources {
            if let Some(used) = self.resolution.uses.get_mut(*source) {
                used.all = true;
            }
        }
    }

    /// The row as one value: no column may be added to it.
    pub(super) fn whole_row(&mut self, relation: &ScopeRelation) -> Result<(), Refused> {
        self.all_of(relation);
        let origins = relation
            .columns
            .iter()
            .filter_map(|column| column.origin.as_ref());
        let sources: Vec<usize> = origins
            .map(|(source, _)| *source)
            .chain(relation.sources.iter().copied())
            .collect();
        for source in sources {
            if let Some(used) = self.resolution.uses.get_mut(source) {
                if used.role == Role::Write {
                    // It has every column, also those that nobody may see.
                    return Err(Refused::new(
                        Refusal::SyntaxNotSupported,
                        format!("the whole row of `{}`, which is written", relation.name),
                    ));
                }
                used.by_name_only = false;
            }
        }
        Ok(())
    }
}

/// Whether two columns have one full name, as those of `(SELECT a, a FROM t) s` have.
fn has_twins(columns: &[Rc<ScopeColumn>]) -> bool {
    let mut names = HashSet::new();
    let mut all = columns.iter();
    all.any(|column| !names.insert((column.qualifier.as_deref(), column.name.as_str())))
}

fn unknown(path: &ColumnPath) -> Refused {
    let is_system = path
        .parts
        .last()
        .is_some_and(|name| SYSTEM_COLUMNS.contains(&name.as_str()));
    let code = if is_system {
        Refusal::RowAccessNotAllowed
    } else {
        Refusal::FieldNotVisible
    };
    Refused::new(code, shown(path))
}

fn shown(path: &ColumnPath) -> String {
    let mut text = path.parts.join(".");
    if path.star {
        text.push_str(if text.is_empty() { "*" } else { ".*" });
    }
    format!("`{text}`")
}
