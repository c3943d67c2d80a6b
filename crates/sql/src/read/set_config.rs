//! `SELECT set_config(name, value, is_local)` of constants is `SET` that answers with a row: pgAdmin begins
//! each connection with one. Any other call of the function stays a call, and is refused as one.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is a query like any other"
)]

use crate::tree::{
    Body, Call, Constant, Distinct, Expression, FromItem, Query, Select, SetScope, SetValue,
    Setting,
};

/// What may be set so: how values are written, and nothing else.
const WRITTEN: [&str; 5] = [
    "bytea_output",
    "datestyle",
    "extra_float_digits",
    "intervalstyle",
    "timezone",
];

/// The setting that a query sets, where it does nothing else.
pub(super) fn setting(query: &Query) -> Option<Setting> {
    let is_plain = query.with.is_none()
        && query.order_by.is_empty()
        && query.limit.is_none()
        && query.offset.is_none()
        && !query.locks_rows;
    let Body::Select(select) = &query.body else {
        return None;
    };
    let [target] = select.targets.as_slice() else {
        return None;
    };
    let Expression::Call(call) = &target.value else {
        return None;
    };
    if !is_plain || !is_bare(select) || target.name.is_some() || !is_call_of(call, "set_config") {
        return None;
    }
    let [name, value, is_local] = call.arguments.as_slice() else {
        return None;
    };
    let named = [name, value, is_local].iter().any(|one| one.name.is_some());
    let (
        Expression::Constant(Constant::Text(name)),
        Expression::Constant(Constant::Text(value)),
        Expression::Constant(Constant::Boolean(is_local)),
    ) = (&name.value, &value.value, &is_local.value)
    else {
        return None;
    };
    let name = name.to_ascii_lowercase();
    let is_known = WRITTEN.contains(&name.as_str());
    (is_known && !named && is_once(select, &name)).then(|| Setting {
        scope: if *is_local {
            SetScope::Local
        } else {
            SetScope::Session
        },
        name,
        value: SetValue::Values(vec![Constant::Text(value.clone())]),
        by_call: true,
    })
}

fn is_bare(select: &Select) -> bool {
    select.distinct == Distinct::No
        && select.group_by.is_empty()
        && !select.group_distinct
        && select.having.is_none()
        && select.windows.is_empty()
}

/// Whether the call runs just once: without FROM, or for the one row of the server's settings that is
/// the setting's own.
fn is_once(select: &Select, name: &str) -> bool {
    match (select.from.as_slice(), &select.filter) {
        ([], None) => true,
        ([FromItem::Function(item)], Some(filter)) => {
            let is_plain = !item.lateral
                && !item.ordinality
                && !item.rows_from
                && item.alias.is_none()
                && item.columns.is_empty();
            let [(Expression::Call(call), definitions)] = item.functions.as_slice() else {
                return false;
            };
            is_plain
                && definitions.is_empty()
                && call.arguments.is_empty()
                && is_call_of(call, "pg_show_all_settings")
                && is_name_of(filter, name)
        }
        _ => false,
    }
}

/// `name = 'this setting'`
fn is_name_of(filter: &Expression, name: &str) -> bool {
    let Expression::Operator {
        name: operator,
        left: Some(left),
        right,
    } = filter
    else {
        return false;
    };
    let is_column = matches!(&**left, Expression::Column(path) if path.parts == ["name"]);
    let is_it = matches!(&**right, Expression::Constant(Constant::Text(text)) if text == name);
    operator.schema.is_none() && operator.name == "=" && is_column && is_it
}

fn is_call_of(call: &Call, function: &str) -> bool {
    let in_catalog = call
        .name
        .schema
        .as_deref()
        .is_none_or(|schema| schema == "pg_catalog");
    in_catalog
        && call.name.name == function
        && !call.star
        && !call.variadic
        && !call.distinct
        && call.order_by.is_empty()
        && !call.within_group
        && call.filter.is_none()
        && call.over.is_none()
}
