//! TOML as the same tree that YAML becomes, so that both are read and answered alike.

use std::ops::Range;

use document::Located;
use document::tree::{Node, Value};
use model::Diagnostic;
use toml::de::{DeTable, DeValue};

/// LIMIT: values inside each other in a file of settings.
const DEPTH_MAX: usize = 32;

/// Reads TOML into a tree, or says every mistake the parser found.
pub(crate) fn read(file: &str, text: &str) -> Result<Node, Vec<Diagnostic>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let value = map(table.get_ref(), text, 0);
        return Ok(value.map_or_else(
            || Located::nowhere(Value::Null),
            |value| locate(value, &table.span(), text),
        ));
    }
    // The parser's message alone: its picture of the source could show an address.
    let mut found: Vec<Diagnostic> = errors
        .iter()
        .map(|error| {
            let (line, column) = error.span().map_or((0, 0), |span| place(text, span.start));
            let cause = error.message().lines().next().unwrap_or_default();
            Diagnostic::error(
                file,
                format!("it is not TOML: {cause}"),
                "correct the TOML here",
            )
            .at(line, column)
        })
        .collect();
    found.dedup_by_key(|one| one.line);
    Err(found)
}

fn locate(value: Value, span: &Range<usize>, text: &str) -> Node {
    let (line, column) = place(text, span.start);
    Located {
        value,
        line,
        column,
    }
}

/// Line and column of a byte, from 1.
fn place(text: &str, offset: usize) -> (u64, u64) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (
        u64::try_from(line).unwrap_or_default(),
        u64::try_from(column).unwrap_or_default(),
    )
}

fn map(table: &DeTable<'_>, text: &str, depth: usize) -> Option<Value> {
    let mut entries: Vec<(Located<String>, Node)> = table
        .iter()
        .map(|(key, value)| {
            let (line, column) = place(text, key.span().start);
            let name = Located {
                value: key.get_ref().to_string(),
                line,
                column,
            };
            let node = locate(
                convert(value.get_ref(), text, depth + 1),
                &value.span(),
                text,
            );
            (name, node)
        })
        .collect();
    entries.sort_by_key(|(key, _)| (key.line, key.column));
    (depth < DEPTH_MAX).then_some(Value::Map(entries))
}

fn convert(value: &DeValue<'_>, text: &str, depth: usize) -> Value {
    if depth >= DEPTH_MAX {
        return Value::Null;
    }
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::Fraction, Value::Whole),
        DeValue::Float(_) => Value::Fraction,
        DeValue::Boolean(value) => Value::Boolean(*value),
        DeValue::Datetime(moment) => Value::Text(moment.to_string()),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| locate(convert(item.get_ref(), text, depth + 1), &item.span(), text))
                .collect(),
        ),
        DeValue::Table(table) => map(table, text, depth).unwrap_or(Value::Null),
    }
}
