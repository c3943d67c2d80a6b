//! What a reference to a governed relation shows: each column clear, masked, or one or the other by
//! row, and which rows at all.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is masked or decided by row: the strict answer"
)]

use std::collections::BTreeSet;

use model::{
    Cell, FieldName, FieldView, Mask, Predicate, Residency, RowClass, Rows, Verdict, View,
};
use pgschema::{Column, Relation};

use super::condition::Condition;
use crate::bind::{Bound, BoundField};

/// How a column is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// As it is.
    Clear,
    /// Its mask in every row.
    Masked(Mask),
    /// As it is where the condition holds, its mask elsewhere.
    Conditional(Condition, Mask),
}

/// A column of a guarded relation.
#[derive(Clone, Debug)]
pub(super) struct PlannedColumn {
    pub(super) field: FieldName,
    pub(super) column: Column,
    pub(super) bound: BoundField,
    pub(super) shown: Shown,
}

/// A guarded relation, before its shape is chosen.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) relation: Relation,
    pub(super) columns: Vec<PlannedColumn>,
    /// Which rows are seen.
    pub(super) rows: Condition,
}

impl Plan {
    pub(super) fn column(&self, field: &FieldName) -> Option<&PlannedColumn> {
        self.columns.iter().find(|column| column.field == *field)
    }

    /// Whether everything that is shown is shown clear, in all rows.
    pub(super) fn is_clear(&self) -> bool {
        self.rows == Condition::True
            && self
                .columns
                .iter()
                .all(|column| column.shown == Shown::Clear)
    }
}

/// The outcome for a class of rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    No,
    For(BTreeSet<model::GrantId>),
    Yes,
}

/// Plans a reference from its view.
pub(super) fn plan(view: &View, bound: &Bound, relation: &Relation) -> Plan {
    let row_public: Vec<Predicate> = {
        let all = bound
            .fields
            .values()
            .filter_map(|field| field.public_when.clone());
        all.collect::<BTreeSet<_>>().into_iter().collect()
    };
    let classes: Vec<&RowClass> = view
        .rows
        .iter()
        .filter(|(_, rows)| **rows != Rows::Unseen)
        .map(|(class, _)| class)
        .collect();
    let seen = |class: &RowClass| match view.rows.get(class) {
        None | Some(Rows::Unseen) => Outcome::No,
        Some(Rows::Seen) => Outcome::Yes,
        Some(Rows::SeenFor(grants)) => Outcome::For(grants.clone()),
    };
    let every: Vec<&RowClass> = view.rows.keys().collect();
    let rows = by_class(&every, &every, &row_public, &|class| {
        // A row in which an asked field is hidden is left out; policy has done so already.
        let is_hidden = view.fields.values().any(|field| {
            field
                .cells
                .get(class)
                .is_none_or(|cell| cell.verdict == Verdict::Hidden && cell.clear_for.is_empty())
        });
        if is_hidden { Outcome::No } else { seen(class) }
    });
    let columns = relation
        .columns
        .iter()
        .filter_map(|column| {
            let field = FieldName::new(&column.name).ok()?;
            let field_view = view.fields.get(&field)?;
            let bound_field = bound.fields.get(&field)?;
            let shown = shown(&field, field_view, bound, view, &classes, &row_public);
            Some(PlannedColumn {
                field,
                column: column.clone(),
                bound: bound_field.clone(),
                shown,
            })
        })
        .collect();
    Plan {
        relation: relation.clone(),
        columns,
        rows,
    }
}

fn shown(
    field: &FieldName,
    field_view: &FieldView,
    bound: &Bound,
    view: &View,
    classes: &[&RowClass],
    row_public: &[Predicate],
) -> Shown {
    let mut clear = clear_where(field, field_view, bound, classes, row_public);
    let mut mask = field_view.mask.clone().unwrap_or(Mask::Null);
    let generated_from = bound
        .fields
        .get(field)
        .map_or(&[][..], |bound| &bound.generated_from);
    for source in generated_from {
        // A column computed from others shows no more than they do; its own mask would be a mask of
        // the computed value, so there is none.
        let source_clear = source.as_ref().and_then(|source| {
            let view = view.fields.get(source)?;
            Some(clear_where(source, view, bound, classes, row_public))
        });
        let both = Condition::all([clear.clone(), source_clear.unwrap_or(Condition::False)]);
        if both != clear {
            clear = both;
            mask = Mask::Null;
        }
    }
    match clear {
        Condition::True => Shown::Clear,
        Condition::False => Shown::Masked(mask),
        // A pseudonym domain is clear or masked as a whole.
        _ if mask.domain().is_some() => Shown::Masked(mask),
        condition => Shown::Conditional(condition, mask),
    }
}

fn clear_where(
    field: &FieldName,
    view: &FieldView,
    bound: &Bound,
    classes: &[&RowClass],
    row_public: &[Predicate],
) -> Condition {
    let own: Vec<Predicate> = bound
        .fields
        .get(field)
        .and_then(|bound| bound.public_when.clone())
        .map_or_else(|| row_public.to_vec(), |condition| vec![condition]);
    by_class(classes, classes, &own, &|class| {
        view.cells.get(class).map_or(Outcome::No, cell_outcome)
    })
}

fn cell_outcome(cell: &Cell) -> Outcome {
    match cell.verdict {
        Verdict::Clear => Outcome::Yes,
        Verdict::Masked | Verdict::Hidden if !cell.clear_for.is_empty() => {
            Outcome::For(cell.clear_for.clone())
        }
        Verdict::Masked | Verdict::Hidden => Outcome::No,
    }
}

/// In which rows the outcome is yes, among rows of `classes`.
fn by_class(
    classes: &[&RowClass],
    universe: &[&RowClass],
    public: &[Predicate],
    outcome: &dyn Fn(&RowClass) -> Outcome,
) -> Condition {
    let side = |flag: bool| {
        let here: Vec<&RowClass> = classes
            .iter()
            .filter(|c| c.public == flag)
            .copied()
            .collect();
        let all: BTreeSet<&Residency> = universe
            .iter()
            .filter(|class| class.public == flag)
            .map(|class| &class.residency)
            .collect();
        one_side(&here, &all, outcome)
    };
    let flags: BTreeSet<bool> = classes.iter().map(|class| class.public).collect();
    match (flags.contains(&false), flags.contains(&true)) {
        (true, false) if !universe.iter().any(|class| class.public) => side(false),
        (false, false) => Condition::False,
        _ => {
            let (plain, open) = (side(false), side(true));
            if plain == open {
                return plain;
            }
            Condition::any([
                Condition::all([Condition::Public(public.to_vec(), true), open]),
                Condition::all([Condition::Public(public.to_vec(), false), plain]),
            ])
        }
    }
}

fn one_side(
    classes: &[&RowClass],
    universe: &BTreeSet<&Residency>,
    outcome: &dyn Fn(&RowClass) -> Outcome,
) -> Condition {
    let mut groups: std::collections::BTreeMap<Outcome, BTreeSet<Residency>> =
        std::collections::BTreeMap::new();
    for class in classes {
        groups
            .entry(outcome(class))
            .or_default()
            .insert(class.residency.clone());
    }
    Condition::any(groups.into_iter().filter_map(|(outcome, residencies)| {
        let right = match outcome {
            Outcome::No => return None,
            Outcome::Yes => Condition::True,
            Outcome::For(grants) => Condition::Subjects(grants),
        };
        let whose = if residencies.iter().collect::<BTreeSet<_>>() == *universe {
            Condition::True
        } else {
            Condition::Residency(residencies)
        };
        Some(Condition::all([whose, right]))
    }))
}
