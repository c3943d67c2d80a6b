//! Manifests, held against the stores, upstreams and people that they name.

use std::collections::{BTreeMap, BTreeSet};

use document::nearest;
use model::{Dataset, DatasetId, Diagnostic, Register};

use crate::layout::Layout;
use crate::notes::Notes;
use crate::settings::Settings;

/// Looks up what manifests name. Each unknown name is told once, at its first line.
pub(crate) fn datasets(
    datasets: &BTreeMap<DatasetId, Dataset>,
    files: &[(String, String)],
    settings: Option<&Settings>,
    register: Option<&Register>,
    notes: &mut Notes,
) {
    let mut told = BTreeSet::new();
    let mut unknown = |key: &'static str, name: &str, id: &DatasetId, cause, remedy| {
        if told.insert((key, name.to_owned())) {
            notes.fault(place(files, key, name, id, cause, remedy));
        }
    };
    for dataset in datasets.values() {
        let id = &dataset.id;
        if let (Some(store), Some(settings)) = (&dataset.store, settings)
            && !settings.written.stores.contains(store.as_str())
        {
            let known = settings.written.stores.iter().map(String::as_str);
            let add = format!(
                "add `[[store]]` with `id = \"{store}\"` and its country to {}",
                Layout::SETTINGS
            );
            let remedy = nearest::or_else(store.as_str(), known, add);
            let cause = format!("there is no store `{store}`");
            unknown("store", store.as_str(), id, cause, remedy);
        }
        if let (Some(upstream), Some(settings)) = (&dataset.upstream, settings)
            && !settings.written.upstreams.contains(upstream)
        {
            let known = settings.written.upstreams.iter().map(String::as_str);
            let shown = upstream.escape_debug();
            let add = format!(
                "add `[upstream.{shown}]` with its `url` to {}",
                Layout::SETTINGS
            );
            let remedy = nearest::or_else(upstream, known, add);
            let cause = format!("there is no upstream `{shown}`");
            unknown("upstream", upstream, id, cause, remedy);
        }
        if let (Some(owner), Some(register)) = (&dataset.owner, register)
            && !register.people.contains_key(owner)
        {
            let known = register.people.keys().map(|id| id.as_str());
            let remedy = nearest::or_else(owner.as_str(), known, "add the owner to people.yaml");
            let cause = format!("there is no person `{owner}`");
            unknown("owner", owner.as_str(), id, cause, remedy);
        }
    }
}

/// The first line that says it: the catalogue's types do not keep places.
fn place(
    files: &[(String, String)],
    key: &str,
    name: &str,
    id: &DatasetId,
    cause: String,
    remedy: String,
) -> Diagnostic {
    for (file, text) in files {
        let found = text.lines().zip(1_u64..).find(|(line, _)| {
            let after = line.split_once(key).map_or("", |(_, after)| after);
            after.trim_start().starts_with(':') && after.contains(name)
        });
        if let Some((_, number)) = found {
            return Diagnostic::error(file, cause, remedy).at(number, 0);
        }
    }
    let cause = format!("{cause}, which {id} names");
    Diagnostic::error(Layout::CATALOG, cause, remedy)
}
