//! The name that PostgreSQL gives a column without one.
//!
//! Source: `FigureColnameInternal` in PostgreSQL's `parse_target.c`.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named gives no name"
)]

use crate::tree::{BinaryTest, Body, Expression, MinMax, Query, SessionValue, Step, SublinkKind};

/// The name of an unnamed target.
pub(super) fn figure(expression: &Expression) -> String {
    strength(expression).map_or_else(|| "?column?".to_owned(), |(name, _)| name)
}

/// The name and whether it is a strong one.
fn strength(expression: &Expression) -> Option<(String, bool)> {
    let strong = |name: &str| Some((name.to_owned(), true));
    match expression {
        Expression::Column(path) => path.parts.last().map(|name| (name.clone(), true)),
        Expression::Steps(inner, steps) => {
            let field = steps.iter().rev().find_map(|step| match step {
                Step::Field(name) => Some(name.clone()),
                Step::Star | Step::Index(_) | Step::Slice(_, _) => None,
            });
            field.map_or_else(|| strength(inner), |name| Some((name, true)))
        }
        Expression::Call(call) => strong(&call.name.name),
        Expression::Binary(BinaryTest::NullIf, _, _) => strong("nullif"),
        Expression::Cast(inner, type_name) => match strength(inner) {
            Some((name, true)) => Some((name, true)),
            _ => Some((type_name.name.name.clone(), false)),
        },
        Expression::Collate(inner, _) => strength(inner),
        Expression::Grouping(_) => strong("grouping"),
        Expression::Sublink(sublink) => match &sublink.kind {
            SublinkKind::Exists => strong("exists"),
            SublinkKind::Array => strong("array"),
            SublinkKind::Scalar => first_of(&sublink.query).map(|name| (name, true)),
            SublinkKind::In(_) | SublinkKind::Compare { .. } => None,
        },
        Expression::Case { otherwise, .. } => otherwise
            .as_ref()
            .and_then(|inner| strength(inner))
            .filter(|(_, is_strong)| *is_strong)
            .or_else(|| Some(("case".to_owned(), false))),
        Expression::Array(_) => strong("array"),
        Expression::Row(_, _) => strong("row"),
        Expression::Coalesce(_) => strong("coalesce"),
        Expression::MinMax(MinMax::Greatest, _) => strong("greatest"),
        Expression::MinMax(MinMax::Least, _) => strong("least"),
        Expression::Session(value) => strong(session(*value)),
        Expression::Constant(_)
        | Expression::Parameter(_)
        | Expression::Operator { .. }
        | Expression::OperatorArray { .. }
        | Expression::Binary(_, _, _)
        | Expression::List(_, _, _)
        | Expression::Boolean(_, _)
        | Expression::IsNull(_, _)
        | Expression::IsTruth(_, _)
        | Expression::Default => None,
    }
}

/// Stands for the name of a star's first column, which is known when the star is.
pub(super) const OF_STAR: &str = "\0";

/// The name of a query's first column.
fn first_of(query: &Query) -> Option<String> {
    match &query.body {
        Body::Select(select) => select.targets.first().map(|target| match &target.value {
            Expression::Column(path) if path.star => OF_STAR.to_owned(),
            value => target.name.clone().unwrap_or_else(|| figure(value)),
        }),
        Body::Values(_) => Some("column1".to_owned()),
        Body::SetOperation { left, .. } => first_of(left),
    }
}

/// The star whose first column names an expression.
pub(super) fn naming_star(expression: &Expression) -> Option<u32> {
    fn of_query(query: &Query) -> Option<u32> {
        match &query.body {
            Body::Select(select) => match &select.targets.first()?.value {
                Expression::Column(path) if path.star => Some(path.id.0),
                value => naming_star(value),
            },
            Body::Values(_) => None,
            Body::SetOperation { left, .. } => of_query(left),
        }
    }
    match expression {
        Expression::Sublink(sublink) => of_query(&sublink.query),
        Expression::Cast(inner, _) | Expression::Collate(inner, _) => naming_star(inner),
        Expression::Steps(inner, _) => naming_star(inner),
        Expression::Case { otherwise, .. } => naming_star(otherwise.as_ref()?),
        _ => None,
    }
}

const fn session(value: SessionValue) -> &'static str {
    match value {
        SessionValue::CurrentDate => "current_date",
        SessionValue::CurrentTime(_) => "current_time",
        SessionValue::CurrentTimestamp(_) => "current_timestamp",
        SessionValue::LocalTime(_) => "localtime",
        SessionValue::LocalTimestamp(_) => "localtimestamp",
        SessionValue::CurrentRole => "current_role",
        SessionValue::CurrentUser => "current_user",
        SessionValue::User => "user",
        SessionValue::SessionUser => "session_user",
        SessionValue::CurrentCatalog => "current_catalog",
        SessionValue::CurrentSchema => "current_schema",
    }
}
