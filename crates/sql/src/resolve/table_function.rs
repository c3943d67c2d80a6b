//! Functions in `FROM`.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named has no name of its own"
)]

use super::Resolver;
use super::query::Output;
use super::scope::{Namespace, Scope};
use crate::error::Refused;
use crate::tree::{Call, Expression, FunctionItem, NodeId};

impl Resolver<'_> {
    pub(super) fn table_function(
        &mut self,
        item: &mut FunctionItem,
        scope: &Scope<'_>,
    ) -> Result<Namespace, Refused> {
        let first_name = item.functions.first().map(|(call, _)| match call {
            Expression::Call(call) => call.name.name.clone(),
            other => super::figure::figure(other),
        });
        spread_unnest(item);
        for (call, columns) in &mut item.functions {
            // A function in FROM sees what stands before it, with or without LATERAL.
            self.expression(call, scope)?;
            for column in columns {
                self.type_name(&mut column.type_name)?;
            }
        }
        for column in &mut item.columns {
            self.type_name(&mut column.type_name)?;
        }
        let name = item
            .alias
            .as_ref()
            .map(|alias| alias.name.clone())
            .or(first_name)
            .unwrap_or_default();
        let defined: Vec<&str> = item
            .functions
            .iter()
            .flat_map(|(_, columns)| columns)
            .chain(&item.columns)
            .map(|column| column.name.as_str())
            .collect();
        let names = item.alias.as_ref().map_or(&[][..], |alias| &alias.columns);
        let mut columns: Vec<String> = defined.iter().map(|&name| name.to_owned()).collect();
        columns.extend(names.iter().cloned());
        if columns.is_empty() {
            columns.push(name.clone());
        }
        if item.ordinality && names.is_empty() {
            columns.push("ordinality".to_owned());
        }
        let output = Output {
            columns,
            open: true,
        };
        Ok(Namespace::of_output(&name, &output, &[]))
    }
}

/// `unnest(a, b)` is grammar and no function: with its schema it is written as what it means.
///
/// Source: PostgreSQL's `transformRangeFunction`.
fn spread_unnest(item: &mut FunctionItem) {
    let mut functions = Vec::with_capacity(item.functions.len());
    for (expression, columns) in item.functions.drain(..) {
        match expression {
            Expression::Call(call) if is_spread(&call) && columns.is_empty() => {
                item.rows_from = true;
                for argument in &call.arguments {
                    let one = Call {
                        id: NodeId::default(),
                        arguments: vec![argument.clone()],
                        ..(*call).clone()
                    };
                    functions.push((Expression::Call(Box::new(one)), Vec::new()));
                }
            }
            other => functions.push((other, columns)),
        }
    }
    item.functions = functions;
}

fn is_spread(call: &Call) -> bool {
    let is_plain = !call.star
        && !call.variadic
        && !call.distinct
        && call.order_by.is_empty()
        && call.filter.is_none()
        && call.over.is_none();
    is_plain && call.name.schema.is_none() && call.name.name == "unnest" && call.arguments.len() > 1
}
