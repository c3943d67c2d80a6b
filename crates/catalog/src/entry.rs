//! A value of a manifest together with its file and path, and the questions a reader asks of it.

use std::sync::Arc;

use document::Located;
use document::tree::{Node, Value};
use model::Diagnostic;

/// What a mapping is called.
const KEYS: &str = "`key: value` lines";

/// Where something was written.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) file: Arc<str>,
    pub(crate) path: String,
    pub(crate) line: u64,
    pub(crate) column: u64,
}

impl Place {
    /// An error about what stands here.
    pub(crate) fn error(&self, cause: impl Into<String>, remedy: impl Into<String>) -> Diagnostic {
        Diagnostic::error(&self.file, cause, remedy)
            .at(self.line, self.column)
            .under(self.path.clone())
    }

    /// `file:line`, to name a second place in a message.
    pub(crate) fn short(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// Everything found wrong so far; reading goes on after a fault so that all are told at once.
pub(crate) type Faults = Vec<Diagnostic>;

/// A value and its place.
#[derive(Clone)]
pub(crate) struct Entry<'n> {
    pub(crate) value: &'n Value,
    pub(crate) place: Place,
}

/// A mapping and its place.
pub(crate) struct Keys<'n> {
    entries: &'n [(Located<String>, Node)],
    pub(crate) place: Place,
}

impl<'n> Entry<'n> {
    /// The whole document.
    pub(crate) fn root(file: &str, node: &'n Node) -> Self {
        let place = Place {
            file: Arc::from(file),
            path: String::new(),
            line: node.line,
            column: node.column,
        };
        Self {
            value: &node.value,
            place,
        }
    }

    fn below(place: &Place, node: &'n Node, step: &str) -> Self {
        let dotted = if place.path.is_empty() || step.starts_with('[') {
            format!("{}{step}", place.path)
        } else {
            format!("{}.{step}", place.path)
        };
        let place = Place {
            file: Arc::clone(&place.file),
            path: dotted,
            line: node.line,
            column: node.column,
        };
        Self {
            value: &node.value,
            place,
        }
    }

    /// A fault: something else stands here.
    pub(crate) fn expected(&self, what: &str, faults: &mut Faults) {
        let cause = format!("expected {what}, found {}", self.value.kind(KEYS));
        let plain = matches!(
            self.value,
            Value::Boolean(_) | Value::Whole(_) | Value::Fraction
        );
        let remedy = if plain && what.contains("text") {
            "put it in quotes".to_owned()
        } else {
            format!("write {what} here")
        };
        faults.push(self.place.error(cause, remedy));
    }

    pub(crate) fn keys(&self, faults: &mut Faults) -> Option<Keys<'n>> {
        let Value::Map(entries) = self.value else {
            self.expected(KEYS, faults);
            return None;
        };
        Some(Keys {
            entries,
            place: self.place.clone(),
        })
    }

    pub(crate) fn list(&self, faults: &mut Faults) -> Option<Vec<Entry<'n>>> {
        let Value::List(items) = self.value else {
            self.expected("a list", faults);
            return None;
        };
        let items = items.iter().enumerate();
        let below = |(index, item)| Self::below(&self.place, item, &format!("[{index}]"));
        Some(items.map(below).collect())
    }

    pub(crate) fn text(&self, faults: &mut Faults) -> Option<&'n str> {
        if let Value::Text(text) = self.value {
            return Some(text);
        }
        self.expected("a text", faults);
        None
    }

    /// Reads the text into a type whose own error says what is wrong with it.
    pub(crate) fn parse<T, E: std::fmt::Display>(
        &self,
        parse: impl FnOnce(&str) -> Result<T, E>,
        remedy: &str,
        faults: &mut Faults,
    ) -> Option<Located<T>> {
        let text = self.text(faults)?;
        match parse(text) {
            Ok(value) => Some(self.locate(value)),
            Err(error) => {
                faults.push(self.place.error(error.to_string(), remedy));
                None
            }
        }
    }

    /// A whole number within bounds.
    pub(crate) fn whole(&self, low: u32, high: u32, faults: &mut Faults) -> Option<u32> {
        let cause = if let Value::Whole(number) = self.value {
            let found = u32::try_from(*number).ok();
            if let Some(found) = found.filter(|found| (low..=high).contains(found)) {
                return Some(found);
            }
            format!("`{number}` is out of range")
        } else {
            format!("expected a whole number, found {}", self.value.kind(KEYS))
        };
        let remedy = format!("write a whole number from {low} to {high}");
        faults.push(self.place.error(cause, remedy));
        None
    }

    pub(crate) fn locate<T>(&self, value: T) -> Located<T> {
        Located {
            value,
            line: self.place.line,
            column: self.place.column,
        }
    }
}

impl<'n> Keys<'n> {
    /// The value of a key; `null` is the same as leaving the key out, as it is for Fides.
    pub(crate) fn get(&self, key: &str) -> Option<Entry<'n>> {
        self.get_or_null(key)
            .filter(|entry| *entry.value != Value::Null)
    }

    /// The value of a key, which may be `null`.
    pub(crate) fn get_or_null(&self, key: &str) -> Option<Entry<'n>> {
        self.entries
            .iter()
            .find(|(name, _)| name.value == key)
            .map(|(_, node)| Entry::below(&self.place, node, key))
    }

    /// The value of a key that must be there.
    pub(crate) fn require(&self, key: &str, faults: &mut Faults) -> Option<Entry<'n>> {
        let found = self.get(key);
        if found.is_none() {
            let cause = format!("the key `{key}` is missing");
            faults.push(self.place.error(cause, format!("add `{key}:`")));
        }
        found
    }

    /// The only key with its value; a fault when there are none or several.
    pub(crate) fn only(&self, known: &str, faults: &mut Faults) -> Option<(&'n str, Entry<'n>)> {
        if let [(name, node)] = self.entries {
            return Some((&name.value, Entry::below(&self.place, node, &name.value)));
        }
        let cause = format!("expected one key, found {}", self.entries.len());
        faults.push(self.place.error(cause, format!("write one of {known}")));
        None
    }

    /// A fault for each key that nobody knows: a misspelt label must not pass for none.
    pub(crate) fn deny_unknown(&self, known: &[&str], faults: &mut Faults) {
        for (name, _) in self.entries {
            if !known.contains(&name.value.as_str()) {
                let cause = format!(
                    "`{}` is not a key that is known here",
                    name.value.escape_debug()
                );
                let remedy = match document::nearest::dotted(&name.value, known.iter().copied()) {
                    Some(word) => format!("write `{word}`"),
                    None => format!("write one of {}", known.join(", ")),
                };
                let place = Place {
                    line: name.line,
                    column: name.column,
                    ..self.place.clone()
                };
                faults.push(place.error(cause, remedy));
            }
        }
    }
}
