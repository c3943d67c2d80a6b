//! Reporting lines and branches that run in a circle.

use std::collections::{BTreeMap, BTreeSet};

use model::{OrganisationId, PersonId};

use crate::layout::Layout;
use crate::notes::{Notes, Place};
use crate::register::Placed;

/// A circle of managers is a warning: a line is followed once. A circle of branches is a fault:
/// such an entity has no parent whose standing it could share.
pub(crate) fn lines(placed: &Placed, notes: &mut Notes) {
    let register = &placed.register;
    let managers: BTreeMap<&PersonId, &PersonId> = register
        .people
        .values()
        .filter_map(|person| Some((&person.id, person.manager.as_ref()?.value.as_ref()?)))
        .collect();
    for circle in circles(&managers) {
        let names: Vec<&str> = circle.iter().map(|id| id.as_str()).collect();
        let cause = format!("reporting lines run in a circle: {}", names.join(", "));
        let remedy = "write who reports to nobody as `manager: none`";
        notes.warn(place(placed, &names).error(cause, remedy));
    }
    let parents: BTreeMap<&OrganisationId, &OrganisationId> = register
        .organisations
        .values()
        .filter_map(|entity| Some((&entity.id, entity.branch_of.as_ref()?)))
        .collect();
    for circle in circles(&parents) {
        let names: Vec<&str> = circle.iter().map(|id| id.as_str()).collect();
        let cause = format!("branches run in a circle: {}", names.join(", "));
        let remedy = "take `branch_of` out of the one that is the legal entity";
        notes.fault(place(placed, &names).error(cause, remedy));
    }
}

fn place(placed: &Placed, names: &[&str]) -> Place {
    let first = names.first().and_then(|name| placed.places.get(*name));
    first
        .cloned()
        .unwrap_or_else(|| Place::file(Layout::PEOPLE))
}

/// Each circle once, as the ids on it.
fn circles<'a, T: Ord>(next: &BTreeMap<&'a T, &'a T>) -> Vec<Vec<&'a T>> {
    let mut done: BTreeSet<&T> = BTreeSet::new();
    let mut found = Vec::new();
    for start in next.keys() {
        let mut way: Vec<&T> = Vec::new();
        let mut on_way: BTreeSet<&T> = BTreeSet::new();
        let mut current = Some(*start);
        while let Some(id) = current {
            if on_way.contains(id) {
                found.push(way.iter().copied().skip_while(|one| *one != id).collect());
                break;
            }
            if done.contains(id) {
                break;
            }
            on_way.insert(id);
            way.push(id);
            current = next.get(id).copied();
        }
        done.extend(way);
    }
    found
}
