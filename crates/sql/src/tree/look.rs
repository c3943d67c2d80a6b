//! Looking at what hangs directly under an expression: [`super::walk`] without changing it.

use super::{
    Expression, Frame, FrameBound, Over, Query, Sort, Step, Sublink, SublinkKind, WindowSpec,
};

/// What hangs directly under an expression.
pub enum Child<'a> {
    /// An expression of the same level of query.
    Expression(&'a Expression),
    /// A query of a level of its own.
    Query(&'a Query),
}

/// Calls `f` with everything directly under an expression, in the order of the text.
pub fn children(expression: &Expression, f: &mut dyn FnMut(Child<'_>)) {
    match expression {
        Expression::Column(_)
        | Expression::Constant(_)
        | Expression::Parameter(_)
        | Expression::Session(_)
        | Expression::Default => {}
        Expression::Cast(inner, _)
        | Expression::Collate(inner, _)
        | Expression::IsNull(inner, _)
        | Expression::IsTruth(inner, _) => f(Child::Expression(inner)),
        Expression::Call(call) => {
            for argument in &call.arguments {
                f(Child::Expression(&argument.value));
            }
            sorts(&call.order_by, f);
            if let Some(filter) = &call.filter {
                f(Child::Expression(filter));
            }
            if let Some(Over::Spec(spec)) = &call.over {
                window(spec, f);
            }
        }
        Expression::Operator { left, right, .. } => {
            if let Some(left) = left {
                f(Child::Expression(left));
            }
            f(Child::Expression(right));
        }
        Expression::OperatorArray { left, right, .. } | Expression::Binary(_, left, right) => {
            f(Child::Expression(left));
            f(Child::Expression(right));
        }
        Expression::List(_, value, list) => {
            f(Child::Expression(value));
            all(list, f);
        }
        Expression::Boolean(_, list)
        | Expression::Coalesce(list)
        | Expression::MinMax(_, list)
        | Expression::Row(list, _)
        | Expression::Array(list)
        | Expression::Grouping(list) => all(list, f),
        Expression::Case {
            subject,
            arms,
            otherwise,
        } => {
            if let Some(subject) = subject {
                f(Child::Expression(subject));
            }
            for arm in arms {
                f(Child::Expression(&arm.condition));
                f(Child::Expression(&arm.result));
            }
            if let Some(otherwise) = otherwise {
                f(Child::Expression(otherwise));
            }
        }
        Expression::Sublink(sublink) => {
            let Sublink { kind, query } = &**sublink;
            match kind {
                SublinkKind::In(left) | SublinkKind::Compare { left, .. } => {
                    f(Child::Expression(left));
                }
                SublinkKind::Exists | SublinkKind::Scalar | SublinkKind::Array => {}
            }
            f(Child::Query(query));
        }
        Expression::Steps(inner, steps) => {
            f(Child::Expression(inner));
            for step in steps {
                match step {
                    Step::Field(_) | Step::Star => {}
                    Step::Index(index) => f(Child::Expression(index)),
                    Step::Slice(from, to) => {
                        for bound in [from, to].into_iter().flatten() {
                            f(Child::Expression(bound));
                        }
                    }
                }
            }
        }
    }
}

fn all(list: &[Expression], f: &mut dyn FnMut(Child<'_>)) {
    for one in list {
        f(Child::Expression(one));
    }
}

fn sorts(list: &[Sort], f: &mut dyn FnMut(Child<'_>)) {
    for one in list {
        f(Child::Expression(&one.value));
    }
}

/// Calls `f` with the expressions of a window.
pub fn window(spec: &WindowSpec, f: &mut dyn FnMut(Child<'_>)) {
    all(&spec.partition_by, f);
    sorts(&spec.order_by, f);
    if let Some(Frame { start, end, .. }) = &spec.frame {
        for bound in [start, end] {
            match bound {
                FrameBound::Preceding(offset) | FrameBound::Following(offset) => {
                    f(Child::Expression(offset));
                }
                FrameBound::UnboundedPreceding
                | FrameBound::CurrentRow
                | FrameBound::UnboundedFollowing => {}
            }
        }
    }
}
