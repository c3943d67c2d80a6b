//! `level_when: { public: ".." }`, as collections and fields write it.

use model::Predicate;

use crate::condition;
use crate::entry::{Entry, Faults, Place};

/// A condition and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) predicate: Predicate,
    pub(crate) place: Place,
}

pub(super) fn read(entry: &Entry<'_>, faults: &mut Faults) -> Option<Condition> {
    let keys = entry.keys(faults)?;
    keys.deny_unknown(&["public"], faults);
    let text_entry = keys.require("public", faults)?;
    let text = text_entry.text(faults)?;
    match condition::parse(text) {
        Ok(predicate) => Some(Condition {
            predicate,
            place: text_entry.place,
        }),
        Err(bad) => {
            faults.push(text_entry.place.error(bad.to_string(), bad.remedy));
            None
        }
    }
}
