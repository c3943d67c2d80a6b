//! JSON objects in which no name stands twice: two readers of a doubled name may believe different
//! values.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

/// An object by its names.
#[derive(Debug)]
pub(super) struct Object(BTreeMap<String, Value>);

impl Object {
    /// Reads a whole text as one object. Depth is limited by `serde_json` (128).
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A member that must be text where it is there.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, String> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("its `{name}` is not text")),
        }
    }

    /// A member that must be a list of texts, or one text, where it is there.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<&str>>, String> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        let found = match value {
            Value::String(text) => Some(vec![text.as_str()]),
            Value::Array(items) => items.iter().map(Value::as_str).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
        };
        found
            .map(Some)
            .ok_or_else(|| format!("its `{name}` is not a list of texts"))
    }

    /// A member that must be a moment in seconds (NumericDate) where it is there. A fraction is cut
    /// off, which is earlier by less than a second.
    pub(super) fn seconds(&self, name: &str) -> Result<Option<i64>, String> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        let whole = value.as_i64();
        let fraction = value.as_f64().filter(|seconds| seconds.abs() < 1e12);
        #[expect(clippy::cast_possible_truncation, reason = "below 1e12 it fits")]
        let found = whole.or(fraction.map(|seconds| seconds.floor() as i64));
        found
            .filter(|seconds| seconds.abs() < 1_000_000_000_000)
            .map(Some)
            .ok_or_else(|| format!("its `{name}` is not a number of seconds"))
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Unique)
    }
}

struct Unique;

impl<'de> Visitor<'de> for Unique {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object in which no name stands twice")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Object, A::Error> {
        let mut found = BTreeMap::new();
        while let Some((name, value)) = members.next_entry::<String, Value>()? {
            if found.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(Object(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_one_object_of_unique_names_is_refused() {
        assert!(Object::read(br#"{"a": 1, "b": {"a": 1}}"#).is_some());
        for bad in [
            "",
            "[]",
            "1",
            r#"{"a":1,"a":1}"#,
            r#"{"a":1} {}"#,
            r#"{"a":1,}"#,
        ] {
            assert!(Object::read(bad.as_bytes()).is_none(), "{bad}");
        }
        assert!(Object::read(b"{\"\xff\": 1}").is_none());
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(1000), "]".repeat(1000));
        assert!(Object::read(deep.as_bytes()).is_none());
    }

    #[test]
    fn a_member_of_another_type_is_an_error_and_no_absence() {
        let object = Object::read(
            br#"{"t": 1, "l": ["a", 1], "s": "1", "f": 12.9, "big": 1e300, "n": null, "neg": -0.5}"#,
        )
        .unwrap();
        assert!(object.text("t").is_err());
        assert!(object.text("n").is_err());
        assert_eq!(object.text("none"), Ok(None));
        assert!(object.texts("l").is_err());
        assert_eq!(object.texts("s"), Ok(Some(vec!["1"])));
        assert!(object.seconds("s").is_err());
        assert!(object.seconds("big").is_err());
        assert!(object.seconds("n").is_err());
        assert_eq!(object.seconds("f"), Ok(Some(12)));
        assert_eq!(object.seconds("neg"), Ok(Some(-1)));
    }
}
