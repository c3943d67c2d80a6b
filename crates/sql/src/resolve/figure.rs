//! The name that PostgreSQL gives a column without one.
//!
//! Source: `FigureColnameInternal` in PostgreSQL's `parse_target.c`.

use crate::tree::{BinaryTest, Body, Expression, MinMax, SessionValue, Step, SublinkKind};

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
            SublinkKind::Scalar => match &sublink.query.body {
                Body::Select(select) => select.targets.first().map(|target| {
                    let name = target.name.clone().unwrap_or_else(|| figure(&target.value));
                    (name, true)
                }),
                Body::Values(_) => strong("column1"),
                Body::SetOperation { .. } => None,
            },
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
