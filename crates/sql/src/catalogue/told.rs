//! Relations whose rows the gate makes: what a session is told of itself. They are read as
//! PostgreSQL's catalogue is, never beside data, and their rows travel as one value beside the
//! statement, so that any SQL works over them.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is not one of them"
)]

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::LazyLock;

use model::Refusal;

use super::source;
use crate::error::Refused;
use crate::resolve::{Namespace, Resolver, Scope, ScopeColumn, ScopeRelation, named};
use crate::tree::{
    Alias, Call, Constant, Expression, FromItem, NodeId, ObjectName, Query, RelationItem,
    RelationName, SubqueryItem, walk,
};

/// What a session is told of itself, as one relation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Told {
    /// What the person may see, and what they may ask for.
    Access,
    /// The refusal before this statement.
    LastRefusal,
    /// What would become of a statement.
    Explained(ToldText),
    /// Open cursors.
    Cursors,
    /// Prepared statements.
    PreparedStatements,
}

/// The statement to explain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ToldText {
    /// It stands in the statement.
    Constant(String),
    /// It is the client's parameter of this number.
    Client(u32),
}

/// Numbers of parameters from here on stand for what is told, until the statement is guarded.
pub(crate) const TOLD: u32 = 3_000_000;

/// Schema, name, and columns with their types.
const RELATIONS: [(&str, &str, &str); 5] = [
    (
        "cordon",
        "my_access",
        "dataset text, relation text, field text, level text, verdict text, why text, ask text",
    ),
    (
        "cordon",
        "last_refusal",
        "code text, sqlstate text, what text, remedy text, happened timestamptz, session int8, \
         statement int8, entry int8",
    ),
    (
        "cordon",
        "explain",
        "statement int4, kind text, about text, answer text, remedy text",
    ),
    (
        "pg_catalog",
        "pg_cursors",
        "name text, statement text, is_holdable bool, is_binary bool, is_scrollable bool, \
         creation_time timestamptz",
    ),
    (
        "pg_catalog",
        "pg_prepared_statements",
        "name text, statement text, prepare_time timestamptz, parameter_types _regtype, \
         from_sql bool, generic_plans int8, custom_plans int8",
    ),
];

/// The schema of what is Cordon's own.
const SCHEMA: &str = "cordon";

struct Form {
    columns: Vec<&'static str>,
    query: Query,
}

static FORMS: LazyLock<HashMap<(&'static str, &'static str), Form>> = LazyLock::new(|| {
    RELATIONS
        .into_iter()
        .filter_map(|(schema, name, columns)| Some(((schema, name), form(columns)?)))
        .collect()
});

fn form(columns: &'static str) -> Option<Form> {
    let pairs: Vec<(&str, &str)> = columns
        .split(',')
        .filter_map(|column| column.trim().split_once(' '))
        .collect();
    let targets: Vec<String> = pairs.iter().map(|(name, _)| format!("~t.{name}")).collect();
    let types: Vec<String> = pairs
        .iter()
        .map(|(name, kind)| format!("{name} pg_catalog.{kind}"))
        .collect();
    // What is told has the number after the base.
    let text = format!(
        "SELECT {} FROM pg_catalog.jsonb_to_recordset(${}::jsonb) AS ~t({}) OFFSET 0",
        targets.join(", "),
        source::ARGUMENT,
        types.join(", ")
    );
    Some(Form {
        columns: pairs.into_iter().map(|(name, _)| name).collect(),
        query: source::query(&text)?,
    })
}

/// The relation that a name means, if it is one of these.
pub(super) fn relation(name: &RelationName) -> Option<Told> {
    match (name.schema.as_deref(), name.name.as_str()) {
        (Some(SCHEMA), "my_access") => Some(Told::Access),
        (Some(SCHEMA), "last_refusal") => Some(Told::LastRefusal),
        (None | Some("pg_catalog"), "pg_cursors") => Some(Told::Cursors),
        (None | Some("pg_catalog"), "pg_prepared_statements") => Some(Told::PreparedStatements),
        _ => None,
    }
}

/// Whether it is `cordon.explain`, with whatever arguments.
pub(crate) fn is_explain(name: &ObjectName) -> bool {
    name.schema.as_deref() == Some(SCHEMA) && name.name == "explain"
}

/// Where `cordon.explain` may stand and what it is given.
pub(crate) fn explain_misused() -> Refused {
    let how = "`cordon.explain` stands in FROM, alone, with one text: \
               SELECT * FROM cordon.explain('SELECT ...')";
    Refused::new(Refusal::SyntaxNotSupported, how)
}

impl Told {
    const fn key(&self) -> (&'static str, &'static str) {
        match self {
            Self::Access => (SCHEMA, "my_access"),
            Self::LastRefusal => (SCHEMA, "last_refusal"),
            Self::Explained(_) => (SCHEMA, "explain"),
            Self::Cursors => ("pg_catalog", "pg_cursors"),
            Self::PreparedStatements => ("pg_catalog", "pg_prepared_statements"),
        }
    }
}

impl Resolver<'_> {
    /// A relation that is told.
    pub(super) fn told_item(
        &mut self,
        item: &mut FromItem,
        relation: &RelationItem,
        told: Told,
    ) -> Result<Namespace, Refused> {
        let (schema, name) = told.key();
        let alias = relation.alias.clone();
        let mut namespace = self.tell(item, alias.as_ref(), told)?;
        if alias.is_none() {
            // It may be called by its whole name.
            for one in &mut namespace.relations {
                if one.name == name {
                    Rc::make_mut(one).schema = Some(schema.to_owned());
                }
            }
        }
        Ok(namespace)
    }

    /// `cordon.explain('...')` in FROM; `None` where the function is another.
    pub(super) fn told_function(
        &mut self,
        item: &mut FromItem,
        scope: &Scope<'_>,
    ) -> Result<Option<Namespace>, Refused> {
        let FromItem::Function(function) = item else {
            return Ok(None);
        };
        let [(Expression::Call(call), defined)] = function.functions.as_mut_slice() else {
            return Ok(None);
        };
        if !is_explain(&call.name) {
            return Ok(None);
        }
        let is_plain = defined.is_empty() && function.columns.is_empty() && !function.ordinality;
        let text = text_of(call).filter(|_| is_plain);
        let text = text.ok_or_else(explain_misused)?;
        if let ToldText::Client(number) = text {
            self.expression(&mut Expression::Parameter(number), scope)?;
        }
        let alias = function.alias.clone();
        self.tell(item, alias.as_ref(), Told::Explained(text))
            .map(Some)
    }

    fn tell(
        &mut self,
        item: &mut FromItem,
        alias: Option<&Alias>,
        told: Told,
    ) -> Result<Namespace, Refused> {
        let (_, name) = told.key();
        let form = FORMS
            .get(&told.key())
            .ok_or_else(|| Refused::new(Refusal::GuardNotPossible, format!("`{name}`")))?;
        let mut query = form.query.clone();
        let number = self.number_of(told);
        walk::query(&mut query, &mut Point(number));
        let (alias, names) = named(alias, name);
        let called = crate::resolve::renamed(
            form.columns
                .iter()
                .map(|&column| column.to_owned())
                .collect(),
            names,
        );
        let columns = called
            .into_iter()
            .map(|name| {
                Rc::new(ScopeColumn {
                    name,
                    origin: None,
                    qualifier: Some(alias.clone()),
                    is_reg: false,
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
        Ok(Namespace::of(ScopeRelation {
            name: alias,
            schema: None,
            columns,
            sources: Vec::new(),
            open: false,
            catalogue: None,
        }))
    }

    /// The place-holder of what is told; the same has one.
    fn number_of(&mut self, told: Told) -> u32 {
        let all = &mut self.resolution.told;
        let place = all.iter().position(|one| *one == told).unwrap_or_else(|| {
            all.push(told);
            all.len() - 1
        });
        TOLD + u32::try_from(place).unwrap_or_default()
    }
}

/// The one argument: a text, or a parameter.
fn text_of(call: &Call) -> Option<ToldText> {
    let is_plain = !call.star
        && !call.variadic
        && !call.distinct
        && call.order_by.is_empty()
        && call.filter.is_none()
        && call.over.is_none();
    let [argument] = call.arguments.as_slice() else {
        return None;
    };
    let mut value = &argument.value;
    // A driver may write the type behind it.
    while let Expression::Cast(inner, to) = value
        && matches!(to.name.name.as_str(), "text" | "varchar")
    {
        value = inner;
    }
    match value {
        Expression::Constant(Constant::Text(text)) if is_plain => {
            Some(ToldText::Constant(text.clone()))
        }
        Expression::Parameter(number) if is_plain => Some(ToldText::Client(*number)),
        _ => None,
    }
}

/// Puts the place-holder where the form has its argument.
struct Point(u32);

impl walk::Visit for Point {
    fn expression(&mut self, expression: &mut Expression) {
        if *expression == Expression::Parameter(source::ARGUMENT) {
            *expression = Expression::Parameter(self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_relation_has_a_form() {
        assert_eq!(FORMS.len(), RELATIONS.len());
        for (schema, name, columns) in RELATIONS {
            let found = FORMS.get(&(schema, name)).map(|form| form.columns.len());
            assert_eq!(found, Some(columns.split(',').count()), "{name}");
        }
    }
}
