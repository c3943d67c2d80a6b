//! PostgreSQL's own catalogue, as far as tools may read it.
//!
//! A statement that reads nothing else is a statement about the catalogue: each relation in it
//! becomes a query of `data/catalogue/relations.txt`, which shows what the person may know of, and
//! each function that tells of an object asks first whether the object is seen. What is seen of
//! data is asked of the same source as for data itself.

mod calls;
mod casts;
mod expand;
mod reads;
mod seen;
mod source;
mod told;
mod views;

pub(crate) use casts::Position;
pub(crate) use seen::{FIRST, Seen};
pub(crate) use told::{TOLD, explain_misused, is_explain};
pub use told::{Told, ToldText};

use crate::tree::{RelationName, Statement, walk};

/// A relation of `pg_catalog` or `information_schema` by its name, with or without schema.
/// PostgreSQL looks into `pg_catalog` before any path.
pub(crate) fn is_named(name: &RelationName) -> bool {
    if told::relation(name).is_some() {
        return true;
    }
    match name.schema.as_deref() {
        Some("pg_catalog" | "information_schema" | "pg_toast") => true,
        Some(_) => false,
        None => source::is_relation(&name.name),
    }
}

/// Whether a statement reads the catalogue alone, or nothing.
pub(crate) fn reads_only(statement: &mut Statement) -> bool {
    struct Reads {
        tables: Vec<String>,
        is_query: bool,
        relations: Vec<RelationName>,
    }
    impl walk::Visit for Reads {
        fn from_item(&mut self, item: &mut crate::tree::FromItem) {
            if let crate::tree::FromItem::Relation(relation) = item {
                self.relations.push(relation.name.clone());
            }
        }
        fn common_table(&mut self, table: &mut crate::tree::CommonTable) {
            self.is_query &= matches!(table.statement, Statement::Query(_));
            self.tables.push(table.name.clone());
        }
    }
    let mut reads = Reads {
        tables: Vec::new(),
        is_query: is_query(statement),
        relations: Vec::new(),
    };
    walk::statement(statement, &mut reads);
    let all = reads
        .relations
        .iter()
        .all(|name| is_named(name) || (name.schema.is_none() && reads.tables.contains(&name.name)));
    // What is only called like a common table may be a table: without any relation of the catalogue
    // it is read as data.
    let any = reads.relations.is_empty() || reads.relations.iter().any(is_named);
    reads.is_query && all && any
}

#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named reads nothing"
)]
fn is_query(statement: &Statement) -> bool {
    match statement {
        Statement::Query(_) | Statement::Declare(_) | Statement::CopyOut(_) => true,
        Statement::Prepare(prepare) => is_query(&prepare.statement),
        Statement::Explain(explain) => is_query(&explain.statement),
        _ => false,
    }
}
