//! Names as a statement writes them, folded as PostgreSQL folds them.

use std::hash::{Hash, Hasher};

/// Tells nodes of one statement apart, so that what is known about a node can be kept beside the
/// tree. Two trees that differ only in these are equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct NodeId(pub u32);

impl PartialEq for NodeId {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for NodeId {}

impl Hash for NodeId {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// A function, operator or collation: `name` or `schema.name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectName {
    /// The schema, where one is written.
    pub schema: Option<String>,
    /// The name.
    pub name: String,
}

impl ObjectName {
    /// `pg_catalog.name`.
    pub fn builtin(name: &str) -> Self {
        Self {
            schema: Some("pg_catalog".to_owned()),
            name: name.to_owned(),
        }
    }
}

/// A relation: `name`, `schema.name` or `database.schema.name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RelationName {
    /// The database, where one is written.
    pub database: Option<String>,
    /// The schema, where one is written.
    pub schema: Option<String>,
    /// The name.
    pub name: String,
}

/// `a`, `t.a`, `s.t.a` or `d.s.t.a`, never empty; with `star`, what stands before `.*` (which is
/// nothing for a lone `*`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ColumnPath {
    /// Which reference this is.
    pub id: NodeId,
    /// The names between the dots.
    pub parts: Vec<String>,
    /// Whether it ends in `*`.
    pub star: bool,
}

/// A type: its name, modifiers such as the 10 and 2 of `numeric(10,2)`, and array dimensions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TypeName {
    /// The name. What the grammar spells in its own way (`int`, `double precision`) arrives as
    /// PostgreSQL's own name in `pg_catalog`.
    pub name: ObjectName,
    /// Modifiers: constants alone.
    pub modifiers: Vec<i32>,
    /// One entry a dimension; the numbers mean nothing to PostgreSQL, -1 is none.
    pub dimensions: Vec<i32>,
}

impl TypeName {
    /// `pg_catalog.name` without modifiers.
    pub fn builtin(name: &str) -> Self {
        Self {
            name: ObjectName::builtin(name),
            modifiers: Vec::new(),
            dimensions: Vec::new(),
        }
    }
}
