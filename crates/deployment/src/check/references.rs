//! Names that one file uses and another must define.

use std::collections::{BTreeMap, BTreeSet};

use document::nearest;
use model::{Dataset, DatasetId, FlowId, RegimeId, Register};
use policy::{Ladder, Regime};

use crate::notes::{Notes, Reference, Target};

/// What is defined. `None` where the file that defines it could not be read: then its names are not
/// looked up, because each would look like a fault of its own.
pub(crate) struct Known<'a> {
    pub(crate) register: Option<&'a Register>,
    pub(crate) datasets: Option<&'a BTreeMap<DatasetId, Dataset>>,
    pub(crate) purposes: Option<&'a BTreeSet<String>>,
    pub(crate) ladder: Option<&'a Ladder>,
    pub(crate) regimes: Option<&'a [Regime]>,
}

/// Looks every name up.
pub(crate) fn references(known: &Known<'_>, notes: &mut Notes) {
    for reference in std::mem::take(&mut notes.references) {
        one(known, &reference, notes);
    }
}

fn one(known: &Known<'_>, reference: &Reference, notes: &mut Notes) {
    match &reference.to {
        Target::Person(id) => {
            let names = known.register.map(|register| register.people.keys());
            let names = names.map(|names| names.map(|id| id.as_str()).collect());
            look_up(
                reference,
                "person",
                id.as_str(),
                names,
                "people.yaml",
                notes,
            );
        }
        Target::Service(id) => {
            let names = known.register.map(|register| register.services.keys());
            let names = names.map(|names| names.map(|id| id.as_str()).collect());
            let file = "people.yaml";
            look_up(reference, "service", id.as_str(), names, file, notes);
        }
        Target::Organisation(id) => {
            let names = known.register.map(|register| register.organisations.keys());
            let names = names.map(|names| names.map(|id| id.as_str()).collect());
            look_up(
                reference,
                "organisation",
                id.as_str(),
                names,
                "people.yaml",
                notes,
            );
        }
        Target::Dataset(id) => {
            let names = known.datasets.map(BTreeMap::keys);
            let names = names.map(|names| names.map(DatasetId::as_str).collect());
            look_up(
                reference,
                "dataset",
                id.as_str(),
                names,
                "the catalogue",
                notes,
            );
        }
        Target::Field(dataset, field) => {
            // An unknown dataset is told once, not once a field.
            let dataset = known.datasets.and_then(|datasets| datasets.get(dataset));
            let names = dataset.map(|dataset| dataset.fields.iter());
            let names = names.map(|fields| fields.map(|field| field.name.as_str()).collect());
            let kind = "field of that dataset";
            look_up(
                reference,
                kind,
                field.as_str(),
                names,
                "the catalogue",
                notes,
            );
        }
        Target::Purpose(id) => {
            let names = known.purposes.map(|names| names.iter());
            let names = names.map(|names| names.map(String::as_str).collect());
            look_up(
                reference,
                "purpose",
                id.as_str(),
                names,
                "cordon.toml",
                notes,
            );
        }
        Target::Flow(id) => {
            let names = known.ladder.map(|ladder| ladder.flows.keys());
            let names = names.map(|names| names.map(FlowId::as_str).collect());
            look_up(reference, "flow", id.as_str(), names, "the ladder", notes);
        }
        Target::Regime(id) => {
            let names = known.regimes.map(|regimes| regimes.iter());
            let names = names.map(|names| names.map(|regime| regime.id.as_str()).collect());
            let file = "`regimes` in cordon.toml";
            look_up(
                reference,
                "regime in force",
                id.as_str(),
                names,
                file,
                notes,
            );
        }
        Target::DesignationList(id) => designation_list(known, reference, id.as_str(), notes),
    }
}

fn look_up(
    reference: &Reference,
    kind: &str,
    id: &str,
    known: Option<Vec<&str>>,
    file: &str,
    notes: &mut Notes,
) {
    let Some(known) = known.filter(|known| !known.contains(&id)) else {
        return;
    };
    let cause = format!("there is no {kind} `{}`", id.escape_debug());
    let remedy = nearest::or_else(id, known, format!("add it to {file}, or correct the name"));
    notes.fault(reference.place.error(cause, remedy));
}

/// A list that no regime reads may be kept for other reasons, but is more often a slip.
fn designation_list(known: &Known<'_>, reference: &Reference, id: &str, notes: &mut Notes) {
    let Some(regimes) = known.regimes else {
        return;
    };
    let lists: Vec<&str> = regimes
        .iter()
        .filter_map(|regime| regime.covered.designation_list.as_ref())
        .map(|list| list.as_str())
        .collect();
    if !lists.contains(&id) {
        let cause = format!("no regime in force reads the designation list `{id}`");
        let remedy = nearest::or_else(id, lists, "leave it if another reader needs it");
        notes.warn(reference.place.error(cause, remedy));
    }
}

/// The ids of regimes, for messages.
pub(super) fn ids(regimes: &[Regime]) -> String {
    let ids: Vec<&RegimeId> = regimes.iter().map(|regime| &regime.id).collect();
    ids.iter()
        .map(|id| id.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}
