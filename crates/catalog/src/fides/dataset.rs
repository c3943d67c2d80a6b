//! A manifest file: the list under `dataset:` and what each dataset says of itself.

use document::tree::Value;
use model::Diagnostic;

use super::collection::{self, Collection};
use super::{words, yaml};
use crate::Options;
use crate::block::ManifestBlock;
use crate::entry::{Entry, Faults, Keys};

/// One dataset of a manifest file, which holds collections.
pub(crate) struct Manifest {
    pub(crate) block: ManifestBlock,
    pub(crate) collections: Vec<Collection>,
    /// Nothing of it was left out because of a fault.
    pub(crate) is_whole: bool,
}

/// Reads a manifest file, telling all that is wrong with it; whether nothing had to be left out
/// beside.
pub(crate) fn manifests(
    file: &str,
    text: &str,
    options: &Options,
    faults: &mut Faults,
) -> (Vec<Manifest>, bool) {
    let root = match yaml::read(file, text) {
        Ok(root) => root,
        Err(fault) => {
            faults.push(*fault);
            return (Vec::new(), false);
        }
    };
    let root = Entry::root(file, &root);
    let Some(list) = dataset_list(&root, faults) else {
        return (Vec::new(), false);
    };
    let manifests: Vec<Manifest> = list
        .iter()
        .filter_map(|entry| manifest(entry, options, faults))
        .collect();
    let is_whole = manifests.len() == list.len() && manifests.iter().all(|one| one.is_whole);
    (manifests, is_whole)
}

fn dataset_list<'n>(root: &Entry<'n>, faults: &mut Faults) -> Option<Vec<Entry<'n>>> {
    const REMEDY: &str = "begin the file with `dataset:` and a list of datasets below it";
    if *root.value == Value::Null {
        faults.push(Diagnostic::error(
            &root.place.file,
            "the file is empty",
            REMEDY,
        ));
        return None;
    }
    let keys = root.keys(faults)?;
    let Some(list) = keys.get_or_null("dataset") else {
        faults.push(root.place.error("the key `dataset` is missing", REMEDY));
        return None;
    };
    let list = list.list(faults)?;
    if list.is_empty() {
        faults.push(root.place.error("the list of datasets is empty", REMEDY));
    }
    Some(list)
}

fn manifest(entry: &Entry<'_>, options: &Options, faults: &mut Faults) -> Option<Manifest> {
    let keys = entry.keys(faults)?;
    let key = keys.require("fides_key", faults);
    let key = key.and_then(|key| words::fides_key(&key, faults));
    // The one key that may be left out but not be `null`.
    if let Some(organization) = keys.get_or_null("organization_fides_key") {
        words::fides_key(&organization, faults);
    }
    let mut texts = words::items(&keys, "tags", faults);
    texts.extend(keys.get("name"));
    texts.extend(keys.get("description"));
    for entry in texts {
        // Fides turns numbers into texts here, as nowhere below.
        if !matches!(entry.value, Value::Whole(_) | Value::Fraction) {
            entry.text(faults);
        }
    }
    if let Some(meta) = keys.get("meta") {
        meta.keys(faults);
    }
    words::check_uses_and_subjects(&keys, faults);
    check_meta(&keys, faults);
    let categories = words::categories(&keys, options, faults);
    let block = ManifestBlock::read(&keys, faults);
    let list = keys
        .require("collections", faults)
        .and_then(|list| list.list(faults));
    let written = list.as_ref().map(Vec::len);
    let list = list.unwrap_or_default();
    // Without its key the collections cannot be named, but their faults are still told.
    let named = key.as_deref().unwrap_or("unnamed");
    let collections: Vec<Collection> = list
        .iter()
        .filter_map(|entry| collection::read(entry, named, &categories, options, faults))
        .collect();
    let names = collections
        .iter()
        .map(|one| (one.id.collection(), &one.place));
    words::check_unique(names, "collection", faults);
    let is_whole = written == Some(collections.len()) && collections.iter().all(|one| one.is_whole);
    key.is_some().then_some(Manifest {
        block,
        collections,
        is_whole,
    })
}

fn check_meta(keys: &Keys<'_>, faults: &mut Faults) {
    let Some(meta) = words::meta(keys, faults) else {
        return;
    };
    words::check_text(&meta, "resource_id", faults);
    words::check_fides_keys(&meta, "after", faults);
    if let Some(namespace) = meta.get("namespace") {
        namespace.keys(faults);
    }
    words::check_redact(&meta, faults);
}
