//! A schema as it was at one moment. Plain data: how it was read is not known here.

use serde::{Deserialize, Serialize};

/// The number PostgreSQL knows an object by.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Oid(pub u32);

/// A column's number in its relation, from 1; it outlives renames.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ColumnNumber(pub i16);

/// A schema-qualified name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct QualifiedName {
    /// The schema.
    pub schema: String,
    /// The name within it.
    pub name: String,
}

/// One database's schema, as far as statements are judged by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The format of this document: [`Snapshot::FORMAT`].
    pub format: u32,
    /// `server_version_num`, e.g. 150018.
    pub server_version: u32,
    /// `server_encoding`; guards are only written for `UTF8`.
    pub server_encoding: String,
    /// The database's name.
    pub database: String,
    /// Every relation outside `pg_catalog`, `information_schema` and `pg_toast`.
    pub relations: Vec<Relation>,
    /// Every type that a column of those relations has, and every type outside `pg_catalog`.
    pub types: Vec<Type>,
    /// Every function outside `pg_catalog` and `information_schema`.
    pub functions: Vec<Function>,
    /// Every operator outside `pg_catalog`.
    pub operators: Vec<Operator>,
    /// The installed extensions.
    pub extensions: Vec<Extension>,
}

impl Snapshot {
    /// The format that this version reads and writes.
    pub const FORMAT: u32 = 1;

    /// The server's version as people write it, e.g. `15.18`.
    #[must_use]
    pub fn version(&self) -> String {
        format!(
            "{}.{}",
            self.server_version / 10_000,
            self.server_version % 10_000
        )
    }
}

/// What a relation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// `r`
    Table,
    /// `p`
    PartitionedTable,
    /// `v`
    View,
    /// `m`
    MaterializedView,
    /// `f`
    ForeignTable,
    /// `S`
    Sequence,
    /// `c`
    CompositeType,
    /// `i`, `I`, `t` and whatever comes later: never readable by name.
    Other,
}

/// A table, a view or the like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// Its number.
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: RelationKind,
    /// Its columns in order, without dropped and system columns.
    pub columns: Vec<Column>,
    /// A view's definition as `pg_get_viewdef` prints it while the path is `pg_catalog` alone;
    /// `None` for what is not a view, and for a view whose definition may not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// The relations it inherits from or is a partition of, directly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<Oid>,
    /// Its valid, immediate unique indexes on plain columns without a predicate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique: Vec<Vec<ColumnNumber>>,
    /// Whether row-level security is on for it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub row_security: bool,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its number.
    pub number: ColumnNumber,
    /// Its name.
    pub name: String,
    /// Its type.
    pub type_oid: Oid,
    /// The type's modifier; -1 is none.
    pub typmod: i32,
    /// The modifier as `format_type` prints it between the parentheses, e.g. `10,2`; empty is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub modifier: String,
    /// Its collation, where it is not its type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<QualifiedName>,
    /// Whether the column refuses NULL.
    #[serde(default, skip_serializing_if = "is_false")]
    pub not_null: bool,
    /// The columns a generated column is computed from; `None` for one that is not generated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated_from: Option<Vec<ColumnNumber>>,
}

/// What a type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeKind {
    /// `b` without an element type.
    Base,
    /// A true array type.
    Array,
    /// `e`
    Enum,
    /// `d`
    Domain,
    /// `c`
    Composite,
    /// `r`
    Range,
    /// `m`
    Multirange,
    /// `p`
    Pseudo,
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Type {
    /// Its number.
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: TypeKind,
    /// The element type of an array, the base type of a domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Oid>,
    /// A domain that refuses NULL.
    #[serde(default, skip_serializing_if = "is_false")]
    pub not_null: bool,
    /// A domain with check constraints of its own or of its base.
    #[serde(default, skip_serializing_if = "is_false")]
    pub checked: bool,
    /// The extension it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
}

/// How much a function's answer may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Volatility {
    /// `i`
    Immutable,
    /// `s`
    Stable,
    /// `v`
    Volatile,
}

/// A function, procedure or aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Its number.
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The types of its input arguments.
    pub arguments: Vec<Oid>,
    /// The type it returns.
    pub returns: Oid,
    /// Whether it returns a set.
    #[serde(default, skip_serializing_if = "is_false")]
    pub returns_set: bool,
    /// `f`, `p`, `a` or `w`.
    pub kind: char,
    /// Its volatility.
    pub volatility: Volatility,
    /// Whether its owner says it reveals nothing about its arguments.
    #[serde(default, skip_serializing_if = "is_false")]
    pub leakproof: bool,
    /// The extension it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
}

/// An operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// Its number.
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The left operand's type; `None` for a prefix operator.
    pub left: Option<Oid>,
    /// The right operand's type.
    pub right: Oid,
    /// The type of the result.
    pub result: Oid,
    /// The function behind it.
    pub function: Oid,
    /// The extension it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
}

/// An installed extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The schema its objects are in.
    pub schema: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
const fn is_false(value: &bool) -> bool {
    !*value
}
