//! Questions about the shape of an expression.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is no constant and no query"
)]

use pgschema::builtin::{self, FunctionClass};

use crate::tree::{Boolean, Expression, Query, SublinkKind, look};

/// Whether an expression reads no row and gives the same value for all rows of one statement.
pub(in crate::guard) fn is_constant(expression: &Expression) -> bool {
    let mut constant = true;
    each(expression, &mut |inner| {
        constant &= match inner {
            Expression::Column(_) | Expression::Sublink(_) | Expression::Default => false,
            Expression::Grouping(_) => false,
            Expression::Call(call) => {
                call.over.is_none()
                    && !call.star
                    && call.name.schema.as_deref() == Some("pg_catalog")
                    && builtin::function(&call.name.name)
                        .is_some_and(|known| known.class == FunctionClass::Pure)
            }
            _ => true,
        };
    });
    constant
}

/// Whether an expression is an aggregate or window function as a whole.
pub(super) fn is_aggregate(expression: &Expression) -> bool {
    let Expression::Call(call) = expression else {
        return false;
    };
    call.over.is_some()
        || builtin::function(&call.name.name).is_some_and(|known| {
            matches!(
                known.class,
                FunctionClass::Aggregate | FunctionClass::Window
            )
        })
}

/// The parts of a condition that all must hold, each on its own.
pub(in crate::guard) fn conjuncts(condition: &Expression) -> Vec<&Expression> {
    match condition {
        Expression::Boolean(Boolean::And, parts) => parts.iter().flat_map(conjuncts).collect(),
        other => vec![other],
    }
}

/// Calls `f` with an expression and everything under it at the same level of query.
pub(in crate::guard) fn each(expression: &Expression, f: &mut dyn FnMut(&Expression)) {
    f(expression);
    look::children(expression, &mut |child| match child {
        look::Child::Expression(inner) => each(inner, f),
        look::Child::Query(_) => {}
    });
}

/// Calls `f` with the queries directly in an expression, and whether each stands for one value.
pub(super) fn each_query(expression: &Expression, f: &mut dyn FnMut(&Query, bool)) {
    each(expression, &mut |inner| {
        if let Expression::Sublink(sublink) = inner {
            let is_scalar = matches!(
                sublink.kind,
                SublinkKind::Scalar | SublinkKind::Array | SublinkKind::Exists
            );
            f(&sublink.query, is_scalar);
        }
    });
}
