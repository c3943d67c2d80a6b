//! The residencies that decisions tell apart, under the regimes that are loaded.

use std::collections::{BTreeMap, BTreeSet};

use model::{Dataset, DatasetId, Field, RegimeId, Residency, RowClass, SubjectPath, Subjects};

use crate::regime::Regime;

/// LIMIT: n regimes make up to 2^n - 1 unions of homes.
pub(super) const REGIMES_MAX: usize = 4;

/// Every residency a row about somebody can have: each union of homes that rows can belong to (a
/// row with several subjects is home to all of their homes), other, unknown.
pub(super) fn residencies(regimes: &[Regime]) -> Vec<Residency> {
    let mut unions: BTreeSet<BTreeSet<RegimeId>> = BTreeSet::new();
    for country in regimes.iter().flat_map(|regime| &regime.home) {
        let homes = regimes
            .iter()
            .filter(|regime| regime.home.contains(country));
        unions.insert(homes.map(|regime| regime.id.clone()).collect());
    }
    // Close under union; at most 2^REGIMES_MAX - 1 sets exist.
    loop {
        let joined: Vec<BTreeSet<RegimeId>> = unions
            .iter()
            .flat_map(|a| unions.iter().map(move |b| a.union(b).cloned().collect()))
            .filter(|union| !unions.contains(union))
            .collect();
        if joined.is_empty() {
            break;
        }
        unions.extend(joined);
    }
    let mut all: Vec<Residency> = unions.into_iter().map(Residency::Home).collect();
    all.push(Residency::Other);
    all.push(Residency::Unknown);
    all
}

/// The row classes of a dataset.
pub(super) fn row_classes(
    dataset: &Dataset,
    datasets: &BTreeMap<DatasetId, Dataset>,
    residencies: &[Residency],
) -> Vec<RowClass> {
    let of_dataset = match &dataset.subjects {
        Subjects::Nobody if is_impersonal(dataset) => vec![Residency::NoSubject],
        _ if !is_knowable(dataset, datasets, datasets.len()) => vec![Residency::Unknown],
        Subjects::Some(_) => residencies.to_vec(),
        Subjects::Nobody | Subjects::Undeclared => vec![Residency::Unknown],
    };
    let conditional = dataset
        .fields
        .iter()
        .any(|field| field.public_when.is_some());
    let flags: &[bool] = if conditional {
        &[false, true]
    } else {
        &[false]
    };
    of_dataset
        .into_iter()
        .flat_map(|residency| {
            flags.iter().map(move |&public| RowClass {
                residency: residency.clone(),
                public,
            })
        })
        .collect()
}

/// Whether a dataset that is declared to be about nobody looks like it: no foreign key to people, no
/// legal category, no data category of users. Otherwise the declaration would switch the floor off.
fn is_impersonal(dataset: &Dataset) -> bool {
    let personal = |field: &Field| {
        !field.legal.is_empty() || field.categories.iter().any(|c| c.is_within("user"))
    };
    dataset.undeclared_subjects.is_empty() && !dataset.fields.iter().any(personal)
}

/// Whether a row's residency can be told at all: its subjects are declared, and so are those of
/// every dataset they are found through. `steps` bounds the way, which the catalogue has checked
/// not to run in a circle.
fn is_knowable(dataset: &Dataset, datasets: &BTreeMap<DatasetId, Dataset>, steps: usize) -> bool {
    let Subjects::Some(subjects) = &dataset.subjects else {
        return false;
    };
    dataset.undeclared_subjects.is_empty()
        && subjects.iter().all(|subject| match &subject.path {
            SubjectPath::Own(_) => true,
            SubjectPath::Through(parent) => {
                steps > 0
                    && datasets
                        .get(parent)
                        .is_some_and(|parent| is_knowable(parent, datasets, steps - 1))
            }
        })
}

/// The regimes whose floors hold a row of this residency.
pub(crate) fn home_of(residency: &Residency, regimes: &[Regime]) -> BTreeSet<RegimeId> {
    match residency {
        Residency::Home(homes) => homes.clone(),
        Residency::Unknown => regimes.iter().map(|regime| regime.id.clone()).collect(),
        Residency::Other | Residency::NoSubject => BTreeSet::new(),
    }
}
