//! A field and the fields nested in it.

use std::collections::BTreeSet;

use document::tree::Value;
use model::{DataCategory, FieldName};

use super::words;
use crate::Options;
use crate::block::FieldBlock;
use crate::entry::{Entry, Faults, Keys, Place};

/// Strategies of Fides that need a key of their own, which its server refuses as an override.
const KEYED_STRATEGIES: &[&str] = &["aes_encrypt", "hash", "hmac"];

pub(crate) struct Column {
    pub(crate) name: FieldName,
    pub(crate) place: Place,
    pub(crate) categories: BTreeSet<DataCategory>,
    pub(crate) data_type: Option<String>,
    pub(crate) primary_key: bool,
    pub(crate) references: Vec<Reference>,
    pub(crate) block: FieldBlock,
    /// The fields nested in it; only an `object` has any.
    pub(crate) parts: Vec<Column>,
}

/// A field of another collection as written: `collection.field` with dots in either.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) dataset: String,
    pub(crate) field: String,
    pub(crate) place: Place,
}

pub(super) fn read(entry: &Entry<'_>, options: &Options, faults: &mut Faults) -> Option<Column> {
    let keys = entry.keys(faults)?;
    let name = keys.require("name", faults);
    let place = name
        .as_ref()
        .map_or(&entry.place, |name| &name.place)
        .clone();
    let name = name.and_then(|name| {
        name.parse(
            FieldName::new,
            "write the column's name as the store has it",
            faults,
        )
    });
    words::check_text(&keys, "description", faults);
    words::check_uses_and_subjects(&keys, faults);
    let categories = words::categories(&keys, options, faults);
    let block = FieldBlock::read(&keys, faults);
    let list = words::items(&keys, "fields", faults);
    let meta = words::meta(&keys, faults);
    let meta = meta
        .map(|meta| Meta::read(&meta, list.is_empty(), faults))
        .unwrap_or_default();
    if !list.is_empty()
        && let Some(declared) = &meta.data_type
        && words::base_type(declared) != "object"
    {
        let cause = format!("a field of type `{declared}` has fields nested in it");
        let remedy = "make its `data_type` `object`, or `object[]` for a list of them";
        faults.push(place.error(cause, remedy));
    }
    let parts = list
        .iter()
        .filter_map(|part| read(part, options, faults))
        .collect();
    Some(Column {
        name: name?.value,
        place,
        categories,
        data_type: meta.data_type,
        primary_key: meta.primary_key,
        references: meta.references,
        block,
        parts,
    })
}

#[derive(Default)]
struct Meta {
    data_type: Option<String>,
    primary_key: bool,
    references: Vec<Reference>,
}

impl Meta {
    fn read(meta: &Keys<'_>, is_leaf: bool, faults: &mut Faults) -> Self {
        for name in ["identity", "custom_request_field"] {
            words::check_text(meta, name, faults);
        }
        words::truth(meta, "read_only", faults);
        words::check_length(meta, faults);
        words::check_redact(meta, faults);
        check_override(meta, is_leaf, faults);
        let data_type = words::data_type(meta, faults);
        let is_array = data_type
            .as_deref()
            .is_some_and(|text| text.ends_with("[]"));
        let all = words::truth(meta, "return_all_elements", faults);
        if let (Some(_), false, Some(entry)) = (all, is_array, meta.get("return_all_elements")) {
            let cause = "`return_all_elements` stands on a field that is no array";
            let remedy = "remove it, or write the `data_type` with `[]`";
            faults.push(entry.place.error(cause, remedy));
        }
        let references = words::items(meta, "references", faults);
        Self {
            data_type,
            primary_key: words::truth(meta, "primary_key", faults).unwrap_or_default(),
            references: references
                .iter()
                .filter_map(|entry| reference(entry, faults))
                .collect(),
        }
    }
}

fn reference(entry: &Entry<'_>, faults: &mut Faults) -> Option<Reference> {
    let keys = entry.keys(faults)?;
    let dataset = keys.require("dataset", faults)?;
    let dataset = words::fides_key(&dataset, faults);
    let field = keys.require("field", faults);
    let place = field
        .as_ref()
        .map_or(&entry.place, |field| &field.place)
        .clone();
    let field = field.and_then(|field| field.text(faults));
    if let Some(direction) = keys.get("direction")
        && !matches!(direction.value, Value::Text(text) if text == "from" || text == "to")
    {
        let cause = "the direction of a reference is `from` or `to`";
        faults.push(
            direction
                .place
                .error(cause, "write `from` or `to`, or leave it out"),
        );
    }
    Some(Reference {
        dataset: dataset?,
        field: field?.to_owned(),
        place,
    })
}

fn check_override(meta: &Keys<'_>, is_leaf: bool, faults: &mut Faults) {
    let Some(keys) = meta
        .get("masking_strategy_override")
        .and_then(|entry| entry.keys(faults))
    else {
        return;
    };
    if let Some(configuration) = keys.get("configuration") {
        configuration.keys(faults);
    }
    let Some(strategy) = keys.require("strategy", faults) else {
        return;
    };
    if let Some(text) = strategy.text(faults)
        && is_leaf
        && KEYED_STRATEGIES.contains(&text)
    {
        let cause = format!(
            "Fides takes no strategy that needs a secret, such as `{text}`, as an override"
        );
        let remedy = "use `random_string_rewrite`, `string_rewrite` or `null_rewrite`, or remove the override";
        faults.push(strategy.place.error(cause, remedy));
    }
}
