//! YAML as a tree that knows where each value was written; it knows nothing of manifests.

use std::fmt;

use document::Located;
use model::Diagnostic;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// One value with its line and column.
pub(crate) type Node = Located<Value>;

/// A value as YAML resolves it: a plain `40` is a number, a quoted one a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Boolean(bool),
    /// A whole number.
    Whole(i128),
    /// Any other number; its digits as written are lost, so nothing may depend on them.
    Fraction,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Located<String>, Node)>),
}

impl Value {
    /// Empty, zero or false, which Fides takes for "not written" where it looks for a block.
    pub(crate) fn says_nothing(&self) -> bool {
        match self {
            Self::Null | Self::Boolean(false) | Self::Whole(0) => true,
            Self::Boolean(true) | Self::Whole(_) | Self::Fraction => false,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
        }
    }

    /// What it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Boolean(_) => "true or false",
            Self::Whole(_) | Self::Fraction => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "`key: value` lines",
        }
    }
}

/// Reads a text into a tree. Depth, length and aliases are limited by `document`.
pub(crate) fn read(file: &str, text: &str) -> Result<Node, Box<Diagnostic>> {
    let mut root = document::read::<Node>(file, text).map_err(|mut fault| {
        // The parser's path names the wrappers of this tree; the line and column are exact.
        fault.path = String::new();
        if fault.cause.starts_with("multiple YAML documents") {
            fault.cause = "a second YAML document begins here".to_owned();
            fault.remedy = "put it into a file of its own".to_owned();
        }
        fault
    })?;
    let lines: Vec<&str> = text.lines().collect();
    keep_letters(&mut root, &lines);
    Ok(root)
}

/// A plain `y` or `n` is a text, as it is for Fides: coordinates have such names. The parser takes
/// them for truth values, so the text itself is asked.
fn keep_letters(node: &mut Node, lines: &[&str]) {
    match &mut node.value {
        Value::Boolean(_) => {
            let line = usize::try_from(node.line)
                .unwrap_or_default()
                .checked_sub(1);
            let column = usize::try_from(node.column).unwrap_or_default();
            let line = line
                .and_then(|line| lines.get(line))
                .copied()
                .unwrap_or_default();
            let rest = line.chars().skip(column.saturating_sub(1));
            let word: String = rest
                .take_while(char::is_ascii_alphanumeric)
                .take(2)
                .collect();
            if ["y", "Y", "n", "N"].contains(&word.as_str()) {
                node.value = Value::Text(word);
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| keep_letters(item, lines)),
        Value::Map(entries) => entries
            .iter_mut()
            .for_each(|(_, value)| keep_letters(value, lines)),
        Value::Null | Value::Whole(_) | Value::Fraction | Value::Text(_) => {}
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Whole(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Whole(value.into()))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Whole(value))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        Ok(i128::try_from(value).map_or(Value::Fraction, Value::Whole))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Fraction)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Node>()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry::<Located<String>, Node>()? {
            map.push(entry);
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(text: &str) -> Value {
        read("a.yaml", text).unwrap().value
    }

    #[test]
    fn plain_words_that_are_column_names_stay_texts() {
        for word in ["y", "n", "on", "off", "yes", "2026-01-31", "null_value"] {
            let Value::Map(map) = text_of(&format!("name: {word}\n")) else {
                panic!("no map")
            };
            // Fides reads three of them as truth values too; a manifest must quote those.
            let expected = match word {
                "on" | "yes" => Value::Boolean(true),
                "off" => Value::Boolean(false),
                _ => Value::Text(word.to_owned()),
            };
            assert_eq!(map[0].1.value, expected, "{word}");
        }
    }

    #[test]
    fn a_fault_in_the_yaml_has_its_place() {
        let fault = read("a.yaml", "dataset:\n  - a: [\n").unwrap_err();
        assert_eq!((fault.line, fault.path.as_str()), (Some(2), ""));
    }

    #[test]
    fn keys_that_are_not_texts_are_read() {
        assert!(matches!(text_of("1: x\ntrue: y\n"), Value::Map(_)));
    }
}
