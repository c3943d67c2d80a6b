//! The block of a field: its level, its mask, what the law says of it, its type in the store.

use std::collections::BTreeSet;

use document::tree::Value;
use model::{LegalCategory, Level, Mask};

use super::condition::{self, Condition};
use super::{mask, open};
use crate::entry::{Entry, Faults, Keys, Place};

/// LIMIT: no SQL type is longer.
const TYPE_LENGTH_MAX: usize = 200;

#[derive(Clone, Debug, Default)]
pub(crate) struct FieldBlock {
    pub(crate) level: Option<Level>,
    pub(crate) mask: Option<(Mask, Place)>,
    pub(crate) legal: BTreeSet<LegalCategory>,
    pub(crate) type_name: Option<String>,
    pub(crate) not_null_domain: bool,
    pub(crate) level_when: Option<FieldCondition>,
    /// The first key that only a whole column can have, for the message on a nested field.
    pub(crate) column_only: Option<(&'static str, Place)>,
}

/// A field's own word on when it is public.
#[derive(Clone, Debug)]
pub(crate) enum FieldCondition {
    /// Not even when the collection's condition holds.
    Never,
    When(Condition),
}

impl FieldBlock {
    pub(crate) fn read(keys: &Keys<'_>, faults: &mut Faults) -> Self {
        const COLUMN_ONLY: [&str; 4] = ["mask", "type", "not_null_domain", "level_when"];
        let known = [
            "level",
            "mask",
            "legal",
            "type",
            "not_null_domain",
            "level_when",
        ];
        let Some(block) = open(keys, &known, faults) else {
            return Self::default();
        };
        Self {
            level: block
                .get("level")
                .and_then(|entry| entry.parse(Level::parse, "write one of the levels", faults))
                .map(|found| found.value),
            mask: block.get_or_null("mask").and_then(|entry| {
                let place = entry.place.clone();
                mask::read(&entry, faults).map(|mask| (mask, place))
            }),
            legal: legal(&block, faults),
            type_name: block
                .get("type")
                .and_then(|entry| type_name(&entry, faults)),
            not_null_domain: block
                .get("not_null_domain")
                .is_some_and(|entry| truth(&entry, faults)),
            level_when: block
                .get("level_when")
                .and_then(|entry| field_condition(&entry, faults)),
            column_only: COLUMN_ONLY
                .into_iter()
                .find_map(|key| Some((key, block.get_or_null(key)?.place))),
        }
    }
}

fn legal(block: &Keys<'_>, faults: &mut Faults) -> BTreeSet<LegalCategory> {
    let list = block.get("legal").and_then(|entry| entry.list(faults));
    list.unwrap_or_default()
        .iter()
        .filter_map(|entry| {
            entry.parse(
                LegalCategory::parse,
                "write one of the legal categories",
                faults,
            )
        })
        .map(|found| found.value)
        .collect()
}

fn type_name(entry: &Entry<'_>, faults: &mut Faults) -> Option<String> {
    let text = entry.text(faults)?.trim();
    if text.is_empty() || text.len() > TYPE_LENGTH_MAX || text.chars().any(char::is_control) {
        let cause = format!("`{}` is not a type", text.escape_debug());
        faults.push(entry.place.error(
            cause,
            "write the type as the store names it, e.g. `varchar(40)`",
        ));
        return None;
    }
    Some(text.to_owned())
}

/// Only a plain `true` or `false`: a domain that refuses NULL is nothing to guess at.
fn truth(entry: &Entry<'_>, faults: &mut Faults) -> bool {
    if let Value::Boolean(value) = entry.value {
        return *value;
    }
    entry.expected("true or false", faults);
    false
}

fn field_condition(entry: &Entry<'_>, faults: &mut Faults) -> Option<FieldCondition> {
    let Value::Text(text) = entry.value else {
        return condition::read(entry, faults).map(FieldCondition::When);
    };
    if text == "never" {
        return Some(FieldCondition::Never);
    }
    let cause = format!(
        "`{}` does not say when the field is public",
        text.escape_debug()
    );
    let remedy = "write `{ public: \"condition\" }` or `never`";
    faults.push(entry.place.error(cause, remedy));
    None
}
