//! Statements.

use super::{Constant, Expression, FromItem, NodeId, Query, RelationName, Target, TypeName, With};

/// A statement. Every kind that is not here is refused by the reader, by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Statement {
    /// `SELECT`, `VALUES`, `TABLE`
    Query(Box<Query>),
    /// `INSERT`
    Insert(Box<Insert>),
    /// `UPDATE`
    Update(Box<Update>),
    /// `DELETE`
    Delete(Box<Delete>),
    /// `PREPARE`
    Prepare(Box<Prepare>),
    /// `EXECUTE`
    Execute(Execute),
    /// `DEALLOCATE name`, or `ALL`
    Deallocate(Option<String>),
    /// `DECLARE`
    Declare(Box<Declare>),
    /// `FETCH`, `MOVE`
    Fetch(Fetch),
    /// `CLOSE name`, or `ALL`
    Close(Option<String>),
    /// `COPY ... TO STDOUT`
    CopyOut(Box<CopyOut>),
    /// `EXPLAIN`
    Explain(Box<Explain>),
    /// `SET`, `RESET`
    Set(Setting),
    /// `SHOW name`; `ALL` is `all`
    Show(String),
    /// `BEGIN`, `COMMIT` and the like
    Transaction(Transaction),
    /// `DISCARD`
    Discard(DiscardTarget),
}

/// `INSERT INTO relation AS alias (columns) source ON CONFLICT ... RETURNING ...`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Insert {
    /// Which reference to the target this is.
    pub id: NodeId,
    /// `WITH`
    pub with: Option<With>,
    /// The target.
    pub relation: RelationName,
    /// Its alias.
    pub alias: Option<String>,
    /// Plain column names.
    pub columns: Vec<String>,
    /// What is inserted.
    pub source: InsertSource,
    /// `ON CONFLICT`
    pub on_conflict: Option<OnConflict>,
    /// `RETURNING`
    pub returning: Vec<Target>,
}

/// What is inserted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::large_enum_variant,
    reason = "an insert of defaults alone is rare, and an insert is boxed"
)]
pub enum InsertSource {
    /// `DEFAULT VALUES`
    Defaults,
    /// Rows.
    Query(Query),
}

/// `ON CONFLICT target action`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OnConflict {
    /// What conflicts.
    pub target: ConflictTarget,
    /// What is done then.
    pub action: ConflictAction,
}

/// What conflicts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ConflictTarget {
    /// Anything.
    Any,
    /// Plain columns; expressions, operator classes and predicates are not read.
    Columns(Vec<String>),
    /// `ON CONSTRAINT name`
    Constraint(String),
}

/// What is done on a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ConflictAction {
    /// `DO NOTHING`
    Nothing,
    /// `DO UPDATE SET ... WHERE ...`
    Update(Vec<Assignment>, Option<Expression>),
}

/// `column = value`; assignments to several columns at once are not read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Assignment {
    /// A plain column.
    pub column: String,
    /// The value.
    pub value: Expression,
}

/// `UPDATE relation AS alias SET ... FROM ... WHERE ... RETURNING ...`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Update {
    /// Which reference to the target this is.
    pub id: NodeId,
    /// `WITH`
    pub with: Option<With>,
    /// The target.
    pub relation: RelationName,
    /// `ONLY`
    pub only: bool,
    /// Its alias.
    pub alias: Option<String>,
    /// `SET`
    pub assignments: Vec<Assignment>,
    /// `FROM`
    pub from: Vec<FromItem>,
    /// `WHERE`
    pub filter: Option<Expression>,
    /// `RETURNING`
    pub returning: Vec<Target>,
}

/// `DELETE FROM relation AS alias USING ... WHERE ... RETURNING ...`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Delete {
    /// Which reference to the target this is.
    pub id: NodeId,
    /// `WITH`
    pub with: Option<With>,
    /// The target.
    pub relation: RelationName,
    /// `ONLY`
    pub only: bool,
    /// Its alias.
    pub alias: Option<String>,
    /// `USING`
    pub using: Vec<FromItem>,
    /// `WHERE`
    pub filter: Option<Expression>,
    /// `RETURNING`
    pub returning: Vec<Target>,
}

/// `PREPARE name (types) AS statement`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Prepare {
    /// Its name.
    pub name: String,
    /// The parameters' types.
    pub types: Vec<TypeName>,
    /// What is prepared: a query or a write.
    pub statement: Statement,
}

/// `EXECUTE name (arguments)`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Execute {
    /// Its name.
    pub name: String,
    /// The arguments.
    pub arguments: Vec<Expression>,
}

/// `DECLARE name ... CURSOR FOR query`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Declare {
    /// Its name.
    pub name: String,
    /// `BINARY`
    pub binary: bool,
    /// `SCROLL` (`true`), `NO SCROLL` (`false`)
    pub scroll: Option<bool>,
    /// `INSENSITIVE` (`true`), `ASENSITIVE` (`false`)
    pub insensitive: Option<bool>,
    /// `WITH HOLD`
    pub hold: bool,
    /// The query.
    pub query: Query,
}

/// `FETCH direction FROM name`, or `MOVE`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fetch {
    /// The cursor.
    pub name: String,
    /// Whether it is `MOVE`.
    pub is_move: bool,
    /// Where to.
    pub direction: FetchDirection,
}

/// Where a fetch goes; `i64::MAX` is `ALL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FetchDirection {
    /// `FORWARD n`; `NEXT` is 1
    Forward(i64),
    /// `BACKWARD n`; `PRIOR` is 1
    Backward(i64),
    /// `ABSOLUTE n`; `FIRST` is 1, `LAST` is -1
    Absolute(i64),
    /// `RELATIVE n`
    Relative(i64),
}

/// `COPY (query) TO STDOUT WITH (options)`; `COPY relation (columns) TO STDOUT` arrives as the
/// query that it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CopyOut {
    /// The query.
    pub query: Query,
    /// Options in order: names as written, values plain.
    pub options: Vec<StatementOption>,
}

/// `EXPLAIN (options) statement`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Explain {
    /// Options in order.
    pub options: Vec<StatementOption>,
    /// What is explained.
    pub statement: Statement,
}

/// `name value` of an option list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StatementOption {
    /// The name, lower case.
    pub name: String,
    /// The value.
    pub value: OptionValue,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OptionValue {
    /// None.
    None,
    /// A word or text; `true` and `false` are words.
    Text(String),
    /// A whole number.
    Integer(i32),
    /// `*`
    Star,
    /// `(a, b)`: names
    List(Vec<String>),
}

/// `SET scope name = value`, `RESET name`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// For how long.
    pub scope: SetScope,
    /// The setting, lower case; `all` for `RESET ALL`. What the grammar spells in its own way keeps
    /// PostgreSQL's inner name: `timezone`, `client_encoding`, `session_authorization`, `role`,
    /// `TRANSACTION`, `SESSION CHARACTERISTICS`, `TRANSACTION SNAPSHOT`.
    pub name: String,
    /// To what.
    pub value: SetValue,
    /// Whether it is written as a call of `set_config`, which answers with a row.
    pub by_call: bool,
}

/// For how long a setting holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SetScope {
    /// `SET`, `SET SESSION`
    Session,
    /// `SET LOCAL`
    Local,
}

/// What a setting is set to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SetValue {
    /// Texts and numbers (never empty). `INTERVAL '+05:30' HOUR TO MINUTE` as a time zone is the text
    /// that PostgreSQL shows for it; others are not read.
    Values(Vec<Constant>),
    /// `TO DEFAULT`, `RESET`
    Default,
    /// `FROM CURRENT`
    Current,
    /// Transaction modes of `SET TRANSACTION` and `SET SESSION CHARACTERISTICS`.
    Modes(Vec<StatementOption>),
}

/// `BEGIN`, `COMMIT` and the like
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Transaction {
    /// `BEGIN`, `START TRANSACTION`, with modes
    Begin(Vec<StatementOption>),
    /// `COMMIT`, with `AND CHAIN`
    Commit(bool),
    /// `ROLLBACK`, with `AND CHAIN`
    Rollback(bool),
    /// `SAVEPOINT name`
    Savepoint(String),
    /// `RELEASE name`
    Release(String),
    /// `ROLLBACK TO name`
    RollbackTo(String),
}

/// `DISCARD`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DiscardTarget {
    /// `ALL`
    All,
    /// `PLANS`
    Plans,
    /// `SEQUENCES`
    Sequences,
    /// `TEMP`
    Temp,
}
