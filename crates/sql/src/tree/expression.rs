//! Expressions.

use super::{ColumnPath, NodeId, ObjectName, Query, Sort, TypeName};

/// A constant as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Constant {
    /// `NULL`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// A whole number that fits `integer`.
    Integer(i32),
    /// Any other number, as its digits.
    Number(String),
    /// A quoted text, unescaped.
    Text(String),
    /// `B'101'` (with its leading `b`) or `X'1F'` (with its leading `x`).
    Bits(String),
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expression {
    /// A column, a whole row, `t.*` or `*`.
    Column(ColumnPath),
    /// A constant.
    Constant(Constant),
    /// `$1`; the number is at least 1.
    Parameter(u32),
    /// `CAST(x AS type)`, however spelt.
    Cast(Box<Expression>, TypeName),
    /// `x COLLATE c`
    Collate(Box<Expression>, ObjectName),
    /// A function, aggregate or window function. Syntax of its own (`EXTRACT`, `OVERLAY`, `AT TIME
    /// ZONE`, ...) arrives as the call it stands for.
    Call(Box<Call>),
    /// `left op right` or `op right`.
    Operator {
        /// The operator.
        name: ObjectName,
        /// The left operand; `None` for a prefix operator.
        left: Option<Box<Expression>>,
        /// The right operand.
        right: Box<Expression>,
    },
    /// `left op ANY (array)`, `left op ALL (array)`.
    OperatorArray {
        /// The operator.
        name: ObjectName,
        /// Any or all.
        quantifier: Quantifier,
        /// The left operand.
        left: Box<Expression>,
        /// The array.
        right: Box<Expression>,
    },
    /// Tests of two values that the grammar spells in words.
    Binary(BinaryTest, Box<Expression>, Box<Expression>),
    /// Tests of a value against a list.
    List(ListTest, Box<Expression>, Vec<Expression>),
    /// `AND`, `OR` (two or more operands), `NOT` (one). The grammar joins `(a AND b) AND c` into one,
    /// so the first operand of a connective is never that connective.
    Boolean(Boolean, Vec<Expression>),
    /// `x IS NULL` (`true`), `x IS NOT NULL` (`false`).
    IsNull(Box<Expression>, bool),
    /// `x IS TRUE` and the like.
    IsTruth(Box<Expression>, TruthTest),
    /// `CASE`.
    Case {
        /// What is compared, in the short form.
        subject: Option<Box<Expression>>,
        /// The arms (never empty).
        arms: Vec<CaseArm>,
        /// `ELSE`
        otherwise: Option<Box<Expression>>,
    },
    /// `COALESCE (...)`
    Coalesce(Vec<Expression>),
    /// `GREATEST (...)`, `LEAST (...)`
    MinMax(MinMax, Vec<Expression>),
    /// `CURRENT_DATE` and its kin.
    Session(SessionValue),
    /// A subquery in an expression.
    Sublink(Box<Sublink>),
    /// `ROW(a, b)` (`true`) or `(a, b)` (`false`).
    Row(Vec<Expression>, bool),
    /// `ARRAY[...]`
    Array(Vec<Expression>),
    /// `(x).field`, `x[1]`, `x[1:2]`, `(x).*`
    Steps(Box<Expression>, Vec<Step>),
    /// `GROUPING (...)`
    Grouping(Vec<Expression>),
    /// `DEFAULT` in `VALUES` and `SET`.
    Default,
}

/// `ANY` or `ALL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// `ANY`, `SOME`
    Any,
    /// `ALL`
    All,
}

/// Tests of two values. `LIKE ... ESCAPE` and `SIMILAR TO` have the pattern wrapped in the call that
/// the grammar makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryTest {
    /// `IS DISTINCT FROM`
    Distinct,
    /// `IS NOT DISTINCT FROM`
    NotDistinct,
    /// `NULLIF (a, b)`
    NullIf,
    /// `LIKE`
    Like,
    /// `NOT LIKE`
    NotLike,
    /// `ILIKE`
    ILike,
    /// `NOT ILIKE`
    NotILike,
    /// `SIMILAR TO`
    Similar,
    /// `NOT SIMILAR TO`
    NotSimilar,
}

/// Tests of a value against several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListTest {
    /// `IN (a, b)`
    In,
    /// `NOT IN (a, b)`
    NotIn,
    /// `BETWEEN a AND b` (exactly two)
    Between,
    /// `NOT BETWEEN a AND b`
    NotBetween,
    /// `BETWEEN SYMMETRIC a AND b`
    BetweenSymmetric,
    /// `NOT BETWEEN SYMMETRIC a AND b`
    NotBetweenSymmetric,
}

/// Connectives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Boolean {
    /// `AND`
    And,
    /// `OR`
    Or,
    /// `NOT`
    Not,
}

/// Tests of a truth value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TruthTest {
    /// `IS TRUE`
    True,
    /// `IS NOT TRUE`
    NotTrue,
    /// `IS FALSE`
    False,
    /// `IS NOT FALSE`
    NotFalse,
    /// `IS UNKNOWN`
    Unknown,
    /// `IS NOT UNKNOWN`
    NotUnknown,
}

/// `WHEN condition THEN result`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CaseArm {
    /// The condition, or the value that the subject is compared with.
    pub condition: Expression,
    /// The result.
    pub result: Expression,
}

/// `GREATEST` or `LEAST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MinMax {
    /// `GREATEST`
    Greatest,
    /// `LEAST`
    Least,
}

/// Values that the SQL standard names without parentheses; with a precision where one is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionValue {
    /// `CURRENT_DATE`
    CurrentDate,
    /// `CURRENT_TIME`
    CurrentTime(Option<i32>),
    /// `CURRENT_TIMESTAMP`
    CurrentTimestamp(Option<i32>),
    /// `LOCALTIME`
    LocalTime(Option<i32>),
    /// `LOCALTIMESTAMP`
    LocalTimestamp(Option<i32>),
    /// `CURRENT_ROLE`
    CurrentRole,
    /// `CURRENT_USER`
    CurrentUser,
    /// `USER`
    User,
    /// `SESSION_USER`
    SessionUser,
    /// `CURRENT_CATALOG`
    CurrentCatalog,
    /// `CURRENT_SCHEMA`
    CurrentSchema,
}

/// A subquery in an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sublink {
    /// What is asked of it.
    pub kind: SublinkKind,
    /// The subquery.
    pub query: Query,
}

/// What an expression asks of a subquery.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SublinkKind {
    /// `EXISTS (...)`
    Exists,
    /// `(...)` as a value
    Scalar,
    /// `ARRAY (...)`
    Array,
    /// `x IN (...)`, which is `x = ANY (...)`, as the grammar keeps it: no operator written.
    In(Expression),
    /// `x op ANY (...)`, `x op ALL (...)`
    Compare {
        /// The left side.
        left: Expression,
        /// The operator.
        operator: ObjectName,
        /// Any or all.
        quantifier: Quantifier,
    },
}

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// `.field`
    Field(String),
    /// `.*`
    Star,
    /// `[i]`
    Index(Expression),
    /// `[from:to]`, either of which may be left out
    Slice(Option<Expression>, Option<Expression>),
}

/// A function call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// Which call this is.
    pub id: NodeId,
    /// The function.
    pub name: ObjectName,
    /// The arguments; with `star` there are none.
    pub arguments: Vec<CallArgument>,
    /// `count(*)`
    pub star: bool,
    /// Whether the last argument is `VARIADIC`.
    pub variadic: bool,
    /// `DISTINCT`
    pub distinct: bool,
    /// `ORDER BY` within the parentheses, or the one of `WITHIN GROUP`.
    pub order_by: Vec<Sort>,
    /// Whether `order_by` is that of `WITHIN GROUP`.
    pub within_group: bool,
    /// `FILTER (WHERE ...)`
    pub filter: Option<Expression>,
    /// `OVER`
    pub over: Option<Over>,
}

/// An argument, named or not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CallArgument {
    /// `name => value`
    pub name: Option<String>,
    /// The value.
    pub value: Expression,
}

/// What follows `OVER`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Over {
    /// `OVER w`
    Named(String),
    /// `OVER (...)`
    Spec(Box<WindowSpec>),
}

/// What stands between the parentheses of a window.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WindowSpec {
    /// The window it builds on.
    pub base: Option<String>,
    /// `PARTITION BY`
    pub partition_by: Vec<Expression>,
    /// `ORDER BY`
    pub order_by: Vec<Sort>,
    /// The frame, where one is written.
    pub frame: Option<Frame>,
}

/// A window frame. One that is written without `BETWEEN` ends at the current row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// Its unit.
    pub unit: FrameUnit,
    /// Where it starts.
    pub start: FrameBound,
    /// Where it ends.
    pub end: FrameBound,
    /// What is left out of it.
    pub exclusion: FrameExclusion,
}

/// What a frame counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameUnit {
    /// `RANGE`
    Range,
    /// `ROWS`
    Rows,
    /// `GROUPS`
    Groups,
}

/// One end of a frame.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FrameBound {
    /// `UNBOUNDED PRECEDING`
    UnboundedPreceding,
    /// `x PRECEDING`
    Preceding(Box<Expression>),
    /// `CURRENT ROW`
    CurrentRow,
    /// `x FOLLOWING`
    Following(Box<Expression>),
    /// `UNBOUNDED FOLLOWING`
    UnboundedFollowing,
}

/// What is left out of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameExclusion {
    /// `EXCLUDE NO OTHERS`, or nothing
    NoOthers,
    /// `EXCLUDE CURRENT ROW`
    CurrentRow,
    /// `EXCLUDE GROUP`
    Group,
    /// `EXCLUDE TIES`
    Ties,
}
