//! A value of a file together with its place, and the questions a reader asks of it.

use std::sync::Arc;

use document::Located;
use document::nearest;
use document::tree::{Node, Value};

use crate::notes::{Notes, Place};

/// LIMIT: names and titles for people to read.
const TITLE_LENGTH_MAX: usize = 500;

/// What a mapping is called: TOML has no `key: value`.
const KEYS: &str = "keys with values";

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
            line: node.line,
            column: node.column,
            ..Place::file(file)
        };
        Self {
            value: &node.value,
            place,
        }
    }

    fn below(place: &Place, node: &'n Node, step: &str) -> Self {
        let path = if place.path.is_empty() || step.starts_with('[') {
            format!("{}{step}", place.path)
        } else {
            format!("{}.{step}", place.path)
        };
        let place = Place {
            file: Arc::clone(&place.file),
            path,
            line: node.line,
            column: node.column,
        };
        Self {
            value: &node.value,
            place,
        }
    }

    /// A fault: something else stands here.
    pub(crate) fn expected(&self, what: &str, notes: &mut Notes) {
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
        notes.fault(self.place.error(cause, remedy));
    }

    pub(crate) fn keys(&self, notes: &mut Notes) -> Option<Keys<'n>> {
        let Value::Map(entries) = self.value else {
            self.expected(KEYS, notes);
            return None;
        };
        Some(Keys {
            entries,
            place: self.place.clone(),
        })
    }

    pub(crate) fn list(&self, notes: &mut Notes) -> Option<Vec<Entry<'n>>> {
        let Value::List(items) = self.value else {
            self.expected("a list", notes);
            return None;
        };
        let below = |(index, item)| Self::below(&self.place, item, &format!("[{index}]"));
        Some(items.iter().enumerate().map(below).collect())
    }

    /// Every item that can be read; `None` where one cannot, so that a list is never shorter than
    /// what was written.
    pub(crate) fn all<T>(
        &self,
        notes: &mut Notes,
        mut read: impl FnMut(&Entry<'n>, &mut Notes) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.list(notes)?;
        let found: Vec<Option<T>> = items.iter().map(|item| read(item, notes)).collect();
        found.into_iter().collect()
    }

    pub(crate) fn text(&self, notes: &mut Notes) -> Option<&'n str> {
        let Value::Text(text) = self.value else {
            self.expected("a text", notes);
            return None;
        };
        Some(text)
    }

    /// A text for people to read.
    pub(crate) fn title(&self, notes: &mut Notes) -> Option<String> {
        let text = self.text(notes)?.trim();
        if text.is_empty() || text.len() > TITLE_LENGTH_MAX || text.chars().any(char::is_control) {
            let cause = "the text is empty, too long or holds control characters";
            notes.fault(self.place.error(cause, "write a short text on one line"));
            return None;
        }
        Some(text.to_owned())
    }

    /// Only a plain `true` or `false`.
    pub(crate) fn truth(&self, notes: &mut Notes) -> Option<bool> {
        let Value::Boolean(value) = self.value else {
            self.expected("true or false", notes);
            return None;
        };
        Some(*value)
    }

    /// Reads the text into a type whose own error says what is wrong with it.
    pub(crate) fn parse<T, E: std::fmt::Display>(
        &self,
        parse: impl FnOnce(&str) -> Result<T, E>,
        remedy: &str,
        notes: &mut Notes,
    ) -> Option<T> {
        let text = self.text(notes)?;
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                notes.fault(self.place.error(error.to_string(), remedy));
                None
            }
        }
    }

    /// One of a closed list of words.
    pub(crate) fn word<T, E: std::fmt::Display>(
        &self,
        parse: impl FnOnce(&str) -> Result<T, E>,
        known: &[&str],
        notes: &mut Notes,
    ) -> Option<T> {
        let text = if let Value::Text(text) = self.value {
            text.as_str()
        } else {
            ""
        };
        let listed = format!("write one of {}", known.join(", "));
        let remedy = nearest::or_else(text, known.iter().copied(), listed);
        self.parse(parse, &remedy, notes)
    }
}

impl<'n> Keys<'n> {
    /// All keys with their values.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Located<&'n str>, Entry<'n>)> + '_ {
        self.entries.iter().map(|(name, node)| {
            let key = Located {
                value: name.value.as_str(),
                line: name.line,
                column: name.column,
            };
            (key, Entry::below(&self.place, node, &name.value))
        })
    }

    /// The place of a key.
    pub(crate) fn place_of(&self, key: &Located<&str>) -> Place {
        let entry = Entry::below(&self.place, &Located::nowhere(Value::Null), key.value).place;
        Place {
            line: key.line,
            column: key.column,
            ..entry
        }
    }

    /// The value of a key; `null` is the same as leaving the key out.
    pub(crate) fn get(&self, key: &str) -> Option<Entry<'n>> {
        self.entries
            .iter()
            .find(|(name, _)| name.value == key)
            .map(|(_, node)| Entry::below(&self.place, node, key))
            .filter(|entry| *entry.value != Value::Null)
    }

    /// The value of a key that must be there.
    pub(crate) fn require(&self, key: &str, notes: &mut Notes) -> Option<Entry<'n>> {
        let found = self.get(key);
        if found.is_none() {
            let cause = format!("the key `{key}` is missing");
            notes.fault(self.place.error(cause, format!("add `{key}`")));
        }
        found
    }

    pub(crate) fn holds(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name.value == key)
    }

    /// A fault for each key that nobody knows: a misspelt key must not pass for none.
    pub(crate) fn deny_unknown(&self, known: &[&str], notes: &mut Notes) {
        for (name, _) in self.entries {
            if !known.contains(&name.value.as_str()) {
                let cause = format!(
                    "`{}` is not a key that is known here",
                    name.value.escape_debug()
                );
                let listed = match known {
                    [only] => format!("write `{only}`"),
                    _ => format!("write one of {}", known.join(", ")),
                };
                let remedy = nearest::or_else(&name.value, known.iter().copied(), listed);
                let place = Place {
                    line: name.line,
                    column: name.column,
                    ..self.place.clone()
                };
                notes.fault(place.error(cause, remedy));
            }
        }
    }
}
