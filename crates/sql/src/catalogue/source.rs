//! The guarded relations and expressions of the catalogue, read once from their data file.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is not changed"
)]

use std::collections::HashMap;
use std::sync::LazyLock;

use super::expand::{Macro, definition, expand, spelled};
use super::views;
use crate::tree::{
    Body, Expression, FromItem, ObjectName, Query, Statement, SublinkKind, TypeName,
    walk::{self, Visit},
};

const TEXT: &str = include_str!("../../data/catalogue/relations.txt");

/// The first parameter that stands for an argument of an expression.
pub(super) const ARGUMENT: u32 = 101;

/// A guarded relation.
#[derive(Clone, Debug)]
pub(super) struct Template {
    /// The relation's own number.
    pub(super) oid: u32,
    /// Its columns in order, and whether each is of type regproc.
    pub(super) columns: Vec<(String, bool)>,
    /// What is read instead.
    pub(super) query: Query,
}

struct Source {
    relations: HashMap<&'static str, Template>,
    expressions: HashMap<&'static str, Expression>,
    functions: HashMap<&'static str, (usize, Query)>,
    faults: Vec<String>,
}

static SOURCE: LazyLock<Source> = LazyLock::new(read);

/// Whether PostgreSQL has a relation of this name that anything is said about here.
pub(super) fn is_relation(name: &str) -> bool {
    SOURCE.relations.contains_key(name)
        || views::definition("pg_catalog", name).is_some()
        || REFUSED.contains(&name)
}

/// A guarded relation.
pub(super) fn relation(name: &str) -> Option<&'static Template> {
    SOURCE.relations.get(name)
}

/// An expression; its arguments are the parameters from [`ARGUMENT`] on.
pub(super) fn expression(name: &str) -> Option<&'static Expression> {
    SOURCE.expressions.get(name)
}

/// What is read instead of a function in `FROM` that is given so many arguments; as for [`expression`].
pub(super) fn function(name: &str, arguments: usize) -> Option<&'static Query> {
    let (wanted, query) = SOURCE.functions.get(name)?;
    (*wanted == arguments).then_some(query)
}

/// Relations of `pg_catalog` that nobody reads, so that an unqualified name is known to mean them.
const REFUSED: [&str; 20] = [
    "pg_authid",
    "pg_backend_memory_contexts",
    "pg_config",
    "pg_file_settings",
    "pg_hba_file_rules",
    "pg_ident_file_mappings",
    "pg_largeobject",
    "pg_locks",
    "pg_shadow",
    "pg_stat_activity",
    "pg_stat_replication",
    "pg_statistic",
    "pg_statistic_ext_data",
    "pg_stats",
    "pg_stats_ext",
    "pg_stats_ext_exprs",
    "pg_subscription",
    "pg_subscription_rel",
    "pg_user_mapping",
    "pg_user_mappings",
];

fn read() -> Source {
    let mut source = Source {
        relations: HashMap::new(),
        expressions: HashMap::new(),
        functions: HashMap::new(),
        faults: Vec::new(),
    };
    let macros: HashMap<&'static str, Macro> = TEXT
        .lines()
        .filter_map(|line| definition(line.strip_prefix("macro ")?))
        .collect();
    for block in TEXT.split("\nrelation ").skip(1) {
        let block = block.split("\n\n").next().unwrap_or_default();
        match template(block, &macros) {
            Some((name, template)) => {
                source.relations.insert(name, template);
            }
            None => source
                .faults
                .push(block.lines().next().unwrap_or_default().to_owned()),
        }
    }
    for (word, line) in TEXT.lines().filter_map(|line| line.split_once(' ')) {
        let is_function = word == "function";
        if !is_function && word != "expression" {
            continue;
        }
        let Some((name, text)) = definition(line) else {
            source.faults.push(line.to_owned());
            continue;
        };
        let first = usize::try_from(ARGUMENT).unwrap_or_default();
        let arguments = text.arguments();
        let text = expand(&text.with_parameters(first), &macros);
        if is_function {
            match query(&text) {
                Some(query) => {
                    source.functions.insert(name, (arguments, query));
                }
                None => source.faults.push(name.to_owned()),
            }
            continue;
        }
        match query(&format!("SELECT {text} AS x")).and_then(only_target) {
            Some(expression) => {
                source.expressions.insert(name, expression);
            }
            None => source.faults.push(name.to_owned()),
        }
    }
    source
}

fn only_target(query: Query) -> Option<Expression> {
    match query.body {
        Body::Select(mut select) => select.targets.pop().map(|target| target.value),
        _ => None,
    }
}

/// Reads one of our own queries and writes its names in full.
pub(super) fn query(text: &str) -> Option<Query> {
    let Statement::Query(mut query) = crate::read::reread(&spelled(text)).ok()? else {
        return None;
    };
    walk::query(&mut query, &mut Full);
    Some(*query)
}

fn template(
    block: &'static str,
    macros: &HashMap<&'static str, Macro>,
) -> Option<(&'static str, Template)> {
    let mut lines = block.lines();
    let (name, oid) = lines.next()?.split_once(' ')?;
    let mut rows = "";
    let mut whole = None;
    let mut targets: Vec<String> = Vec::new();
    let mut proc = Vec::new();
    for line in lines {
        let line = line.trim();
        if let Some(text) = line.strip_prefix("rows ") {
            rows = text;
        } else if let Some(text) = line.strip_prefix("query ") {
            whole = Some(text);
        } else if let Some((column, text)) = line.split_once(" = ")
            && !line.starts_with("say ")
        {
            targets.push(format!("{text} AS {column}"));
        } else if !line.starts_with("say ") {
            for column in line.split(' ') {
                targets.push(match column.split_once(':') {
                    Some((column, type_name)) => format!("NULL::{type_name} AS {column}"),
                    None => {
                        let column_name = column.trim_end_matches('*');
                        if column_name != column {
                            proc.push(column_name);
                        }
                        format!("~t.{column_name} AS {column_name}")
                    }
                });
            }
        }
    }
    let text = match (whole, rows) {
        (Some(text), _) => text.to_owned(),
        (None, "empty") => format!("SELECT {} WHERE false", targets.join(", ")),
        (None, rows) => format!("SELECT {} FROM {name} ~t WHERE {rows}", targets.join(", ")),
    };
    // The fence: nothing of the statement runs on rows that are left out.
    let query = query(&format!("{} OFFSET 0", expand(&text, macros)))?;
    let columns = names(&query)?
        .into_iter()
        .map(|name| {
            let is_proc = proc.contains(&name.as_str());
            (name, is_proc)
        })
        .collect();
    let oid = oid.parse().ok()?;
    Some((
        name,
        Template {
            oid,
            columns,
            query,
        },
    ))
}

/// The names of a query's columns.
pub(super) fn names(query: &Query) -> Option<Vec<String>> {
    match &query.body {
        Body::Select(select) => select
            .targets
            .iter()
            .map(|target| match (&target.name, &target.value) {
                (Some(name), _) => Some(name.clone()),
                (None, Expression::Column(path)) => path.parts.last().cloned(),
                _ => None,
            })
            .collect(),
        Body::SetOperation { left, .. } => names(left),
        Body::Values(_) => None,
    }
}

/// Writes every name of our own queries in full.
struct Full;

impl Visit for Full {
    fn expression(&mut self, expression: &mut Expression) {
        let object = |name: &mut ObjectName| {
            name.schema.get_or_insert_with(|| "pg_catalog".to_owned());
        };
        let type_name = |type_name: &mut TypeName| object(&mut type_name.name);
        match expression {
            Expression::Cast(_, name) => type_name(name),
            Expression::Collate(_, name)
            | Expression::Operator { name, .. }
            | Expression::OperatorArray { name, .. } => object(name),
            Expression::Call(call) => object(&mut call.name),
            Expression::Sublink(sublink) => {
                if let SublinkKind::Compare { operator, .. } = &mut sublink.kind {
                    object(operator);
                }
            }
            _ => {}
        }
    }

    fn from_item(&mut self, item: &mut FromItem) {
        if let FromItem::Relation(relation) = item {
            relation
                .name
                .schema
                .get_or_insert_with(|| "pg_catalog".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_the_file_is_understood() {
        assert_eq!(SOURCE.faults, Vec::<String>::new());
        assert_eq!(
            SOURCE.relations.len(),
            TEXT.matches("\nrelation ").count(),
            "a relation stands twice"
        );
    }
}
