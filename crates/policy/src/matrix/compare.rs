//! What changes for whom between two bundles.

use std::collections::BTreeMap;
use std::fmt;

use model::{Level, PersonId, Residency};

use super::{Cells, Leave, Matrix};

/// One change of what people may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// For whom.
    pub people: Vec<PersonId>,
    /// With data of which level.
    pub level: Level,
    /// And which residency.
    pub residency: Residency,
    /// What: `see`, or an action.
    pub what: String,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
    /// Whether somebody may do more than before.
    pub broadens: bool,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let people: Vec<&str> = self.people.iter().map(PersonId::as_str).collect();
        write!(
            f,
            "{} {}, {}: {} {} -> {} for {}",
            if self.broadens {
                "BROADENS"
            } else {
                "narrows "
            },
            self.level,
            self.residency,
            self.what,
            self.before,
            self.after,
            people.join(", ")
        )
    }
}

/// How far an answer goes: the order in which "more" is judged.
type Answer = (u8, String);

/// What changes, the same change of several people in one line. A person who is in one matrix only
/// is compared with somebody who may do nothing.
pub fn compare(old: &Matrix, new: &Matrix) -> Vec<Difference> {
    let (old, new) = (answers(old), answers(new));
    let mut changes: BTreeMap<(Level, Residency, String, Answer, Answer), Vec<PersonId>> =
        BTreeMap::new();
    let nothing: Answer = (0, "nothing".to_owned());
    for key in old
        .keys()
        .chain(new.keys().filter(|key| !old.contains_key(*key)))
    {
        let before = old.get(key).unwrap_or(&nothing);
        let after = new.get(key).unwrap_or(&nothing);
        if before == after || (before.0 == 0 && after.0 == 0) {
            continue;
        }
        let (person, level, residency, what) = key.clone();
        let change = (level, residency, what, before.clone(), after.clone());
        changes.entry(change).or_default().push(person);
    }
    changes
        .into_iter()
        .map(
            |((level, residency, what, before, after), people)| Difference {
                people,
                level,
                residency,
                what,
                broadens: after.0 > before.0,
                before: before.1,
                after: after.1,
            },
        )
        .collect()
}

fn answers(matrix: &Matrix) -> BTreeMap<(PersonId, Level, Residency, String), Answer> {
    let mut all = BTreeMap::new();
    for kind in &matrix.kinds {
        for person in &kind.people {
            for ((level, residency), cells) in &kind.cells {
                for (what, answer) in answers_of(cells) {
                    all.insert((person.clone(), *level, residency.clone(), what), answer);
                }
            }
        }
    }
    all
}

fn answers_of(cells: &Cells) -> Vec<(String, Answer)> {
    use model::Verdict;
    let ask = u8::from(cells.may_ask);
    let rank = match (cells.seen, cells.rows) {
        (Verdict::Hidden, false) => 0,
        (Verdict::Hidden, true) => 2,
        (Verdict::Masked, _) => 4,
        (Verdict::Clear, _) => 6,
    };
    let rows = if cells.rows { "" } else { " (no rows)" };
    let may = if cells.may_ask { ", may ask" } else { "" };
    let mut all = vec![(
        "see".to_owned(),
        (rank + ask, format!("{}{may}{rows}", cells.seen)),
    )];
    for (action, leave) in &cells.actions {
        let answer = match leave {
            Leave::Refused => (0, "no".to_owned()),
            Leave::MayAsk => (1, "ask".to_owned()),
            Leave::Allowed => (2, "yes".to_owned()),
        };
        all.push((action.to_string(), answer));
    }
    all
}
