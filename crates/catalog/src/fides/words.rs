//! Single values as Fides takes them: keys, truths, lengths, data types, categories.

use std::collections::BTreeSet;

use document::tree::Value;
use model::DataCategory;

use super::yaml;
use crate::Options;
use crate::entry::{Entry, Faults, Keys};
use crate::taxonomy;

const DATA_TYPES: &[&str] = &[
    "string",
    "integer",
    "float",
    "boolean",
    "object_id",
    "object",
];

pub(super) fn is_fides_key(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_.<>-".contains(c))
}

fn check_fides_key(entry: &Entry<'_>, text: &str, faults: &mut Faults) -> bool {
    let good = is_fides_key(text);
    if !good {
        let cause = format!("`{}` is not a Fides key", text.escape_debug());
        faults.push(
            entry
                .place
                .error(cause, "use letters, digits and `_ . - < >` only"),
        );
    }
    good
}

/// A key; Fides reads a number as its digits.
pub(super) fn fides_key(entry: &Entry<'_>, faults: &mut Faults) -> Option<String> {
    let text = if let Value::Whole(number) = entry.value {
        number.to_string()
    } else {
        entry.text(faults)?.to_owned()
    };
    check_fides_key(entry, &text, faults).then_some(text)
}

/// A list of keys that nothing here looks at further (`data_uses`, `data_subjects`).
pub(super) fn check_fides_keys(keys: &Keys<'_>, name: &str, faults: &mut Faults) {
    for entry in items(keys, name, faults) {
        if let Some(text) = entry.text(faults) {
            check_fides_key(&entry, text, faults);
        }
    }
}

/// The items of a list that may be absent.
pub(super) fn items<'n>(keys: &Keys<'n>, name: &str, faults: &mut Faults) -> Vec<Entry<'n>> {
    keys.get(name)
        .and_then(|entry| entry.list(faults))
        .unwrap_or_default()
}

/// A text that may be absent and that nothing here looks at further.
pub(super) fn check_text(keys: &Keys<'_>, name: &str, faults: &mut Faults) {
    if let Some(entry) = keys.get(name) {
        entry.text(faults);
    }
}

/// `data_uses`, `data_subjects` and the older `data_purposes`, which all levels carry.
pub(super) fn check_uses_and_subjects(keys: &Keys<'_>, faults: &mut Faults) {
    for name in ["data_uses", "data_purposes", "data_subjects"] {
        check_fides_keys(keys, name, faults);
    }
}

/// The data categories of a field, collection or dataset; each must be known.
pub(super) fn categories(
    keys: &Keys<'_>,
    options: &Options,
    faults: &mut Faults,
) -> BTreeSet<DataCategory> {
    let mut found = BTreeSet::new();
    for entry in items(keys, "data_categories", faults) {
        let Some(text) = entry.text(faults) else {
            continue;
        };
        if !check_fides_key(&entry, text, faults) {
            continue;
        }
        match taxonomy::look_up(text, &options.custom_categories) {
            Ok(category) => {
                found.insert(category);
            }
            Err(near) => {
                let cause = format!("`{text}` is not a data category of the Fideslang taxonomy");
                let remedy = match near {
                    Some(near) => format!("write `{near}`, or list your own category as custom"),
                    None => "take one from the taxonomy, or list your own as custom".to_owned(),
                };
                faults.push(entry.place.error(cause, remedy));
            }
        }
    }
    found
}

/// A truth value in the spellings that Fides takes.
pub(super) fn truth(keys: &Keys<'_>, name: &str, faults: &mut Faults) -> Option<bool> {
    let entry = keys.get(name)?;
    let found = match entry.value {
        Value::Boolean(value) => Some(*value),
        Value::Whole(0) => Some(false),
        Value::Whole(1) => Some(true),
        Value::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
            _ => None,
        },
        Value::Whole(_) | Value::Null | Value::Fraction | Value::List(_) | Value::Map(_) => None,
    };
    if found.is_none() {
        entry.expected("true or false", faults);
    }
    found
}

/// A length above zero; digits in quotes count as a number.
pub(super) fn check_length(keys: &Keys<'_>, faults: &mut Faults) {
    let Some(entry) = keys.get("length") else {
        return;
    };
    let number = match entry.value {
        Value::Whole(number) => Some(*number),
        Value::Text(text) => text.trim().parse().ok(),
        Value::Null | Value::Boolean(_) | Value::Fraction | Value::List(_) | Value::Map(_) => None,
    };
    match number {
        Some(number) if number > 0 => {}
        Some(number) => {
            let cause = format!("the length `{number}` is not above zero");
            faults.push(
                entry
                    .place
                    .error(cause, "write the longest value's length, or leave it out"),
            );
        }
        None => entry.expected("a whole number", faults),
    }
}

/// One of Fides' data types, `[]` after it for a list of them.
pub(super) fn data_type(keys: &Keys<'_>, faults: &mut Faults) -> Option<String> {
    let entry = keys.get("data_type")?;
    let text = entry.text(faults)?;
    if text.is_empty() {
        return None;
    }
    let base = base_type(text);
    if DATA_TYPES.contains(&base) {
        return Some(text.to_owned());
    }
    let cause = format!("`{}` is not a data type of Fides", text.escape_debug());
    let known = DATA_TYPES.join(", ");
    let remedy = format!(
        "write one of {known}, with `[]` for a list; an SQL type goes into `cordon: {{ type: .. }}`"
    );
    faults.push(entry.place.error(cause, remedy));
    None
}

/// `string[]` without its brackets.
pub(super) fn base_type(data_type: &str) -> &str {
    data_type
        .split_once("[]")
        .map_or(data_type, |(base, _)| base)
}

/// `redact` takes one word only.
pub(super) fn check_redact(keys: &Keys<'_>, faults: &mut Faults) {
    if let Some(entry) = keys.get("redact")
        && !matches!(entry.value, Value::Text(text) if text == "name")
    {
        let cause = "`redact` takes the word `name` only";
        faults.push(
            entry
                .place
                .error(cause, "write `redact: name` or leave it out"),
        );
    }
}

/// `fides_meta`, or what it was called before. What says nothing counts as not written.
pub(super) fn meta<'n>(keys: &Keys<'n>, faults: &mut Faults) -> Option<Keys<'n>> {
    let current = keys
        .get("fides_meta")
        .filter(|entry| !yaml::says_nothing(entry.value));
    let meta = current.or_else(|| keys.get("fidesops_meta"))?;
    meta.keys(faults)
}

/// The names of siblings must differ; the second place names the first.
pub(super) fn check_unique<'s>(
    named: impl Iterator<Item = (&'s str, &'s crate::entry::Place)>,
    what: &str,
    faults: &mut Faults,
) {
    let mut seen = std::collections::BTreeMap::new();
    for (name, place) in named {
        match seen.get(name) {
            None => {
                seen.insert(name, place);
            }
            Some(first) => {
                let cause = format!(
                    "the {what} `{}` is written twice, first at line {}",
                    name.escape_debug(),
                    first.line
                );
                faults.push(place.error(cause, "keep one of the two"));
            }
        }
    }
}
