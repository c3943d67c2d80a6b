//! The statements that Cordon understands, as plain types.
//!
//! What cannot be said in these types cannot be sent: the reader refuses every node of PostgreSQL's
//! grammar that has no counterpart here, and the printer writes nothing else. Equality is equality
//! of meaning to the grammar: places in the text and spellings of the same tree make no difference.

mod expression;
pub mod look;
mod name;
mod query;
mod statement;
pub mod walk;

pub use expression::{
    BinaryTest, Boolean, Call, CallArgument, CaseArm, Constant, Expression, Frame, FrameBound,
    FrameExclusion, FrameUnit, ListTest, MinMax, Over, Quantifier, SessionValue, Step, Sublink,
    SublinkKind, TruthTest, WindowSpec,
};
pub use name::{ColumnPath, NodeId, ObjectName, RelationName, TypeName};
pub use query::{
    Alias, Body, ColumnDefinition, CommonTable, Distinct, FromItem, FunctionItem, GroupingItem,
    Join, JoinKind, JoinOn, Limit, Materialized, NullsOrder, Query, RelationItem, Select, SetOp,
    Sort, SortDirection, SubqueryItem, Target, With,
};
pub use statement::{
    Assignment, ConflictAction, ConflictTarget, CopyOut, Declare, Delete, DiscardTarget, Execute,
    Explain, Fetch, FetchDirection, Insert, InsertSource, OnConflict, OptionValue, Prepare,
    SetScope, SetValue, Setting, Statement, StatementOption, Transaction, Update,
};
