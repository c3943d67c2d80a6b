//! A decision as the ledger keeps it.

use std::collections::{BTreeMap, BTreeSet};

use model::{DatasetId, FieldName, RowClass, Rows, Verdict, View};
use policy::{Decision as Decided, InternedView};
use record::{Cells, Decision, Digest, Line, Shown, Shows, Verb};

use crate::limits::{FIRST_BYTES, FIRST_ROWS};
use crate::world::World;

/// What a statement is, beside what was decided about it.
pub(crate) struct Facts {
    pub(crate) verb: Verb,
    pub(crate) read_only: bool,
    pub(crate) written: BTreeSet<DatasetId>,
    pub(crate) purpose: Option<model::PurposeId>,
    pub(crate) now_ms: u64,
}

/// The entry's body.
pub(super) fn body(
    (session, number): (u64, u64),
    decided: &Decided,
    facts: &Facts,
    world: &World,
) -> Decision {
    let datasets: Vec<Shown> = decided
        .views
        .iter()
        .map(|(dataset, view)| shown(dataset, view, facts.written.contains(dataset)))
        .collect();
    Decision {
        session,
        number,
        decision: Digest::new(*decided.id.bytes()),
        decided_ms: facts.now_ms,
        valid_until_ms: valid_until_ms(decided),
        purpose: facts.purpose.clone(),
        policies: Digest::new(*decided.policies.bytes()),
        policy_schema: Digest::new(*decided.schema.bytes()),
        inputs: Digest::new(*decided.inputs.bytes()),
        upstream: world.upstream().clone(),
        snapshot: *world.snapshot(),
        verb: facts.verb,
        read_only: facts.read_only,
        covered: decided
            .standings
            .iter()
            .any(|standing| !standing.standing.is_not_covered()),
        shows: most_shown(&datasets),
        datasets,
        grants: grants(decided, world),
        observed: !decided.observed.is_empty(),
        rows_until: FIRST_ROWS,
        bytes_until: FIRST_BYTES,
    }
}

fn valid_until_ms(decided: &Decided) -> Option<u64> {
    let seconds = u64::try_from(decided.valid_until.seconds()).ok()?;
    // A moment that no calendar reaches stands for "no fact ends".
    seconds.checked_mul(1000).filter(|ms| *ms < MOMENT_MAX_MS)
}

/// The year 9999.
const MOMENT_MAX_MS: u64 = 253_402_300_799_000;

/// The control-log indexes of the grants that a decision rests on.
fn grants(decided: &Decided, world: &World) -> BTreeSet<u64> {
    let mut found = BTreeSet::new();
    for cell in decided
        .cells
        .values()
        .flat_map(BTreeMap::values)
        .flat_map(BTreeMap::values)
    {
        for grant in cell.grant.iter().chain(&cell.clear_for) {
            found.extend(world.grant_entry(grant));
        }
    }
    found
}

fn shown(dataset: &DatasetId, view: &InternedView, written: bool) -> Shown {
    Shown {
        dataset: dataset.clone(),
        view: Digest::new(*view.hash.bytes()),
        written,
        cells: cells(&view.view),
    }
}

/// Row classes that get one answer stand together.
fn cells(view: &View) -> Vec<Cells> {
    let mut grouped: Vec<Cells> = Vec::new();
    for (class, rows) in &view.rows {
        if *rows == Rows::Unseen {
            continue;
        }
        let Ok(name) = Line::new(&class.to_string()) else {
            continue;
        };
        let mut one = of_class(view, class);
        let same = grouped.iter_mut().find(|other| {
            (&other.clear, &other.clear_for_subjects, &other.masked)
                == (&one.clear, &one.clear_for_subjects, &one.masked)
        });
        match same {
            Some(other) => {
                other.rows.insert(name);
            }
            None => {
                one.rows.insert(name);
                grouped.push(one);
            }
        }
    }
    grouped
}

fn of_class(view: &View, class: &RowClass) -> Cells {
    let mut cells = Cells {
        rows: BTreeSet::new(),
        clear: BTreeSet::new(),
        clear_for_subjects: BTreeSet::new(),
        masked: BTreeSet::new(),
    };
    for (name, field) in &view.fields {
        let Some(cell) = field.cells.get(class) else {
            continue;
        };
        let into: Option<&mut BTreeSet<FieldName>> = match cell.verdict {
            Verdict::Clear => Some(&mut cells.clear),
            Verdict::Masked if !cell.clear_for.is_empty() => Some(&mut cells.clear_for_subjects),
            Verdict::Masked => Some(&mut cells.masked),
            Verdict::Hidden => None,
        };
        if let Some(into) = into {
            into.insert(name.clone());
        }
    }
    cells
}

fn most_shown(datasets: &[Shown]) -> Shows {
    let cells = || datasets.iter().flat_map(|shown| &shown.cells);
    if cells().any(|cells| !cells.clear.is_empty() || !cells.clear_for_subjects.is_empty()) {
        return Shows::Clear;
    }
    if cells().any(|cells| !cells.masked.is_empty()) {
        return Shows::Masked;
    }
    match cells().next() {
        Some(_) => Shows::Rows,
        None => Shows::Nothing,
    }
}
