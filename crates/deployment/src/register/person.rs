//! A person with the facts that the law keeps apart.

use std::collections::BTreeSet;

use document::tree::Value;
use model::{Employer, HomeStatus, Person, PersonId, RecipientClass, Role, StatusKind, TeamId};

use super::fact::{Defaults, fact};
use super::organisation::{designations, organisation, person};
use super::{id, name_or};
use crate::delegation::public_key;
use crate::entry::{Entry, Keys};
use crate::notes::{Notes, Place};
use crate::settings::country;

const KNOWN: [&str; 16] = [
    "name",
    "disabled",
    "source",
    "expires",
    "citizenships",
    "statuses",
    "residence",
    "employer",
    "contracts",
    "designations",
    "office",
    "manager",
    "teams",
    "roles",
    "recipient_class",
    "keys",
];

pub(super) fn read(name: (&str, &Place), keys: &Keys<'_>, notes: &mut Notes) -> Option<Person> {
    let id = id(name, PersonId::new, notes)?;
    keys.deny_unknown(&KNOWN, notes);
    let mut with = Defaults::read(keys, notes);
    let person = Person {
        name: name_or(keys, id.as_str(), notes),
        disabled: disabled(keys, notes),
        citizenships: fact(keys, "citizenships", &mut with, notes, |entry, notes| {
            Some(entry.all(notes, country)?.into_iter().collect())
        }),
        statuses: fact(keys, "statuses", &mut with, notes, |entry, notes| {
            Some(entry.all(notes, status)?.into_iter().collect())
        }),
        residence: fact(keys, "residence", &mut with, notes, country),
        employer: fact(keys, "employer", &mut with, notes, employer),
        contracts: fact(keys, "contracts", &mut with, notes, |entry, notes| {
            entry.all(notes, employer)
        }),
        designations: fact(keys, "designations", &mut with, notes, designations),
        office: fact(keys, "office", &mut with, notes, country),
        manager: fact(keys, "manager", &mut with, notes, manager),
        teams: fact(keys, "teams", &mut with, notes, teams),
        roles: fact(keys, "roles", &mut with, notes, roles),
        recipient_class: fact(keys, "recipient_class", &mut with, notes, |entry, notes| {
            entry.parse(RecipientClass::new, "name a class of recipients", notes)
        }),
        keys: fact(keys, "keys", &mut with, notes, |entry, notes| {
            let keys = entry.all(notes, |item, notes| {
                let remedy = "write the line of an Ed25519 key's .pub file";
                item.parse(public_key, remedy, notes)
            })?;
            Some(keys.into_iter().collect())
        }),
        id,
    };
    with.finish(name.1, notes);
    Some(person)
}

/// A line without a value is a fault: somebody meant to disable the person.
fn disabled(keys: &Keys<'_>, notes: &mut Notes) -> bool {
    match keys.get("disabled") {
        Some(entry) => entry.truth(notes).unwrap_or(true),
        None if keys.holds("disabled") => {
            let cause = "the key `disabled` has no value";
            notes.fault(keys.place.error(cause, "write `true` or `false`"));
            true
        }
        None => false,
    }
}

fn status(entry: &Entry<'_>, notes: &mut Notes) -> Option<HomeStatus> {
    let keys = entry.keys(notes)?;
    keys.deny_unknown(&["country", "status"], notes);
    let jurisdiction = keys
        .require("country", notes)
        .and_then(|entry| country(&entry, notes));
    let known: Vec<&str> = StatusKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let kind = keys
        .require("status", notes)
        .and_then(|entry| entry.word(StatusKind::parse, &known, notes));
    Some(HomeStatus {
        jurisdiction: jurisdiction?,
        kind: kind?,
    })
}

/// An organisation of the register or a state. There is no `none`: the law asks for whom somebody
/// works, and "for nobody" would be the easiest way not to be covered.
fn employer(entry: &Entry<'_>, notes: &mut Notes) -> Option<Employer> {
    match entry.value {
        Value::Text(text) if text == "none" => {
            let cause = "an employer cannot be `none`";
            let remedy = "enter somebody's own business as an organisation, or leave the employer \
                          out: then it is unknown";
            notes.fault(entry.place.error(cause, remedy));
            None
        }
        Value::Map(_) => {
            let keys = entry.keys(notes)?;
            keys.deny_unknown(&["state"], notes);
            let state = keys.require("state", notes)?;
            country(&state, notes).map(Employer::State)
        }
        Value::Text(_)
        | Value::Null
        | Value::Boolean(_)
        | Value::Whole(_)
        | Value::Fraction
        | Value::List(_) => organisation(entry, notes).map(Employer::Organisation),
    }
}

/// `none` is the statement that they report to nobody.
fn manager(entry: &Entry<'_>, notes: &mut Notes) -> Option<Option<PersonId>> {
    if matches!(entry.value, Value::Text(text) if text == "none") {
        return Some(None);
    }
    person(entry, notes).map(Some)
}

fn teams(entry: &Entry<'_>, notes: &mut Notes) -> Option<BTreeSet<TeamId>> {
    let teams = entry.all(notes, |item, notes| {
        item.parse(TeamId::new, "name a team", notes)
    })?;
    Some(teams.into_iter().collect())
}

fn roles(entry: &Entry<'_>, notes: &mut Notes) -> Option<BTreeSet<Role>> {
    let roles = entry.all(notes, role)?;
    Some(roles.into_iter().collect())
}

pub(crate) fn role(entry: &Entry<'_>, notes: &mut Notes) -> Option<Role> {
    let known: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    entry.word(Role::parse, &known, notes)
}
