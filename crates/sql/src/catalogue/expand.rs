//! The macros of `data/catalogue/relations.txt`: text in, text out. Everything here is our own file;
//! nothing that a statement says comes by.

use std::collections::HashMap;

/// A named text with places for arguments.
#[derive(Clone, Debug)]
pub(super) struct Macro {
    arguments: Vec<&'static str>,
    text: &'static str,
}

/// What a person sees, in the order of its parameters.
const SEEN: [&str; 9] = [
    "$tables",
    "$whole",
    "$columns",
    "$types",
    "$functions",
    "$schemas",
    "$path",
    "$extensions",
    "$person",
];

/// `name(a, b) text`
pub(super) fn definition(line: &'static str) -> Option<(&'static str, Macro)> {
    let (head, text) = line.split_once(") ")?;
    let (name, arguments) = head.split_once('(')?;
    let arguments = arguments.split(',').map(str::trim);
    let arguments = arguments.filter(|argument| !argument.is_empty()).collect();
    Some((name, Macro { arguments, text }))
}

impl Macro {
    /// How many arguments it has.
    pub(super) fn arguments(&self) -> usize {
        self.arguments.len()
    }

    /// The text, with the arguments as the parameters from this number on.
    pub(super) fn with_parameters(&self, first: usize) -> String {
        let arguments: Vec<String> = (0..self.arguments.len())
            .map(|index| format!("${}", first + index))
            .collect();
        self.with(&arguments)
    }

    fn with(&self, arguments: &[String]) -> String {
        let mut text = self.text.to_owned();
        for (name, value) in self.arguments.iter().zip(arguments) {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }
}

/// Writes macros out until none is left.
pub(super) fn expand(text: &str, macros: &HashMap<&'static str, Macro>) -> String {
    let mut done = String::with_capacity(text.len() * 4);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        done.push_str(before);
        match call(after, macros) {
            Some((written, after)) => {
                done.push_str(&written);
                rest = after;
            }
            // An array constant.
            None => {
                done.push('{');
                rest = after;
            }
        }
    }
    done.push_str(rest);
    done
}

/// A call of a macro at the beginning of a text, written out, and what follows it.
fn call<'a>(text: &'a str, macros: &HashMap<&'static str, Macro>) -> Option<(String, &'a str)> {
    let (name, _) = text.split_once('(')?;
    let found = macros.get(name)?;
    let (inner, after) = balanced(text.get(name.len() + 1..)?)?;
    let arguments: Vec<String> = list(inner)
        .into_iter()
        .map(|argument| expand(argument.trim(), macros))
        .collect();
    Some((
        expand(&found.with(&arguments), macros),
        after.strip_prefix('}')?,
    ))
}

/// What stands before the closing parenthesis, and after it.
fn balanced(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (place, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some((text.get(..place)?, text.get(place + 1..)?)),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The parts between commas that stand in no parentheses or braces.
fn list(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let mut parts = Vec::new();
    let mut start = 0;
    for (place, c) in text.char_indices() {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.extend(text.get(start..place));
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

/// Our own names and parameters as the reader takes them.
pub(super) fn spelled(text: &str) -> String {
    let mut text = text.to_owned();
    for (index, name) in SEEN.iter().enumerate() {
        text = text.replace(name, &format!("${}", index + 1));
    }
    let mut done = String::with_capacity(text.len());
    let mut parts = text.split('~');
    done.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let name: String = part
            .chars()
            .take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
            .collect();
        done.push_str("\"cordon:");
        done.push_str(&name);
        done.push('"');
        done.push_str(part.get(name.len()..).unwrap_or_default());
    }
    done
}
