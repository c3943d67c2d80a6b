//! Words to write guards with. Everything is written with its full name.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is kept as it is"
)]

use crate::kind::Kind;
use crate::tree::{
    Alias, Body, Boolean, Call, CaseArm, ColumnPath, Constant, Distinct, Expression, FromItem,
    Join, JoinKind, JoinOn, NodeId, ObjectName, Quantifier, Query, RelationItem, RelationName,
    Select, SubqueryItem, Target, TruthTest, TypeName,
};

pub(super) fn column(relation: &str, name: &str) -> Expression {
    Expression::Column(ColumnPath::of(&[relation, name]))
}

pub(super) const fn integer(value: i32) -> Expression {
    Expression::Constant(Constant::Integer(value))
}

/// A whole number of any size as `int8`. Negative ones as text, because the grammar has only
/// positive numbers.
pub(super) fn int8(value: i64) -> Expression {
    cast(text(&value.to_string()), Kind::Int8)
}

pub(super) fn text(value: &str) -> Expression {
    Expression::Constant(Constant::Text(value.to_owned()))
}

pub(super) const fn boolean(value: bool) -> Expression {
    Expression::Constant(Constant::Boolean(value))
}

pub(super) fn cast(value: Expression, kind: Kind) -> Expression {
    Expression::Cast(Box::new(value), TypeName::builtin(kind.name()))
}

/// `CAST(value AS bit(n))`
pub(super) fn bits(value: Expression, count: i32) -> Expression {
    let mut name = TypeName::builtin("bit");
    name.modifiers.push(count);
    Expression::Cast(Box::new(value), name)
}

pub(super) fn operator(name: &str, left: Expression, right: Expression) -> Expression {
    Expression::Operator {
        name: ObjectName::builtin(name),
        left: Some(Box::new(left)),
        right: Box::new(right),
    }
}

/// `value = ANY (array)`
pub(super) fn any_of(value: Expression, array: Expression) -> Expression {
    Expression::OperatorArray {
        name: ObjectName::builtin("="),
        quantifier: Quantifier::Any,
        left: Box::new(value),
        right: Box::new(array),
    }
}

pub(super) fn call(name: &str, arguments: Vec<Expression>) -> Expression {
    Expression::Call(Box::new(Call::builtin(name, arguments)))
}

pub(super) fn case(condition: Expression, then: Expression, otherwise: Expression) -> Expression {
    Expression::Case {
        subject: None,
        arms: vec![CaseArm {
            condition,
            result: then,
        }],
        otherwise: Some(Box::new(otherwise)),
    }
}

pub(super) fn is(value: Expression, test: TruthTest) -> Expression {
    Expression::IsTruth(Box::new(value), test)
}

/// All of them; nothing is true.
pub(super) fn and(parts: Vec<Expression>) -> Expression {
    joined(Boolean::And, parts)
}

/// Any of them; nothing is false.
pub(super) fn or(parts: Vec<Expression>) -> Expression {
    joined(Boolean::Or, parts)
}

/// The grammar reads a connective within the same one as one, so it is written as one.
fn joined(connective: Boolean, parts: Vec<Expression>) -> Expression {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Expression::Boolean(inner, list) if inner == connective => flat.extend(list),
            other => flat.push(other),
        }
    }
    match flat.len() {
        0 => boolean(connective == Boolean::And),
        1 => flat.pop().unwrap_or(boolean(false)),
        _ => Expression::Boolean(connective, flat),
    }
}

/// `SELECT targets FROM items WHERE filter`, behind `OFFSET 0` if it is to be a fence: PostgreSQL
/// moves no condition into a query with an OFFSET and no expression out of it.
pub(super) fn query(
    targets: Vec<Target>,
    from: Vec<FromItem>,
    filter: Option<Expression>,
    fenced: bool,
) -> Query {
    Query {
        with: None,
        body: Body::Select(Box::new(Select {
            distinct: Distinct::No,
            targets,
            from,
            filter,
            group_by: Vec::new(),
            group_distinct: false,
            having: None,
            windows: Vec::new(),
        })),
        order_by: Vec::new(),
        limit: None,
        offset: fenced.then(|| integer(0)),
        locks_rows: false,
    }
}

pub(super) fn target(value: Expression, name: &str) -> Target {
    Target {
        value,
        name: Some(name.to_owned()),
    }
}

pub(super) fn subquery(query: Query, name: &str) -> FromItem {
    FromItem::Subquery(Box::new(SubqueryItem {
        id: NodeId::default(),
        lateral: false,
        query,
        alias: Some(alias(name)),
    }))
}

pub(super) fn alias(name: &str) -> Alias {
    Alias {
        name: name.to_owned(),
        columns: Vec::new(),
    }
}

pub(super) fn relation(found: &pgschema::Relation, only: bool, name: &str) -> FromItem {
    FromItem::Relation(RelationItem {
        id: NodeId::default(),
        name: RelationName {
            database: None,
            schema: Some(found.schema.clone()),
            name: found.name.clone(),
        },
        only,
        alias: Some(alias(name)),
    })
}

pub(super) fn left_join(left: FromItem, right: FromItem, condition: Expression) -> FromItem {
    FromItem::Join(Box::new(Join {
        id: NodeId::default(),
        kind: JoinKind::Left,
        on: JoinOn::Condition(condition),
        left,
        right,
        alias: None,
    }))
}

/// A query's value.
pub(super) fn scalar(query: Query) -> Expression {
    Expression::Sublink(Box::new(crate::tree::Sublink {
        kind: crate::tree::SublinkKind::Scalar,
        query,
    }))
}
