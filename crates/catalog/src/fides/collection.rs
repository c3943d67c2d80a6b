//! A collection: a table, a topic, the records of a service.

use std::collections::BTreeSet;

use document::tree::Value;
use model::{DataCategory, DatasetId};

use super::field::{self, Column};
use super::words;
use crate::Options;
use crate::block::CollectionBlock;
use crate::entry::{Entry, Faults, Keys, Place};

pub(crate) struct Collection {
    pub(crate) id: DatasetId,
    pub(crate) place: Place,
    /// Said of the dataset or the collection as a whole, so of every field.
    pub(crate) categories: BTreeSet<DataCategory>,
    pub(crate) block: CollectionBlock,
    pub(crate) columns: Vec<Column>,
    /// No field was left out because of a fault.
    pub(crate) is_whole: bool,
}

pub(super) fn read(
    entry: &Entry<'_>,
    manifest: &str,
    inherited: &BTreeSet<DataCategory>,
    options: &Options,
    faults: &mut Faults,
) -> Option<Collection> {
    let keys = entry.keys(faults)?;
    let name = keys.require("name", faults);
    let place = name
        .as_ref()
        .map_or(&entry.place, |name| &name.place)
        .clone();
    let id = name.and_then(|name| {
        let whole = |text: &str| {
            if text.is_empty() || text.trim() != text {
                let shown = text.escape_debug();
                return Err(format!("`{shown}` is empty or begins or ends with a space"));
            }
            DatasetId::new(&format!("{manifest}/{text}")).map_err(|bad| bad.to_string())
        };
        name.parse(
            whole,
            "write the name as the store has it, e.g. `public.users`",
            faults,
        )
    });
    words::check_text(&keys, "description", faults);
    words::check_uses_and_subjects(&keys, faults);
    check_meta(&keys, faults);
    let mut categories = words::categories(&keys, options, faults);
    categories.extend(inherited.iter().cloned());
    let block = CollectionBlock::read(&keys, faults);
    let list = keys
        .require("fields", faults)
        .and_then(|list| list.list(faults));
    let written = list.as_ref().map(Vec::len);
    let list = list.unwrap_or_default();
    let columns: Vec<Column> = list
        .iter()
        .filter_map(|entry| field::read(entry, options, faults))
        .collect();
    let names = columns
        .iter()
        .map(|column| (column.name.as_str(), &column.place));
    words::check_unique(names, "field", faults);
    Some(Collection {
        id: id?.value,
        place,
        categories,
        block,
        is_whole: written == Some(columns.len()),
        columns,
    })
}

fn check_meta(keys: &Keys<'_>, faults: &mut Faults) {
    let Some(meta) = words::meta(keys, faults) else {
        return;
    };
    for name in ["after", "erase_after"] {
        for entry in words::items(&meta, name, faults) {
            check_collection_key(&entry, faults);
        }
    }
    words::truth(&meta, "skip_processing", faults);
    check_override(&meta, faults);
    if let Some(partitioning) = meta.get("partitioning") {
        check_partitioning(&partitioning, faults);
    }
    words::check_redact(&meta, faults);
}

/// `dataset.collection`, both of them Fides keys without a dot of their own.
fn check_collection_key(entry: &Entry<'_>, faults: &mut Faults) {
    let Some(text) = entry.text(faults) else {
        return;
    };
    let mut parts = text.split('.');
    let pair = (parts.next(), parts.next(), parts.next());
    let good = matches!(pair, (Some(dataset), Some(collection), None)
        if words::is_fides_key(dataset) && words::is_fides_key(collection));
    if !good {
        let cause = format!("`{}` does not name a collection", text.escape_debug());
        faults.push(
            entry
                .place
                .error(cause, "write `dataset.collection`, with one dot"),
        );
    }
}

/// A whole collection can only be deleted.
fn check_override(meta: &Keys<'_>, faults: &mut Faults) {
    let Some(keys) = meta
        .get("masking_strategy_override")
        .and_then(|entry| entry.keys(faults))
    else {
        return;
    };
    if let Some(strategy) = keys.require("strategy", faults)
        && !matches!(strategy.value, Value::Text(text) if text == "delete")
    {
        let cause = "the only strategy for a collection is `delete`";
        faults.push(strategy.place.error(cause, "write `strategy: delete`"));
    }
}

fn check_partitioning(entry: &Entry<'_>, faults: &mut Faults) {
    if matches!(entry.value, Value::Map(_)) {
        return;
    }
    for item in entry.list(faults).unwrap_or_default() {
        item.keys(faults);
    }
}
