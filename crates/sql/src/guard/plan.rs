//! What a reference to a governed relation shows: each column clear, masked, or one or the other by
//! row, and which rows at all.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is masked or decided by row: the strict answer"
)]

use std::collections::{BTreeMap, BTreeSet};

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
pub(super) struct PlannedColumn<'a> {
    pub(super) field: &'a FieldName,
    pub(super) column: &'a Column,
    pub(super) bound: &'a BoundField,
    pub(super) shown: Shown,
}

/// A guarded relation, before its shape is chosen.
#[derive(Clone, Debug)]
pub(super) struct Plan<'a> {
    pub(super) relation: &'a Relation,
    pub(super) columns: Vec<PlannedColumn<'a>>,
    /// Which rows are seen.
    pub(super) rows: Condition,
}

impl<'a> Plan<'a> {
    pub(super) fn column(&self, field: &FieldName) -> Option<&PlannedColumn<'a>> {
        self.columns.iter().find(|column| column.field == field)
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
pub(super) fn plan<'a>(view: &View, bound: &'a Bound, relation: &'a Relation) -> Plan<'a> {
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
    // Most fields are alike in what is seen of them: what follows from it is worked out once.
    let mut kinds: Vec<&Cells> = Vec::new();
    for field in view.fields.values() {
        if !kinds.contains(&&field.cells) {
            kinds.push(&field.cells);
        }
    }
    let every: Vec<&RowClass> = view.rows.keys().collect();
    let rows = by_class(&every, &every, &row_public, &|class| {
        // A row in which an asked field is hidden is left out; policy has done so already.
        let is_hidden = kinds.iter().any(|cells| {
            cells
                .get(class)
                .is_none_or(|cell| cell.verdict == Verdict::Hidden && cell.clear_for.is_empty())
        });
        if is_hidden { Outcome::No } else { seen(class) }
    });
    let mut clear = ClearWhere {
        classes: &classes,
        row_public: &row_public,
        known: Vec::new(),
    };
    let columns = relation
        .columns
        .iter()
        .filter_map(|column| {
            let (field, bound_field) = bound.fields.get_key_value(column.name.as_str())?;
            let field_view = view.fields.get(field)?;
            let shown = shown(field_view, bound_field, bound, view, &mut clear);
            Some(PlannedColumn {
                field,
                column,
                bound: bound_field,
                shown,
            })
        })
        .collect();
    Plan {
        relation,
        columns,
        rows,
    }
}

fn shown<'a>(
    field_view: &'a FieldView,
    bound_field: &'a BoundField,
    bound: &'a Bound,
    view: &'a View,
    clear_where: &mut ClearWhere<'a>,
) -> Shown {
    let mut clear = clear_where.of(&field_view.cells, bound_field.public_when.as_ref());
    let mut mask = field_view.mask.clone().unwrap_or(Mask::Null);
    for source in &bound_field.generated_from {
        // A column computed from others shows no more than they do; its own mask would be a mask of
        // the computed value, so there is none.
        let source_clear = source.as_ref().and_then(|source| {
            let view = view.fields.get(source)?;
            let bound = bound.fields.get(source);
            let public_when = bound.and_then(|bound| bound.public_when.as_ref());
            Some(clear_where.of(&view.cells, public_when))
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

/// What is seen of a field, by the class of the row.
type Cells = BTreeMap<RowClass, Cell>;

/// In which rows fields are clear.
struct ClearWhere<'a> {
    classes: &'a [&'a RowClass],
    row_public: &'a [Predicate],
    /// What was worked out, by all that it depends on.
    known: Vec<(&'a Cells, Option<&'a Predicate>, Condition)>,
}

impl<'a> ClearWhere<'a> {
    /// Where a field is clear of which this is seen, and which is public in rows where this holds.
    fn of(&mut self, cells: &'a Cells, public_when: Option<&'a Predicate>) -> Condition {
        let mut known = self.known.iter();
        if let Some((_, _, condition)) =
            known.find(|(of, when, _)| *when == public_when && *of == cells)
        {
            return condition.clone();
        }
        let own = public_when.map_or(self.row_public, std::slice::from_ref);
        let condition = by_class(self.classes, self.classes, own, &|class| {
            cells.get(class).map_or(Outcome::No, cell_outcome)
        });
        self.known.push((cells, public_when, condition.clone()));
        condition
    }
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
    let mut groups: BTreeMap<Outcome, BTreeSet<Residency>> = BTreeMap::new();
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
