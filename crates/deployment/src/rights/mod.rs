//! `grants.yaml` and `assessments.yaml`: rights as the evaluation knows them, signed by nobody.

mod approval;
mod assessment;
mod grant;

use std::collections::BTreeSet;

use document::tree;
use model::{Assessment, DatasetId, Grant, PurposeId, Timestamp, TransactionType};

use crate::entry::{Entry, Keys};
use crate::layout::Layout;
use crate::notes::{Notes, Place, Target};
use crate::register::fact::moment;

/// A grant and the place of its end, for what is wrong with its length.
#[derive(Debug)]
pub(crate) struct PlacedGrant {
    pub(crate) grant: Grant,
    pub(crate) ends: Place,
}

/// Reads the grants that can be read.
pub(crate) fn grants(text: &str, notes: &mut Notes) -> Vec<PlacedGrant> {
    each(Layout::GRANTS, "grants", text, notes, grant::read)
}

/// Reads the assessments that can be read.
pub(crate) fn assessments(text: &str, notes: &mut Notes) -> Vec<Assessment> {
    each(
        Layout::ASSESSMENTS,
        "assessments",
        text,
        notes,
        assessment::read,
    )
}

fn each<T>(
    file: &str,
    section: &str,
    text: &str,
    notes: &mut Notes,
    read: impl Fn((&str, &Place), &Keys<'_>, &mut Notes) -> Option<T>,
) -> Vec<T> {
    let tree = match tree::read(file, text) {
        Ok(tree) => tree,
        Err(fault) => {
            notes.fault(*fault);
            return Vec::new();
        }
    };
    let Some(root) = Entry::root(file, &tree).keys(notes) else {
        return Vec::new();
    };
    root.deny_unknown(&[section], notes);
    let Some(entries) = root.get(section).and_then(|entry| entry.keys(notes)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (key, entry) in entries.entries() {
        let place = entries.place_of(&key);
        if let Some(keys) = entry.keys(notes) {
            found.extend(read((key.value, &place), &keys, notes));
        }
    }
    found
}

/// From `start` up to, but not including, `expires`, with the place of the end.
fn period(keys: &Keys<'_>, notes: &mut Notes) -> Option<(Timestamp, Timestamp, Place)> {
    let start = keys
        .require("start", notes)
        .and_then(|entry| moment(&entry, notes));
    let end = keys
        .require("expires", notes)
        .and_then(|entry| Some((moment(&entry, notes)?, entry.place)));
    let (start, (expires, place)) = (start?, end?);
    if expires <= start {
        let cause = format!("it would expire at {expires}, before it starts at {start}");
        notes.fault(place.error(cause, "write a later `expires`"));
        return None;
    }
    Some((start, expires, place))
}

fn dataset(entry: &Entry<'_>, notes: &mut Notes) -> Option<DatasetId> {
    let remedy = "name a dataset of the catalogue, e.g. `app/public.users`";
    let id = entry.parse(DatasetId::new, remedy, notes)?;
    notes.refer(Target::Dataset(id.clone()), &entry.place);
    Some(id)
}

pub(crate) fn purpose(entry: &Entry<'_>, notes: &mut Notes) -> Option<PurposeId> {
    let id = entry.parse(PurposeId::new, "name a purpose of cordon.toml", notes)?;
    notes.refer(Target::Purpose(id.clone()), &entry.place);
    Some(id)
}

fn transaction(keys: &Keys<'_>, notes: &mut Notes) -> Option<TransactionType> {
    let known: Vec<&str> = TransactionType::ALL
        .iter()
        .map(|one| one.as_str())
        .collect();
    let entry = keys.require("transaction", notes)?;
    entry.word(TransactionType::parse, &known, notes)
}

/// A list that must name something; a word written twice counts once.
fn some_of<'n, T: Ord>(
    entry: &Entry<'n>,
    notes: &mut Notes,
    read: impl FnMut(&Entry<'n>, &mut Notes) -> Option<T>,
) -> Option<BTreeSet<T>> {
    let items = entry.all(notes, read)?;
    if items.is_empty() {
        notes.fault(entry.place.error("the list is empty", "name at least one"));
        return None;
    }
    Some(items.into_iter().collect())
}
