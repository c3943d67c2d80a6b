//! Queries.

use super::{Call, ColumnPath, Expression, NodeId, RelationName, Statement, TypeName, WindowSpec};

/// `WITH ... body ORDER BY ... LIMIT ...`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    /// `WITH`
    pub with: Option<With>,
    /// What is between.
    pub body: Body,
    /// `ORDER BY`
    pub order_by: Vec<Sort>,
    /// `LIMIT`, `FETCH FIRST`
    pub limit: Option<Limit>,
    /// `OFFSET`
    pub offset: Option<Expression>,
    /// Whether it ends in `FOR UPDATE` or its kin. The reader keeps only that there is such a
    /// clause: it is refused, never printed.
    pub locks_rows: bool,
}

/// The body of a query.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// `SELECT`
    Select(Box<Select>),
    /// `VALUES`, each row as long as the others
    Values(Vec<Vec<Expression>>),
    /// `left UNION right` and its kin
    SetOperation {
        /// Which.
        operation: SetOp,
        /// `ALL`
        all: bool,
        /// The left side.
        left: Box<Query>,
        /// The right side.
        right: Box<Query>,
    },
}

/// Set operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SetOp {
    /// `UNION`
    Union,
    /// `INTERSECT`
    Intersect,
    /// `EXCEPT`
    Except,
}

/// One `SELECT`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Select {
    /// `DISTINCT`
    pub distinct: Distinct,
    /// What is selected; may be empty.
    pub targets: Vec<Target>,
    /// `FROM`
    pub from: Vec<FromItem>,
    /// `WHERE`
    pub filter: Option<Expression>,
    /// `GROUP BY`
    pub group_by: Vec<GroupingItem>,
    /// `GROUP BY DISTINCT`
    pub group_distinct: bool,
    /// `HAVING`
    pub having: Option<Expression>,
    /// `WINDOW name AS (...)`
    pub windows: Vec<(String, WindowSpec)>,
}

/// `DISTINCT`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Distinct {
    /// Not written.
    No,
    /// `DISTINCT`
    Rows,
    /// `DISTINCT ON (...)`
    On(Vec<Expression>),
}

/// `expression AS name`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The expression.
    pub value: Expression,
    /// The name, where one is written.
    pub name: Option<String>,
}

/// What stands in `GROUP BY`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GroupingItem {
    /// An expression.
    Expression(Expression),
    /// `()`
    Empty,
    /// `ROLLUP (...)`
    Rollup(Vec<GroupingItem>),
    /// `CUBE (...)`
    Cube(Vec<GroupingItem>),
    /// `GROUPING SETS (...)`
    Sets(Vec<GroupingItem>),
}

/// `ORDER BY x`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sort {
    /// What is sorted by.
    pub value: Expression,
    /// In which direction.
    pub direction: SortDirection,
    /// Where NULLs go.
    pub nulls: NullsOrder,
}

/// Directions. `USING operator` is not read: it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortDirection {
    /// Not written.
    Default,
    /// `ASC`
    Ascending,
    /// `DESC`
    Descending,
}

/// Where NULLs are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NullsOrder {
    /// Not written.
    Default,
    /// `NULLS FIRST`
    First,
    /// `NULLS LAST`
    Last,
}

/// `LIMIT n` or `FETCH FIRST n ROWS WITH TIES`; `LIMIT ALL` and `LIMIT NULL` are none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Limit {
    /// How many.
    pub count: Expression,
    /// `WITH TIES`
    pub with_ties: bool,
}

/// `WITH`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct With {
    /// `RECURSIVE`
    pub recursive: bool,
    /// In order (never empty).
    pub tables: Vec<CommonTable>,
}

/// `name (columns) AS MATERIALIZED (statement)`. `SEARCH` and `CYCLE` are not read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CommonTable {
    /// Which one this is.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// Names for its first columns.
    pub columns: Vec<String>,
    /// What is written about keeping its rows.
    pub materialized: Materialized,
    /// A query, or a statement with `RETURNING`.
    pub statement: Statement,
}

/// What is written about keeping a common table's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Materialized {
    /// Nothing.
    Default,
    /// `MATERIALIZED`
    Always,
    /// `NOT MATERIALIZED`
    Never,
}

/// `AS name (columns)`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Alias {
    /// The name.
    pub name: String,
    /// Names for the first columns.
    pub columns: Vec<String>,
}

/// What stands in `FROM`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FromItem {
    /// A table, view or common table.
    Relation(RelationItem),
    /// A subquery.
    Subquery(Box<SubqueryItem>),
    /// A function.
    Function(Box<FunctionItem>),
    /// A join.
    Join(Box<Join>),
}

/// A relation by name. `TABLESAMPLE` is not read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RelationItem {
    /// Which reference this is.
    pub id: NodeId,
    /// Its name.
    pub name: RelationName,
    /// `ONLY`
    pub only: bool,
    /// `AS`
    pub alias: Option<Alias>,
}

/// `LATERAL (query) AS alias`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SubqueryItem {
    /// Which one this is.
    pub id: NodeId,
    /// `LATERAL`
    pub lateral: bool,
    /// The query.
    pub query: Query,
    /// `AS`; PostgreSQL 15 requires it.
    pub alias: Option<Alias>,
}

/// `LATERAL ROWS FROM (f(), g()) WITH ORDINALITY AS alias`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FunctionItem {
    /// Which one this is.
    pub id: NodeId,
    /// `LATERAL`
    pub lateral: bool,
    /// `WITH ORDINALITY`
    pub ordinality: bool,
    /// Whether `ROWS FROM` is written.
    pub rows_from: bool,
    /// The functions, each with its column definitions in `ROWS FROM`. A function may also be one of
    /// the values that the grammar spells without parentheses.
    pub functions: Vec<(Expression, Vec<ColumnDefinition>)>,
    /// `AS`
    pub alias: Option<Alias>,
    /// Column definitions of a single function.
    pub columns: Vec<ColumnDefinition>,
}

/// `name type` in a column definition list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ColumnDefinition {
    /// The name.
    pub name: String,
    /// The type.
    pub type_name: TypeName,
}

/// A join.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Join {
    /// Which one this is.
    pub id: NodeId,
    /// Its kind.
    pub kind: JoinKind,
    /// What is joined on.
    pub on: JoinOn,
    /// The left side.
    pub left: FromItem,
    /// The right side.
    pub right: FromItem,
    /// `(a JOIN b ...) AS alias`
    pub alias: Option<Alias>,
}

/// Kinds of join. `CROSS JOIN` is an inner join on nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JoinKind {
    /// `INNER`
    Inner,
    /// `LEFT`
    Left,
    /// `RIGHT`
    Right,
    /// `FULL`
    Full,
}

/// What a join compares.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum JoinOn {
    /// Nothing: `CROSS JOIN`.
    Nothing,
    /// `NATURAL`
    Natural,
    /// `USING (columns) AS alias`
    Using(Vec<String>, Option<String>),
    /// `ON condition`
    Condition(Expression),
}

impl ColumnPath {
    /// A path of these names.
    pub fn of(parts: &[&str]) -> Self {
        Self {
            id: NodeId::default(),
            parts: parts.iter().map(|&part| part.to_owned()).collect(),
            star: false,
        }
    }
}

impl Call {
    /// A plain call of a function of `pg_catalog`.
    pub fn builtin(name: &str, arguments: Vec<Expression>) -> Self {
        Self {
            id: NodeId::default(),
            name: super::ObjectName::builtin(name),
            arguments: arguments
                .into_iter()
                .map(|value| super::CallArgument { name: None, value })
                .collect(),
            star: false,
            variadic: false,
            distinct: false,
            order_by: Vec::new(),
            within_group: false,
            filter: None,
            over: None,
        }
    }
}
