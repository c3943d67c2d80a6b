//! Masks as SQL: total, of the column's exact type, and hiding NULL unless they are pseudonyms.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a type that is not named has no such mask: the strict answer"
)]

use model::{Mask, Precision};
use pgschema::{Column, Schema, builtin};

use super::parameter::Parameters;
use super::pseudonym::pseudonym;
use super::write::{call, case, cast, int8, integer, operator, text};
use crate::bind::BoundField;
use crate::kind::{Kind, kind_of};
use crate::tree::{Constant, Expression, ObjectName, TypeName};

/// Dates and times between these can be cut without overflow.
const EARLIEST: &str = "0001-01-01";
const LATEST: &str = "9999-12-31";
/// What stands for dates that cannot be cut, NULL among them.
const EPOCH: &str = "1970-01-01";
/// LIMIT: numbers up to here can be multiplied without overflow in every type.
const LARGE: &str = "1e30";
const LARGE_FLOAT: &str = "1e15";

/// The masked value of a column, where `value` is its raw value. `None` when the mask does not fit
/// the column as it is.
pub(super) fn masked(
    mask: &Mask,
    column: &Column,
    field: &BoundField,
    value: Expression,
    schema: &Schema,
    parameters: &mut Parameters,
) -> Option<Expression> {
    let kind = kind_of(schema, column.type_oid);
    let bare = match mask {
        Mask::Null => {
            let refuses_null = schema
                .type_by_oid(column.type_oid)
                .is_some_and(|found| found.not_null);
            if refuses_null {
                return None;
            }
            Expression::Constant(Constant::Null)
        }
        Mask::Constant(constant) => text(constant),
        Mask::Pseudonym(domain) => {
            if field.domain.as_ref() != Some(domain) {
                return None;
            }
            pseudonym(value, kind?, domain, parameters)?
        }
        Mask::Partial { first, last } => {
            partial(value, i32::from(*first), i32::from(*last), kind?)?
        }
        Mask::Truncate(precision) => truncated(value, *precision, kind?)?,
        Mask::Bucket(width) => bucket(value, i64::from(*width), kind?, column)?,
    };
    exact(bare, column, schema)
}

/// `value` as exactly the column's type, modifier and collation.
pub(super) fn exact(value: Expression, column: &Column, schema: &Schema) -> Option<Expression> {
    let typed = Expression::Cast(Box::new(value), type_of(column, schema)?);
    Some(match &column.collation {
        None => typed,
        Some(collation) => Expression::Collate(
            Box::new(typed),
            ObjectName {
                schema: Some(collation.schema.clone()),
                name: collation.name.clone(),
            },
        ),
    })
}

fn type_of(column: &Column, schema: &Schema) -> Option<TypeName> {
    let name = match builtin::type_by_oid(column.type_oid) {
        Some(known) => ObjectName::builtin(known.name),
        None => {
            let found = schema.type_by_oid(column.type_oid)?;
            ObjectName {
                schema: Some(found.schema.clone()),
                name: found.name.clone(),
            }
        }
    };
    let modifiers = column
        .modifier
        .split(',')
        .filter_map(|part| part.trim().parse().ok())
        .collect();
    Some(TypeName {
        name,
        modifiers,
        dimensions: Vec::new(),
    })
}

/// The first and last characters around a fixed `***`, so that the length is not told; a value too
/// short to hide anything behind them is all `***`, as is NULL.
fn partial(value: Expression, first: i32, last: i32, kind: Kind) -> Option<Expression> {
    if !matches!(kind, Kind::Text | Kind::Varchar | Kind::Bpchar) {
        return None;
    }
    let value = cast(value, Kind::Text);
    let shown = operator(
        "||",
        operator(
            "||",
            call("left", vec![value.clone(), integer(first)]),
            text("***"),
        ),
        call("right", vec![value.clone(), integer(last)]),
    );
    let is_long = operator(
        ">",
        call("length", vec![value]),
        integer(first.saturating_add(last)),
    );
    Some(case(is_long, shown, text("***")))
}

fn between(value: Expression, low: Expression, high: Expression) -> Expression {
    super::write::and(vec![
        operator(">=", value.clone(), low),
        operator("<=", value, high),
    ])
}

fn truncated(value: Expression, precision: Precision, kind: Kind) -> Option<Expression> {
    let unit = match precision {
        Precision::Year => "year",
        Precision::Month => "month",
        Precision::Day => "day",
        Precision::Hour => "hour",
        Precision::Decimals(digits) => return decimals(value, i32::from(digits), kind),
    };
    let bound = |date: &str| match kind {
        Kind::Timestamptz => cast(text(&format!("{date} 00:00:00+00")), kind),
        _ => cast(text(date), kind),
    };
    let cut = match kind {
        Kind::Date => cast(
            call(
                "date_trunc",
                vec![text(unit), cast(value.clone(), Kind::Timestamp)],
            ),
            Kind::Date,
        ),
        Kind::Timestamp => call("date_trunc", vec![text(unit), value.clone()]),
        Kind::Timestamptz => call("date_trunc", vec![text(unit), value.clone(), text("UTC")]),
        _ => return None,
    };
    let fits = between(value, bound(EARLIEST), bound(LATEST));
    Some(case(fits, cut, bound(EPOCH)))
}

fn decimals(value: Expression, digits: i32, kind: Kind) -> Option<Expression> {
    match kind {
        Kind::Numeric => {
            let cut = call("trunc", vec![value.clone(), integer(digits)]);
            Some(case(
                Expression::IsNull(Box::new(value), false),
                cut,
                integer(0),
            ))
        }
        Kind::Float4 | Kind::Float8 => {
            // LIMIT: a float has 17 digits; more decimals would overflow and show all of them.
            if digits > 15 {
                return None;
            }
            let wide = cast(value, Kind::Float8);
            let scale = cast(text(&format!("1e{digits}")), Kind::Float8);
            let cut = operator(
                "/",
                call("trunc", vec![operator("*", wide.clone(), scale.clone())]),
                scale,
            );
            let limit = cast(text(LARGE_FLOAT), Kind::Float8);
            let fits = operator("<", call("abs", vec![wide]), limit);
            Some(case(fits, cut, cast(text("0"), Kind::Float8)))
        }
        _ => None,
    }
}

/// The lower bound of the interval; what has none in the type, and NULL, is 0.
fn bucket(value: Expression, width: i64, kind: Kind, column: &Column) -> Option<Expression> {
    if width <= 0 {
        return None;
    }
    match kind {
        Kind::Int2 | Kind::Int4 | Kind::Int8 => {
            let lowest = match kind {
                Kind::Int2 => i64::from(i16::MIN),
                Kind::Int4 => i64::from(i32::MIN),
                _ => i64::MIN,
            };
            let wide = cast(value, Kind::Int8);
            let rest = operator("%", wide.clone(), int8(width));
            let above = operator("%", operator("+", rest, int8(width)), int8(width));
            let fits = operator(">=", wide.clone(), int8(lowest.checked_add(width)?));
            Some(case(fits, operator("-", wide, above), int8(0)))
        }
        Kind::Numeric => {
            let step = cast(text(&width.to_string()), Kind::Numeric);
            let floor = operator(
                "*",
                call("floor", vec![operator("/", value.clone(), step.clone())]),
                step,
            );
            let low = match numeric_digits(column) {
                // Below this the bound could need one digit more than the column has.
                Some(digits @ 0..=30) => (i128::from(width) - 10_i128.pow(digits)).to_string(),
                Some(_) => format!("-{LARGE}"),
                None => format!("-{LARGE}"),
            };
            let fits = between(
                value,
                cast(text(&low), Kind::Numeric),
                cast(text(LARGE), Kind::Numeric),
            );
            Some(case(fits, floor, cast(text("0"), Kind::Numeric)))
        }
        Kind::Float4 | Kind::Float8 => {
            let wide = cast(value, Kind::Float8);
            let step = cast(text(&width.to_string()), Kind::Float8);
            let floor = operator(
                "*",
                call("floor", vec![operator("/", wide.clone(), step.clone())]),
                step,
            );
            let limit = cast(text(LARGE_FLOAT), Kind::Float8);
            let fits = operator("<", call("abs", vec![wide]), limit);
            Some(case(fits, floor, cast(text("0"), Kind::Float8)))
        }
        _ => None,
    }
}

/// Digits before the point of a `numeric(p,s)` column.
fn numeric_digits(column: &Column) -> Option<u32> {
    let mut parts = column.modifier.split(',');
    let precision: i32 = parts.next()?.trim().parse().ok()?;
    let scale: i32 = parts.next().map_or(Some(0), |s| s.trim().parse().ok())?;
    u32::try_from(precision - scale).ok()
}

/// Whether a mask gives every row the same value, so that a condition on it is decided at once.
pub(super) const fn is_same_for_all(mask: &Mask) -> bool {
    matches!(mask, Mask::Null | Mask::Constant(_))
}
