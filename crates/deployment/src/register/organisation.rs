//! An organisation: where it is organised and run, and who owns it.

use std::collections::BTreeSet;

use document::tree::Value;
use model::{
    Holding, ListId, Organisation, OrganisationId, Owner, Ownership, PersonId, Rest, Share,
};

use super::fact::{Defaults, fact};
use super::{id, name_or};
use crate::entry::{Entry, Keys};
use crate::notes::{Notes, Place, Target};
use crate::settings::country;

const KNOWN: [&str; 8] = [
    "name",
    "source",
    "expires",
    "branch_of",
    "organised_in",
    "principal_place",
    "ownership",
    "designations",
];

pub(super) fn read(
    name: (&str, &Place),
    keys: &Keys<'_>,
    notes: &mut Notes,
) -> Option<Organisation> {
    let id = id(name, OrganisationId::new, notes)?;
    keys.deny_unknown(&KNOWN, notes);
    let mut with = Defaults::read(keys, notes);
    let branch_of = keys
        .get("branch_of")
        .and_then(|entry| organisation(&entry, notes));
    if let (Some(_), Some(entry)) = (&branch_of, keys.get("ownership")) {
        let cause = "a branch is part of its parent and has no owners of its own";
        let remedy = "take `ownership` out, or `branch_of` if it is a subsidiary";
        notes.fault(entry.place.error(cause, remedy));
    }
    let organisation = Organisation {
        name: name_or(keys, id.as_str(), notes),
        branch_of,
        organised_in: fact(keys, "organised_in", &mut with, notes, country),
        principal_place: fact(keys, "principal_place", &mut with, notes, country),
        ownership: fact(keys, "ownership", &mut with, notes, ownership),
        designations: fact(keys, "designations", &mut with, notes, designations),
        id,
    };
    with.finish(name.1, notes);
    Some(organisation)
}

/// The id of an organisation, to be looked up when all are read.
pub(super) fn organisation(entry: &Entry<'_>, notes: &mut Notes) -> Option<OrganisationId> {
    let id = entry.parse(
        OrganisationId::new,
        "name an organisation of the register",
        notes,
    )?;
    notes.refer(Target::Organisation(id.clone()), &entry.place);
    Some(id)
}

/// The lists on which an authority has named somebody; `[]` says that somebody has looked.
pub(super) fn designations(entry: &Entry<'_>, notes: &mut Notes) -> Option<BTreeSet<ListId>> {
    let lists = entry.all(notes, |item, notes| {
        let list = item.parse(ListId::new, "name a list, e.g. `us-dsp`", notes)?;
        notes.refer(Target::DesignationList(list.clone()), &item.place);
        Some(list)
    })?;
    Some(lists.into_iter().collect())
}

fn ownership(entry: &Entry<'_>, notes: &mut Notes) -> Option<Ownership> {
    let keys = entry.keys(notes)?;
    keys.deny_unknown(&["holdings", "rest"], notes);
    let holdings = keys.get("holdings").map_or(Some(Vec::new()), |entry| {
        let holdings = entry.all(notes, holding)?;
        let mut total = Share::NONE;
        for holding in &holdings {
            if total.rest() < holding.share {
                let cause = format!("the shares add up to more than {}", Share::WHOLE);
                let remedy = "correct the shares; write direct holdings only";
                notes.fault(entry.place.error(cause, remedy));
                return None;
            }
            total = total.plus(holding.share);
        }
        Some(holdings)
    });
    let rest = keys.get("rest").map_or(Some(Rest::Unknown), |entry| {
        let parse = |text: &str| match text {
            "others" => Ok(Rest::Others),
            "unknown" => Ok(Rest::Unknown),
            _ => Err(format!(
                "`{}` does not say who holds the rest",
                text.escape_debug()
            )),
        };
        entry.parse(
            parse,
            "write `others` if somebody has established that no covered person holds it, else \
             `unknown`",
            notes,
        )
    });
    Some(Ownership {
        holdings: holdings?,
        rest: rest?,
    })
}

fn holding(entry: &Entry<'_>, notes: &mut Notes) -> Option<Holding> {
    let keys = entry.keys(notes)?;
    keys.deny_unknown(&["owner", "share"], notes);
    let owner = keys
        .require("owner", notes)
        .and_then(|entry| owner(&entry, notes));
    let share = keys.require("share", notes).and_then(|entry| {
        let remedy = "write a percentage with its sign, e.g. `60%`";
        if let Value::Whole(number) = entry.value {
            let cause = format!("`{number}` is not a share");
            notes.fault(entry.place.error(cause, remedy));
            return None;
        }
        entry.parse(Share::parse, remedy, notes)
    });
    Some(Holding {
        owner: owner?,
        share: share?,
    })
}

fn owner(entry: &Entry<'_>, notes: &mut Notes) -> Option<Owner> {
    let keys = entry.keys(notes)?;
    keys.deny_unknown(&["organisation", "person", "state"], notes);
    let mut found = Vec::new();
    if let Some(entry) = keys.get("organisation") {
        found.push(organisation(&entry, notes).map(Owner::Organisation));
    }
    if let Some(entry) = keys.get("person") {
        found.push(person(&entry, notes).map(Owner::Person));
    }
    if let Some(entry) = keys.get("state") {
        found.push(country(&entry, notes).map(Owner::State));
    }
    if found.len() != 1 {
        let cause = format!("expected one owner, found {}", found.len());
        let remedy = "write `{ organisation: id }`, `{ person: id }` or `{ state: country }`";
        notes.fault(entry.place.error(cause, remedy));
        return None;
    }
    found.pop().flatten()
}

/// The id of a person, to be looked up when all are read.
pub(crate) fn person(entry: &Entry<'_>, notes: &mut Notes) -> Option<PersonId> {
    let id = entry.parse(PersonId::new, "name a person of the register", notes)?;
    notes.refer(Target::Person(id.clone()), &entry.place);
    Some(id)
}
