//! `people.yaml`: the people register.

pub(crate) mod fact;
pub(crate) mod organisation;
pub(crate) mod person;
mod service;

use std::collections::BTreeMap;

use document::tree;
use model::Register;

use crate::entry::{Entry, Keys};
use crate::layout::Layout;
use crate::notes::{Notes, Place};

/// The register with the places of its entries.
#[derive(Debug, Default)]
pub(crate) struct Placed {
    pub(crate) register: Register,
    /// By the id of a person, organisation or service.
    pub(crate) places: BTreeMap<String, Place>,
}

/// Reads the register; `None` where the text is not YAML with keys at all.
pub(crate) fn read(text: &str, notes: &mut Notes) -> Option<Placed> {
    let tree = match tree::read(Layout::PEOPLE, text) {
        Ok(tree) => tree,
        Err(fault) => {
            notes.fault(*fault);
            return None;
        }
    };
    let keys = Entry::root(Layout::PEOPLE, &tree).keys(notes)?;
    keys.deny_unknown(&["organisations", "people", "services"], notes);
    let mut placed = Placed::default();
    each(
        &keys,
        "organisations",
        &mut placed,
        notes,
        |name, keys, placed, notes| {
            if let Some(organisation) = organisation::read(name, keys, notes) {
                let id = organisation.id.clone();
                placed.register.organisations.insert(id, organisation);
            }
        },
    );
    each(
        &keys,
        "people",
        &mut placed,
        notes,
        |name, keys, placed, notes| {
            if let Some(person) = person::read(name, keys, notes) {
                placed.register.people.insert(person.id.clone(), person);
            }
        },
    );
    each(
        &keys,
        "services",
        &mut placed,
        notes,
        |name, keys, placed, notes| {
            if let Some(service) = service::read(name, keys, notes) {
                placed.register.services.insert(service.id.clone(), service);
            }
        },
    );
    if placed.register.people.is_empty() && notes.faults.is_empty() {
        let cause = "nobody is in the register, so nobody can ask or approve";
        let warning = Place::file(Layout::PEOPLE).error(cause, "enter people under `people:`");
        notes.warn(warning);
    }
    Some(placed)
}

/// One id with what is written under it. Ids are unique over the whole register, because messages,
/// records and sign-in know them by nothing else.
fn each(
    root: &Keys<'_>,
    section: &str,
    placed: &mut Placed,
    notes: &mut Notes,
    mut read: impl FnMut((&str, &Place), &Keys<'_>, &mut Placed, &mut Notes),
) {
    let Some(entries) = root.get(section).and_then(|entry| entry.keys(notes)) else {
        return;
    };
    for (key, entry) in entries.entries() {
        let place = entries.place_of(&key);
        if let Some(first) = placed.places.get(key.value) {
            let cause = format!(
                "`{}` is written twice, first at line {}",
                key.value.escape_debug(),
                first.line
            );
            notes.fault(place.error(cause, "give one of them another id"));
            continue;
        }
        placed.places.insert(key.value.to_owned(), place.clone());
        if let Some(keys) = entry.keys(notes) {
            read((key.value, &place), &keys, placed, notes);
        }
    }
}

/// Turns the key into an id.
pub(crate) fn id<T>(
    name: (&str, &Place),
    make: impl FnOnce(&str) -> Result<T, model::BadId>,
    notes: &mut Notes,
) -> Option<T> {
    match make(name.0) {
        Ok(id) => Some(id),
        Err(error) => {
            let remedy = "write an id of letters, digits, dots and dashes";
            notes.fault(name.1.error(error.to_string(), remedy));
            None
        }
    }
}

/// The name for people to read; the id where none is written.
fn name_or(keys: &Keys<'_>, id: &str, notes: &mut Notes) -> String {
    keys.get("name")
        .and_then(|entry| entry.title(notes))
        .unwrap_or_else(|| id.to_owned())
}
