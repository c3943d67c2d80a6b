//! The parser's nodes, sorted by where they may stand.
//!
//! INVARIANT: the one match over all kinds of node, and it has no wildcard arm: a kind that a newer
//! grammar adds does not compile until someone has said what it is.

use pg_query::NodeEnum as N;
use pg_query::protobuf as p;
use pg_query::protobuf::Node;

use super::command::{command_on, either};

/// A node by where it may stand.
pub(super) enum Sorted {
    /// A statement that the tree has.
    Statement(StatementNode),
    /// An expression that the tree has.
    Expression(ExpressionNode),
    /// An item of `FROM` that the tree has, or `TABLESAMPLE`.
    From(FromNode),
    /// A statement that is not allowed, by the name that PostgreSQL gives it.
    Command(String),
    /// Syntax that the tree does not have.
    Unsupported(&'static str),
    /// A part of other nodes, read where those are read; alone it has no meaning.
    Part,
    /// What PostgreSQL makes after parsing, or nothing at all.
    Unexpected,
}

/// Statements that the tree has.
pub(super) enum StatementNode {
    Select(Box<p::SelectStmt>),
    Insert(Box<p::InsertStmt>),
    Update(Box<p::UpdateStmt>),
    Delete(Box<p::DeleteStmt>),
    Prepare(Box<p::PrepareStmt>),
    Execute(p::ExecuteStmt),
    Deallocate(p::DeallocateStmt),
    Declare(Box<p::DeclareCursorStmt>),
    Fetch(p::FetchStmt),
    Close(p::ClosePortalStmt),
    Copy(Box<p::CopyStmt>),
    Explain(Box<p::ExplainStmt>),
    Set(p::VariableSetStmt),
    Show(p::VariableShowStmt),
    Transaction(p::TransactionStmt),
    Discard(p::DiscardStmt),
}

/// Expressions that the tree has.
pub(super) enum ExpressionNode {
    Column(p::ColumnRef),
    Constant(p::AConst),
    Parameter(p::ParamRef),
    Cast(Box<p::TypeCast>),
    Collate(Box<p::CollateClause>),
    Call(Box<p::FuncCall>),
    Operator(Box<p::AExpr>),
    Boolean(Box<p::BoolExpr>),
    NullTest(Box<p::NullTest>),
    BooleanTest(Box<p::BooleanTest>),
    Case(Box<p::CaseExpr>),
    Coalesce(Box<p::CoalesceExpr>),
    MinMax(Box<p::MinMaxExpr>),
    Session(Box<p::SqlValueFunction>),
    Sublink(Box<p::SubLink>),
    Row(Box<p::RowExpr>),
    Array(p::AArrayExpr),
    Steps(Box<p::AIndirection>),
    Grouping(Box<p::GroupingFunc>),
    Default(Box<p::SetToDefault>),
}

/// Items of `FROM`.
pub(super) enum FromNode {
    Relation(p::RangeVar),
    Subquery(Box<p::RangeSubselect>),
    Function(p::RangeFunction),
    Join(Box<p::JoinExpr>),
    Sample(Box<p::RangeTableSample>),
}

/// Sorts a node.
// One table, longer than a function should be: it is data, and split it would not be exhaustive.
#[rustfmt::skip]
pub(super) fn sort(node: Node) -> Sorted {
    let Some(node) = node.node else {
        return Sorted::Unexpected;
    };
    match node {
        N::SelectStmt(node) => Sorted::Statement(StatementNode::Select(node)),
        N::InsertStmt(node) => Sorted::Statement(StatementNode::Insert(node)),
        N::UpdateStmt(node) => Sorted::Statement(StatementNode::Update(node)),
        N::DeleteStmt(node) => Sorted::Statement(StatementNode::Delete(node)),
        N::PrepareStmt(node) => Sorted::Statement(StatementNode::Prepare(node)),
        N::ExecuteStmt(node) => Sorted::Statement(StatementNode::Execute(node)),
        N::DeallocateStmt(node) => Sorted::Statement(StatementNode::Deallocate(node)),
        N::DeclareCursorStmt(node) => Sorted::Statement(StatementNode::Declare(node)),
        N::FetchStmt(node) => Sorted::Statement(StatementNode::Fetch(node)),
        N::ClosePortalStmt(node) => Sorted::Statement(StatementNode::Close(node)),
        N::CopyStmt(node) => Sorted::Statement(StatementNode::Copy(node)),
        N::ExplainStmt(node) => Sorted::Statement(StatementNode::Explain(node)),
        N::VariableSetStmt(node) => Sorted::Statement(StatementNode::Set(node)),
        N::VariableShowStmt(node) => Sorted::Statement(StatementNode::Show(node)),
        N::TransactionStmt(node) => Sorted::Statement(StatementNode::Transaction(node)),
        N::DiscardStmt(node) => Sorted::Statement(StatementNode::Discard(node)),
        N::ColumnRef(node) => Sorted::Expression(ExpressionNode::Column(node)),
        N::AConst(node) => Sorted::Expression(ExpressionNode::Constant(node)),
        N::ParamRef(node) => Sorted::Expression(ExpressionNode::Parameter(node)),
        N::TypeCast(node) => Sorted::Expression(ExpressionNode::Cast(node)),
        N::CollateClause(node) => Sorted::Expression(ExpressionNode::Collate(node)),
        N::FuncCall(node) => Sorted::Expression(ExpressionNode::Call(node)),
        N::AExpr(node) => Sorted::Expression(ExpressionNode::Operator(node)),
        N::BoolExpr(node) => Sorted::Expression(ExpressionNode::Boolean(node)),
        N::NullTest(node) => Sorted::Expression(ExpressionNode::NullTest(node)),
        N::BooleanTest(node) => Sorted::Expression(ExpressionNode::BooleanTest(node)),
        N::CaseExpr(node) => Sorted::Expression(ExpressionNode::Case(node)),
        N::CoalesceExpr(node) => Sorted::Expression(ExpressionNode::Coalesce(node)),
        N::MinMaxExpr(node) => Sorted::Expression(ExpressionNode::MinMax(node)),
        N::SqlvalueFunction(node) => Sorted::Expression(ExpressionNode::Session(node)),
        N::SubLink(node) => Sorted::Expression(ExpressionNode::Sublink(node)),
        N::RowExpr(node) => Sorted::Expression(ExpressionNode::Row(node)),
        N::AArrayExpr(node) => Sorted::Expression(ExpressionNode::Array(node)),
        N::AIndirection(node) => Sorted::Expression(ExpressionNode::Steps(node)),
        N::GroupingFunc(node) => Sorted::Expression(ExpressionNode::Grouping(node)),
        N::SetToDefault(node) => Sorted::Expression(ExpressionNode::Default(node)),
        N::RangeVar(node) => Sorted::From(FromNode::Relation(node)),
        N::RangeSubselect(node) => Sorted::From(FromNode::Subquery(node)),
        N::RangeFunction(node) => Sorted::From(FromNode::Function(node)),
        N::JoinExpr(node) => Sorted::From(FromNode::Join(node)),
        N::RangeTableSample(node) => Sorted::From(FromNode::Sample(node)),
        N::RangeTableFunc(_) | N::RangeTableFuncCol(_) => Sorted::Unsupported("a table of XML (`XMLTABLE`)"),
        N::XmlExpr(_) | N::XmlSerialize(_) => Sorted::Unsupported("XML syntax"),
        N::JsonFormat(_) | N::JsonReturning(_) | N::JsonValueExpr(_) | N::JsonConstructorExpr(_)
        | N::JsonIsPredicate(_) | N::JsonBehavior(_) | N::JsonExpr(_) | N::JsonTablePath(_)
        | N::JsonTablePathScan(_) | N::JsonTableSiblingJoin(_) | N::JsonOutput(_)
        | N::JsonArgument(_) | N::JsonFuncExpr(_) | N::JsonTablePathSpec(_) | N::JsonKeyValue(_)
        | N::JsonParseExpr(_) | N::JsonScalarExpr(_) | N::JsonSerializeExpr(_)
        | N::JsonObjectConstructor(_) | N::JsonArrayConstructor(_)
        | N::JsonArrayQueryConstructor(_) | N::JsonAggConstructor(_) | N::JsonObjectAgg(_)
        | N::JsonArrayAgg(_) => Sorted::Unsupported("SQL/JSON syntax"),
        N::JsonTable(_) | N::JsonTableColumn(_) => Sorted::Unsupported("a table of JSON (`JSON_TABLE`)"),
        N::MergeStmt(_) | N::MergeSupportFunc(_) | N::MergeAction(_) | N::MergeWhenClause(_) => Sorted::Unsupported("`MERGE`"),
        N::MultiAssignRef(_) => Sorted::Unsupported("an assignment to several columns at once"),
        N::CurrentOfExpr(_) => Sorted::Unsupported("`WHERE CURRENT OF`"),
        N::NamedArgExpr(_) => Sorted::Unsupported("a named argument outside a call"),
        N::AlterTableStmt(node) => Sorted::Command(command_on("ALTER", node.objtype)),
        N::DropStmt(node) => Sorted::Command(command_on("DROP", node.remove_type)),
        N::DefineStmt(node) => Sorted::Command(command_on("CREATE", node.kind)),
        N::RenameStmt(node) => Sorted::Command(command_on("ALTER", node.rename_type)),
        N::AlterObjectDependsStmt(node) => Sorted::Command(command_on("ALTER", node.object_type)),
        N::AlterObjectSchemaStmt(node) => Sorted::Command(command_on("ALTER", node.object_type)),
        N::AlterOwnerStmt(node) => Sorted::Command(command_on("ALTER", node.object_type)),
        N::AlterFunctionStmt(node) => Sorted::Command(command_on("ALTER", node.objtype)),
        N::CreateTableAsStmt(node) => Sorted::Command(command_on("CREATE", node.objtype)),
        N::GrantStmt(node) => Sorted::Command(either(node.is_grant, "GRANT", "REVOKE")),
        N::GrantRoleStmt(node) => Sorted::Command(either(node.is_grant, "GRANT ROLE", "REVOKE ROLE")),
        N::CreateFunctionStmt(node) => Sorted::Command(either(node.is_procedure, "CREATE PROCEDURE", "CREATE FUNCTION")),
        N::VacuumStmt(node) => Sorted::Command(either(node.is_vacuumcmd, "VACUUM", "ANALYZE")),
        N::CreateSchemaStmt(_) => Sorted::Command("CREATE SCHEMA".to_owned()),
        N::AlterCollationStmt(_) => Sorted::Command("ALTER COLLATION".to_owned()),
        N::AlterDomainStmt(_) => Sorted::Command("ALTER DOMAIN".to_owned()),
        N::AlterDefaultPrivilegesStmt(_) => Sorted::Command("ALTER DEFAULT PRIVILEGES".to_owned()),
        N::CreateStmt(_) => Sorted::Command("CREATE TABLE".to_owned()),
        N::CreateTableSpaceStmt(_) => Sorted::Command("CREATE TABLESPACE".to_owned()),
        N::DropTableSpaceStmt(_) => Sorted::Command("DROP TABLESPACE".to_owned()),
        N::AlterTableSpaceOptionsStmt(_) => Sorted::Command("ALTER TABLESPACE".to_owned()),
        N::AlterTableMoveAllStmt(_) => Sorted::Command("ALTER TABLE".to_owned()),
        N::CreateExtensionStmt(_) => Sorted::Command("CREATE EXTENSION".to_owned()),
        N::AlterExtensionStmt(_) | N::AlterExtensionContentsStmt(_) => Sorted::Command("ALTER EXTENSION".to_owned()),
        N::CreateFdwStmt(_) => Sorted::Command("CREATE FOREIGN DATA WRAPPER".to_owned()),
        N::AlterFdwStmt(_) => Sorted::Command("ALTER FOREIGN DATA WRAPPER".to_owned()),
        N::CreateForeignServerStmt(_) => Sorted::Command("CREATE SERVER".to_owned()),
        N::AlterForeignServerStmt(_) => Sorted::Command("ALTER SERVER".to_owned()),
        N::CreateForeignTableStmt(_) => Sorted::Command("CREATE FOREIGN TABLE".to_owned()),
        N::CreateUserMappingStmt(_) => Sorted::Command("CREATE USER MAPPING".to_owned()),
        N::AlterUserMappingStmt(_) => Sorted::Command("ALTER USER MAPPING".to_owned()),
        N::DropUserMappingStmt(_) => Sorted::Command("DROP USER MAPPING".to_owned()),
        N::ImportForeignSchemaStmt(_) => Sorted::Command("IMPORT FOREIGN SCHEMA".to_owned()),
        N::CreatePolicyStmt(_) => Sorted::Command("CREATE POLICY".to_owned()),
        N::AlterPolicyStmt(_) => Sorted::Command("ALTER POLICY".to_owned()),
        N::CreateAmStmt(_) => Sorted::Command("CREATE ACCESS METHOD".to_owned()),
        N::CreateTrigStmt(_) => Sorted::Command("CREATE TRIGGER".to_owned()),
        N::CreateEventTrigStmt(_) => Sorted::Command("CREATE EVENT TRIGGER".to_owned()),
        N::AlterEventTrigStmt(_) => Sorted::Command("ALTER EVENT TRIGGER".to_owned()),
        N::CreatePlangStmt(_) => Sorted::Command("CREATE LANGUAGE".to_owned()),
        N::CreateRoleStmt(_) => Sorted::Command("CREATE ROLE".to_owned()),
        N::AlterRoleStmt(_) | N::AlterRoleSetStmt(_) => Sorted::Command("ALTER ROLE".to_owned()),
        N::DropRoleStmt(_) => Sorted::Command("DROP ROLE".to_owned()),
        N::CreateSeqStmt(_) => Sorted::Command("CREATE SEQUENCE".to_owned()),
        N::AlterSeqStmt(_) => Sorted::Command("ALTER SEQUENCE".to_owned()),
        N::CreateDomainStmt(_) => Sorted::Command("CREATE DOMAIN".to_owned()),
        N::CreateOpClassStmt(_) => Sorted::Command("CREATE OPERATOR CLASS".to_owned()),
        N::CreateOpFamilyStmt(_) => Sorted::Command("CREATE OPERATOR FAMILY".to_owned()),
        N::AlterOpFamilyStmt(_) => Sorted::Command("ALTER OPERATOR FAMILY".to_owned()),
        N::TruncateStmt(_) => Sorted::Command("TRUNCATE TABLE".to_owned()),
        N::CommentStmt(_) => Sorted::Command("COMMENT".to_owned()),
        N::SecLabelStmt(_) => Sorted::Command("SECURITY LABEL".to_owned()),
        N::IndexStmt(_) => Sorted::Command("CREATE INDEX".to_owned()),
        N::CreateStatsStmt(_) => Sorted::Command("CREATE STATISTICS".to_owned()),
        N::AlterStatsStmt(_) => Sorted::Command("ALTER STATISTICS".to_owned()),
        N::DoStmt(_) => Sorted::Command("DO".to_owned()),
        N::CallStmt(_) => Sorted::Command("CALL".to_owned()),
        N::AlterOperatorStmt(_) => Sorted::Command("ALTER OPERATOR".to_owned()),
        N::AlterTypeStmt(_) | N::AlterEnumStmt(_) => Sorted::Command("ALTER TYPE".to_owned()),
        N::RuleStmt(_) => Sorted::Command("CREATE RULE".to_owned()),
        N::NotifyStmt(_) => Sorted::Command("NOTIFY".to_owned()),
        N::ListenStmt(_) => Sorted::Command("LISTEN".to_owned()),
        N::UnlistenStmt(_) => Sorted::Command("UNLISTEN".to_owned()),
        N::CompositeTypeStmt(_) | N::CreateEnumStmt(_) | N::CreateRangeStmt(_) => Sorted::Command("CREATE TYPE".to_owned()),
        N::ViewStmt(_) => Sorted::Command("CREATE VIEW".to_owned()),
        N::LoadStmt(_) => Sorted::Command("LOAD".to_owned()),
        N::CreatedbStmt(_) => Sorted::Command("CREATE DATABASE".to_owned()),
        N::AlterDatabaseStmt(_) | N::AlterDatabaseRefreshCollStmt(_)
        | N::AlterDatabaseSetStmt(_) => Sorted::Command("ALTER DATABASE".to_owned()),
        N::DropdbStmt(_) => Sorted::Command("DROP DATABASE".to_owned()),
        N::AlterSystemStmt(_) => Sorted::Command("ALTER SYSTEM".to_owned()),
        N::ClusterStmt(_) => Sorted::Command("CLUSTER".to_owned()),
        N::RefreshMatViewStmt(_) => Sorted::Command("REFRESH MATERIALIZED VIEW".to_owned()),
        N::CheckPointStmt(_) => Sorted::Command("CHECKPOINT".to_owned()),
        N::LockStmt(_) => Sorted::Command("LOCK TABLE".to_owned()),
        N::ConstraintsSetStmt(_) => Sorted::Command("SET CONSTRAINTS".to_owned()),
        N::ReindexStmt(_) => Sorted::Command("REINDEX".to_owned()),
        N::CreateConversionStmt(_) => Sorted::Command("CREATE CONVERSION".to_owned()),
        N::CreateCastStmt(_) => Sorted::Command("CREATE CAST".to_owned()),
        N::CreateTransformStmt(_) => Sorted::Command("CREATE TRANSFORM".to_owned()),
        N::DropOwnedStmt(_) => Sorted::Command("DROP OWNED".to_owned()),
        N::ReassignOwnedStmt(_) => Sorted::Command("REASSIGN OWNED".to_owned()),
        N::AlterTsdictionaryStmt(_) => Sorted::Command("ALTER TEXT SEARCH DICTIONARY".to_owned()),
        N::AlterTsconfigurationStmt(_) => Sorted::Command("ALTER TEXT SEARCH CONFIGURATION".to_owned()),
        N::CreatePublicationStmt(_) => Sorted::Command("CREATE PUBLICATION".to_owned()),
        N::AlterPublicationStmt(_) => Sorted::Command("ALTER PUBLICATION".to_owned()),
        N::CreateSubscriptionStmt(_) => Sorted::Command("CREATE SUBSCRIPTION".to_owned()),
        N::AlterSubscriptionStmt(_) => Sorted::Command("ALTER SUBSCRIPTION".to_owned()),
        N::DropSubscriptionStmt(_) => Sorted::Command("DROP SUBSCRIPTION".to_owned()),
        N::ReturnStmt(_) => Sorted::Command("RETURN".to_owned()),
        N::PlassignStmt(_) => Sorted::Command("assignment".to_owned()),
        N::Alias(_) | N::TypeName(_) | N::RoleSpec(_) | N::AStar(_) | N::AIndices(_)
        | N::ResTarget(_) | N::SortBy(_) | N::WindowDef(_) | N::ColumnDef(_)
        | N::TableLikeClause(_) | N::IndexElem(_) | N::DefElem(_) | N::LockingClause(_)
        | N::GroupingSet(_) | N::WithClause(_) | N::InferClause(_) | N::OnConflictClause(_)
        | N::CtesearchClause(_) | N::CtecycleClause(_) | N::CommonTableExpr(_)
        | N::ReturningOption(_) | N::ReturningClause(_) | N::IntoClause(_) | N::CaseWhen(_)
        | N::RawStmt(_) | N::Integer(_) | N::Float(_) | N::Boolean(_) | N::String(_)
        | N::BitString(_) | N::List(_) | N::IntList(_) | N::OidList(_) | N::PartitionElem(_)
        | N::PartitionSpec(_) | N::PartitionBoundSpec(_) | N::PartitionRangeDatum(_)
        | N::PartitionCmd(_) | N::TriggerTransition(_) | N::AlterTableCmd(_)
        | N::AtalterConstraint(_) | N::ReplicaIdentityStmt(_) | N::ObjectWithArgs(_)
        | N::AccessPriv(_) | N::Constraint(_) | N::CreateOpClassItem(_) | N::StatsElem(_)
        | N::FunctionParameter(_) | N::VacuumRelation(_) | N::PublicationTable(_)
        | N::PublicationObjSpec(_) => Sorted::Part,
        N::TableFunc(_) | N::Var(_) | N::Param(_) | N::Aggref(_) | N::WindowFunc(_)
        | N::WindowFuncRunCondition(_) | N::SubscriptingRef(_) | N::FuncExpr(_) | N::OpExpr(_)
        | N::DistinctExpr(_) | N::NullIfExpr(_) | N::ScalarArrayOpExpr(_) | N::SubPlan(_)
        | N::AlternativeSubPlan(_) | N::FieldSelect(_) | N::FieldStore(_) | N::RelabelType(_)
        | N::CoerceViaIo(_) | N::ArrayCoerceExpr(_) | N::ConvertRowtypeExpr(_) | N::CollateExpr(_)
        | N::CaseTestExpr(_) | N::ArrayExpr(_) | N::RowCompareExpr(_) | N::CoerceToDomain(_)
        | N::CoerceToDomainValue(_) | N::NextValueExpr(_) | N::InferenceElem(_)
        | N::ReturningExpr(_) | N::TargetEntry(_) | N::RangeTblRef(_) | N::FromExpr(_)
        | N::OnConflictExpr(_) | N::Query(_) | N::RangeTblEntry(_) | N::RtepermissionInfo(_)
        | N::RangeTblFunction(_) | N::TableSampleClause(_) | N::WithCheckOption(_)
        | N::SortGroupClause(_) | N::WindowClause(_) | N::RowMarkClause(_)
        | N::SetOperationStmt(_) | N::InlineCodeBlock(_) | N::CallContext(_) => Sorted::Unexpected,
    }
}
