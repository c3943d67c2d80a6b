//! Items with the names that their shapes give them, in words and as JSON.

use std::fmt::Write as _;

use record::{Shape, Table};
use serde_json::{Map, Value};

use super::item::Item;
use crate::clock::of_millis;

/// From here on a number of milliseconds is taken for a moment and not for a duration: 2001.
const MOMENT_MS_MIN: u64 = 1_000_000_000_000;

pub(super) fn to_value(item: &Item, shape: Option<&Shape>) -> Value {
    match item {
        Item::Unsigned(number) => Value::from(*number),
        Item::Truth(truth) => Value::from(*truth),
        Item::Bytes(bytes) => Value::from(hex(bytes)),
        Item::Text(text) => Value::from(text.as_str()),
        Item::Array(items) => {
            let of = member_shape(shape);
            Value::from_iter(items.iter().map(|item| to_value(item, of)))
        }
        Item::Map(pairs) => {
            let mut map = Map::new();
            for (key, value) in pairs {
                let (name, shape) = name_of(key, shape);
                map.insert(name, to_value(value, shape));
            }
            Value::Object(map)
        }
    }
}

/// Lines of `name: value`, indented.
pub(super) fn to_lines(item: &Item, shape: Option<&Shape>, indent: usize, text: &mut String) {
    let Item::Map(pairs) = item else {
        let _ = writeln!(text, "{:indent$}{}", "", in_line(item, ""));
        return;
    };
    for (key, value) in pairs {
        let (name, shape) = name_of(key, shape);
        if is_flat(value) {
            let _ = writeln!(text, "{:indent$}{name}: {}", "", in_line(value, &name));
            continue;
        }
        let _ = writeln!(text, "{:indent$}{name}:", "");
        if let Item::Array(items) = value {
            for item in items {
                let mut inner = String::new();
                to_lines(item, member_shape(shape), indent + 4, &mut inner);
                let inner = inner.trim_start();
                let _ = write!(text, "{:indent$}  - {inner}", "");
            }
        } else {
            to_lines(value, shape, indent + 2, text);
        }
    }
}

/// Whether it fits into a line: no map inside.
pub(super) fn is_flat(item: &Item) -> bool {
    match item {
        Item::Unsigned(_) | Item::Truth(_) | Item::Bytes(_) | Item::Text(_) => true,
        Item::Array(items) => items.iter().all(is_flat),
        Item::Map(_) => false,
    }
}

pub(super) fn in_line(item: &Item, name: &str) -> String {
    match item {
        Item::Unsigned(number) if name.ends_with("_ms") && *number >= MOMENT_MS_MIN => {
            format!("{number} ({})", of_millis(*number))
        }
        Item::Unsigned(number) => number.to_string(),
        Item::Truth(truth) => truth.to_string(),
        Item::Bytes(bytes) => hex(bytes),
        Item::Text(text) => text.clone(),
        Item::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| in_line(item, name)).collect();
            format!("[{}]", items.join(", "))
        }
        Item::Map(_) => "{..}".to_owned(),
    }
}

/// What a key is called, and the shape of what stands under it.
pub(super) fn name_of(key: &Item, shape: Option<&Shape>) -> (String, Option<&'static Shape>) {
    let Item::Unsigned(number) = key else {
        return (in_line(key, ""), None);
    };
    let table = table_of(shape);
    let keys = table.into_iter().flat_map(|table| table.keys);
    let mut known = keys.filter(|known| known.number == *number);
    match known.next() {
        Some(known) => (known.name.to_owned(), Some(known.shape)),
        None => (number.to_string(), None),
    }
}

fn table_of(shape: Option<&Shape>) -> Option<&'static Table> {
    match shape? {
        Shape::Table(table) => Some(table),
        Shape::Unsigned
        | Shape::Truth
        | Shape::Bytes(..)
        | Shape::Text(_)
        | Shape::Word(..)
        | Shape::List(..)
        | Shape::Set(..)
        | Shape::Map(..) => None,
    }
}

fn member_shape(shape: Option<&Shape>) -> Option<&'static Shape> {
    match shape? {
        Shape::List(of, _) | Shape::Set(of, _) => Some(of),
        Shape::Unsigned
        | Shape::Truth
        | Shape::Bytes(..)
        | Shape::Text(_)
        | Shape::Word(..)
        | Shape::Map(..)
        | Shape::Table(_) => None,
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
