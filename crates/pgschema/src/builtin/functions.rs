//! The built-in functions by name, with their overloads and their class.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use super::review::{FunctionClass, REVIEW};
use super::types::oid_named;
use crate::snapshot::{Oid, Volatility};

const TEXT: &str = include_str!("../../data/functions.tsv");

/// Everything `pg_catalog` has under one function name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The name.
    pub name: &'static str,
    /// What it may be used for, whichever overload is meant.
    pub class: FunctionClass,
    /// Its overloads.
    pub overloads: Vec<FunctionOverload>,
}

/// One function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionOverload {
    /// The types of its input arguments, those with a default included.
    pub arguments: Vec<Oid>,
    /// The type it returns.
    pub returns: Oid,
    /// Whether it returns a set.
    pub returns_set: bool,
    /// Whether its last argument takes any number of values.
    pub variadic: bool,
    /// How many of the last arguments may be left out.
    pub defaults: usize,
    /// `f`, `p`, `a` or `w`.
    pub kind: char,
    /// Its volatility.
    pub volatility: Volatility,
    /// What PostgreSQL says; the review goes further in both directions, see `total`.
    pub leakproof: bool,
    /// Whether it cannot fail and cannot print, whatever its arguments are.
    ///
    /// A function over texts is total only where its collation is determined: PostgreSQL finds out
    /// that it is not when the first row arrives, and fails then. `starts_with` wants a deterministic
    /// collation besides.
    pub total: bool,
    /// The first and the last major version that has it just so.
    pub versions: RangeInclusive<u32>,
}

static FUNCTIONS: LazyLock<HashMap<&'static str, Function>> = LazyLock::new(|| {
    let mut by_name = HashMap::<&'static str, Function>::new();
    for (name, overload) in TEXT.lines().filter_map(read) {
        by_name
            .entry(name)
            .or_insert_with(|| Function {
                name,
                class: REVIEW.class(name),
                overloads: Vec::new(),
            })
            .overloads
            .push(overload);
    }
    by_name
});

/// Everything `pg_catalog` has, by function name, in no order.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    FUNCTIONS.values()
}

/// What `pg_catalog` has under a function name; `None` when there is nothing.
#[must_use]
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name)
}

/// The types of arguments as the data files write them.
pub(super) fn types(text: &str) -> Option<Vec<Oid>> {
    match text {
        "-" => Some(Vec::new()),
        names => names.split(' ').map(oid_named).collect(),
    }
}

/// Whether the review proves a signature total.
pub(super) fn is_total(name: &str, arguments: &str) -> bool {
    let arguments = if arguments == "-" { "" } else { arguments };
    REVIEW
        .total
        .contains(format!("{name}({})", arguments.replace(' ', ",")).as_str())
}

fn read(line: &'static str) -> Option<(&'static str, FunctionOverload)> {
    let mut fields = line.split('\t');
    let mut next = || fields.next();
    let name = next()?;
    let arguments = next()?;
    let overload = FunctionOverload {
        arguments: types(arguments)?,
        returns: oid_named(next()?)?,
        returns_set: next()? == "t",
        variadic: next()? == "t",
        defaults: next()?.parse().ok()?,
        kind: next()?.chars().next()?,
        volatility: match next()? {
            "i" => Volatility::Immutable,
            "s" => Volatility::Stable,
            "v" => Volatility::Volatile,
            _ => return None,
        },
        leakproof: next()? == "t",
        total: is_total(name, arguments),
        versions: next()?.parse().ok()?..=next()?.parse().ok()?,
    };
    Some((name, overload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::{VERSIONS, type_by_oid, type_named};

    #[test]
    fn every_line_is_read() {
        let overloads: usize = functions().map(|function| function.overloads.len()).sum();
        assert_eq!(overloads, TEXT.lines().count());
    }

    #[test]
    fn every_name_was_reviewed_and_every_reviewed_name_exists() {
        let mut missing: Vec<&str> = functions()
            .map(|function| function.name)
            .filter(|name| !REVIEW.classes.contains_key(name))
            .collect();
        missing.sort_unstable();
        assert_eq!(missing, Vec::<&str>::new());
        let unknown: Vec<_> = REVIEW
            .classes
            .keys()
            .filter(|name| function(name).is_none())
            .collect();
        assert_eq!(unknown, Vec::<&&str>::new());
    }

    #[test]
    fn every_total_signature_exists_in_all_versions_and_is_pure() {
        let total = functions()
            .filter(|function| function.class == FunctionClass::Pure)
            .flat_map(|function| &function.overloads)
            .filter(|overload| overload.total && overload.versions == VERSIONS)
            .count();
        assert_eq!(total, REVIEW.total.len());
    }

    #[test]
    fn a_class_fits_the_kind_of_every_overload() {
        for function in functions() {
            for overload in &function.overloads {
                let volatile = overload.volatility == Volatility::Volatile;
                let fits = match function.class {
                    FunctionClass::Pure => {
                        overload.kind == 'f' && !overload.returns_set && !volatile
                    }
                    FunctionClass::Aggregate => overload.kind == 'a',
                    FunctionClass::Window => matches!(overload.kind, 'w' | 'a'),
                    FunctionClass::SetReturning => overload.returns_set && !volatile,
                    FunctionClass::Volatile => volatile && !overload.returns_set,
                    FunctionClass::Session => !overload.returns_set,
                    FunctionClass::Refused => !overload.total,
                };
                assert!(fits, "{} is {:?}", function.name, function.class);
            }
        }
    }

    /// Beside a value of type regtype or xid a bare literal is read as one, and the error tells
    /// which exist. So nothing that may be called makes such a value.
    #[test]
    fn what_may_be_called_yields_only_types_that_may_be_cast_to() {
        // Aggregates that yield what they are given, and XML that was made from text.
        let passed_on = ["max", "min", "xmlagg", "xmlcomment"];
        for function in functions() {
            if matches!(
                function.class,
                FunctionClass::Refused | FunctionClass::Session
            ) || passed_on.contains(&function.name)
            {
                continue;
            }
            for overload in &function.overloads {
                let returns = type_by_oid(overload.returns).unwrap();
                let polymorphic = returns.name.starts_with("any") || returns.name == "record";
                assert!(
                    returns.allowed || polymorphic,
                    "{} {}",
                    function.name,
                    returns.name
                );
                let internal = type_named("internal").unwrap().oid;
                let cstring = type_named("cstring").unwrap().oid;
                assert!(!overload.arguments.contains(&internal), "{}", function.name);
                assert!(!overload.arguments.contains(&cstring), "{}", function.name);
            }
        }
    }
}
