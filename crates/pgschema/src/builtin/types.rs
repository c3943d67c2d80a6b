//! The built-in types, by number and by name.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::review::REVIEW;
use crate::snapshot::{Oid, TypeKind};

const TEXT: &str = include_str!("../../data/types.tsv");

/// A type of `pg_catalog`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltinType {
    /// Its number, the same in every installation.
    pub oid: Oid,
    /// Its name in the catalogue: `int4`, not `integer`.
    pub name: &'static str,
    /// The type of its arrays.
    pub array: Option<Oid>,
    /// For an array, the type of its elements.
    pub element: Option<Oid>,
    /// What it is.
    pub kind: TypeKind,
    /// PostgreSQL's category, which decides between overloads: `S` for texts, `N` for numbers, ...
    pub category: char,
    /// Whether its values have a collation.
    pub collatable: bool,
    /// Whether a statement may cast to it. A column whose type is not allowed can be shown and
    /// tested for NULL; beside it even a bare literal is a cast.
    pub allowed: bool,
}

struct Types {
    by_oid: HashMap<Oid, BuiltinType>,
    by_name: HashMap<&'static str, Oid>,
}

static TYPES: LazyLock<Types> = LazyLock::new(|| {
    let mut by_oid: HashMap<Oid, BuiltinType> = TEXT
        .lines()
        .filter_map(read)
        .map(|item| (item.oid, item))
        .collect();
    let allowed: Vec<Oid> = by_oid
        .values()
        .filter(|item| match item.element {
            None => REVIEW.types.contains(item.name),
            // `int2vector` and `oidvector` are arrays of their own; only an element's own array is
            // as good as the element.
            Some(element) => by_oid.get(&element).is_some_and(|element| {
                element.array == Some(item.oid) && REVIEW.types.contains(element.name)
            }),
        })
        .map(|item| item.oid)
        .collect();
    for oid in allowed {
        if let Some(item) = by_oid.get_mut(&oid) {
            item.allowed = true;
        }
    }
    let by_name = by_oid.values().map(|item| (item.name, item.oid)).collect();
    Types { by_oid, by_name }
});

/// A built-in type by its name in the catalogue.
#[must_use]
pub fn type_named(name: &str) -> Option<&'static BuiltinType> {
    type_by_oid(*TYPES.by_name.get(name)?)
}

/// A built-in type by its number.
#[must_use]
pub fn type_by_oid(oid: Oid) -> Option<&'static BuiltinType> {
    TYPES.by_oid.get(&oid)
}

/// The number of a type as the data files write it.
pub(super) fn oid_named(name: &str) -> Option<Oid> {
    TYPES.by_name.get(name).copied()
}

fn read(line: &'static str) -> Option<BuiltinType> {
    let mut fields = line.split('\t');
    let mut next = || fields.next();
    Some(BuiltinType {
        oid: oid(next()?)??,
        name: next()?,
        array: oid(next()?)?,
        element: oid(next()?)?,
        kind: match next()? {
            "b" => TypeKind::Base,
            "A" => TypeKind::Array,
            "e" => TypeKind::Enum,
            "d" => TypeKind::Domain,
            "r" => TypeKind::Range,
            "m" => TypeKind::Multirange,
            "p" => TypeKind::Pseudo,
            _ => return None,
        },
        category: next()?.chars().next()?,
        collatable: next()? == "t",
        allowed: false,
    })
}

#[expect(clippy::option_option, reason = "not a number, no number, a number")]
fn oid(text: &str) -> Option<Option<Oid>> {
    match text {
        "-" => Some(None),
        number => number.parse().ok().map(|number| Some(Oid(number))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_type_of_its_own() {
        assert_eq!(TYPES.by_oid.len(), TEXT.lines().count());
        assert_eq!(TYPES.by_name.len(), TEXT.lines().count());
    }

    #[test]
    fn every_reviewed_type_exists() {
        for name in &REVIEW.types {
            assert!(type_named(name).is_some_and(|item| item.allowed), "{name}");
        }
    }
}
