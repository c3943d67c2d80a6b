//! YAML as a tree that knows where each value was written, for readers that go on after a fault; it
//! knows nothing of what the keys mean.

use std::fmt;

use model::Diagnostic;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::Located;

/// One value with its line and column.
pub type Node = Located<Value>;

/// A value as the file's language resolves it: a plain `40` is a number, a quoted one a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, or `null`.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Whole(i128),
    /// Any other number; its digits as written are lost, so nothing may depend on them.
    Fraction,
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Keys with values, in the order of the file.
    Map(Vec<(Located<String>, Node)>),
}

impl Value {
    /// What it is, for messages; `map` is what the language of the file calls keys with values.
    pub fn kind(&self, map: &'static str) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Boolean(_) => "true or false",
            Self::Whole(_) | Self::Fraction => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => map,
        }
    }
}

/// Reads one YAML document into a tree, with the limits of [`crate::read`].
///
/// # Errors
/// One [`Diagnostic`] with file, line, cause and remedy.
pub fn read(file: &str, text: &str) -> Result<Node, Box<Diagnostic>> {
    crate::read::<Node>(file, text).map_err(|mut fault| {
        // The parser's path names the wrappers of this tree; the line and column are exact.
        fault.path = String::new();
        fault
    })
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

    #[test]
    fn a_fault_in_the_yaml_has_its_place() {
        let fault = read("a.yaml", "dataset:\n  - a: [\n").unwrap_err();
        assert_eq!((fault.line, fault.path.as_str()), (Some(2), ""));
    }

    #[test]
    fn keys_that_are_not_texts_are_read() {
        let root = read("a.yaml", "1: x\ntrue: y\n").unwrap();
        assert!(matches!(root.value, Value::Map(_)));
    }
}
