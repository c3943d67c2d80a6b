//! The built-in operators by name, with their overloads.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::functions::is_total;
use super::review::{FunctionClass, REVIEW};
use super::types::oid_named;
use crate::snapshot::Oid;

const TEXT: &str = include_str!("../../data/operators.tsv");

/// Everything `pg_catalog` has under one operator name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The name.
    pub name: &'static str,
    /// Whether a statement may use it, whichever overload is meant.
    pub allowed: bool,
    /// Its overloads.
    pub overloads: Vec<OperatorOverload>,
}

/// One operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorOverload {
    /// The left operand's type; `None` for a prefix operator.
    pub left: Option<Oid>,
    /// The right operand's type.
    pub right: Oid,
    /// The type of the result.
    pub result: Oid,
    /// Whether it cannot fail and cannot print: as for [`super::FunctionOverload::total`].
    pub total: bool,
}

static OPERATORS: LazyLock<HashMap<&'static str, Operator>> = LazyLock::new(|| {
    let mut by_name = HashMap::<&'static str, Operator>::new();
    for (name, function, overload) in TEXT.lines().filter_map(read) {
        let operator = by_name.entry(name).or_insert_with(|| Operator {
            name,
            allowed: true,
            overloads: Vec::new(),
        });
        operator.allowed &= REVIEW.class(function) == FunctionClass::Pure
            || REVIEW.operator_only.contains(function);
        operator.overloads.push(overload);
    }
    by_name
});

/// Everything `pg_catalog` has, by operator name, in no order.
pub fn operators() -> impl Iterator<Item = &'static Operator> {
    OPERATORS.values()
}

/// What `pg_catalog` has under an operator name; `None` when there is nothing.
#[must_use]
pub fn operator(name: &str) -> Option<&'static Operator> {
    OPERATORS.get(name)
}

fn read(line: &'static str) -> Option<(&'static str, &'static str, OperatorOverload)> {
    let mut fields = line.split('\t');
    let mut next = || fields.next();
    let name = next()?;
    let left = match next()? {
        "-" => None,
        name => Some(oid_named(name)?),
    };
    let right = oid_named(next()?)?;
    let result = oid_named(next()?)?;
    let function = next()?;
    let total = is_total(function, next()?);
    Some((
        name,
        function,
        OperatorOverload {
            left,
            right,
            result,
            total,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read() {
        let overloads: usize = operators().map(|item| item.overloads.len()).sum();
        assert_eq!(overloads, TEXT.lines().count());
    }
}
