//! YAML as Fides reads it, where that differs from the rest of the house.

use document::tree::{Node, Value};
use model::Diagnostic;

/// Reads a manifest's text into a tree. Depth, length and aliases are limited by `document`.
pub(super) fn read(file: &str, text: &str) -> Result<Node, Box<Diagnostic>> {
    let mut root = document::tree::read(file, text).map_err(|mut fault| {
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

/// Empty, zero or false, which Fides takes for "not written" where it looks for a block.
pub(super) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Boolean(false) | Value::Whole(0) => true,
        Value::Boolean(true) | Value::Whole(_) | Value::Fraction => false,
        Value::Text(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
    }
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
}
