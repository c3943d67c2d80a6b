//! Reads what people see from `tests/data/guard/views.txt`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{
    Cell, Dataset, DatasetId, FieldName, FieldView, RegimeId, Residency, RowClass, Rows, Verdict,
    View,
};

/// The views of each person.
pub type People = BTreeMap<String, BTreeMap<DatasetId, Arc<View>>>;

/// Reads the file; see its head for the words.
pub fn read(text: &str, datasets: &BTreeMap<DatasetId, Dataset>) -> People {
    let mut people = People::new();
    let mut person = String::new();
    let mut current: Option<View> = None;
    let lines = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in lines {
        if let Some(name) = line.strip_prefix("who: ") {
            keep(&mut people, &person, current.take());
            name.clone_into(&mut person);
            continue;
        }
        let Some(words) = line.strip_prefix("  ") else {
            keep(&mut people, &person, current.take());
            let dataset = DatasetId::new(line).unwrap();
            assert!(datasets.contains_key(&dataset), "{line}");
            current = Some(View {
                dataset,
                rows: BTreeMap::new(),
                fields: BTreeMap::new(),
            });
            continue;
        };
        let view = current.as_mut().unwrap();
        match words.strip_prefix("rows ") {
            Some(list) => {
                let dataset = &datasets[&view.dataset];
                view.rows = every(dataset)
                    .into_iter()
                    .map(|class| (class, Rows::Unseen))
                    .collect();
                for class in classes(list) {
                    assert!(view.rows.insert(class, Rows::Seen).is_some(), "{line}");
                }
            }
            None => field(view, &datasets[&view.dataset], words),
        }
    }
    keep(&mut people, &person, current);
    people
}

fn keep(people: &mut People, person: &str, view: Option<View>) {
    if let Some(view) = view {
        people
            .entry(person.to_owned())
            .or_default()
            .insert(view.dataset.clone(), Arc::new(view));
    }
}

fn field(view: &mut View, dataset: &Dataset, words: &str) {
    let (head, list) = words.split_once(" in ").unwrap_or((words, ""));
    let (name, verdict) = head.split_once(' ').unwrap();
    let verdict = match verdict {
        "clear" => Verdict::Clear,
        "masked" => Verdict::Masked,
        other => panic!("`{other}` is no verdict"),
    };
    let name = FieldName::new(name).unwrap();
    let in_classes: BTreeSet<RowClass> = if list.is_empty() {
        view.rows.keys().cloned().collect()
    } else {
        classes(list).collect()
    };
    let mask = dataset.field(&name).unwrap().mask.clone();
    let entry = view.fields.entry(name).or_insert_with(|| FieldView {
        mask,
        cells: view
            .rows
            .keys()
            .map(|class| {
                let cell = Cell {
                    verdict: Verdict::Masked,
                    clear_for: BTreeSet::new(),
                };
                (class.clone(), cell)
            })
            .collect(),
    });
    for class in in_classes {
        entry.cells.get_mut(&class).unwrap().verdict = verdict;
    }
}

fn every(dataset: &Dataset) -> Vec<RowClass> {
    let residencies = match dataset.subjects {
        model::Subjects::Nobody => vec![Residency::NoSubject],
        model::Subjects::Undeclared => vec![Residency::Unknown],
        model::Subjects::Some(_) => ["eu", "us", "other", "unknown"].map(residency).to_vec(),
    };
    let has_conditions = dataset
        .fields
        .iter()
        .any(|field| field.public_when.is_some());
    let flags: &[bool] = if has_conditions {
        &[false, true]
    } else {
        &[false]
    };
    residencies
        .into_iter()
        .flat_map(|residency| {
            flags.iter().map(move |&public| RowClass {
                residency: residency.clone(),
                public,
            })
        })
        .collect()
}

fn classes(list: &str) -> impl Iterator<Item = RowClass> + '_ {
    list.split(", ").map(|word| {
        let (name, public) = match word.strip_suffix(" public") {
            Some(name) => (name, true),
            None => (word, false),
        };
        RowClass {
            residency: residency(name),
            public,
        }
    })
}

/// A class by the words of the file.
pub fn class(name: &str, public: bool) -> RowClass {
    RowClass {
        residency: residency(name),
        public,
    }
}

/// The residency of a class by its word.
pub fn residency(name: &str) -> Residency {
    let home = |regime: &str| Residency::Home(BTreeSet::from([RegimeId::new(regime).unwrap()]));
    match name {
        "eu" => home("eu-clover"),
        "us" => home("us-dsp"),
        "other" => Residency::Other,
        "unknown" => Residency::Unknown,
        "nobody" => Residency::NoSubject,
        other => panic!("`{other}` is no class of rows"),
    }
}
