//! A field with nested fields is one column: what is said of its parts is said of the whole, the
//! strictest word winning.

use std::collections::BTreeSet;

use model::{DataCategory, LegalCategory, Level};

use crate::entry::{Faults, Place};
use crate::fides::{Column, Reference};
use crate::taxonomy::legal_categories_of;

/// What a column is, with all that is nested in it.
pub(crate) struct Folded {
    /// None as soon as any part has none, whatever the whole says: a part that is added later must
    /// not inherit a label that nobody gave it.
    pub(crate) level: Option<Level>,
    pub(crate) categories: BTreeSet<DataCategory>,
    pub(crate) legal: BTreeSet<LegalCategory>,
    pub(crate) references: Vec<Reference>,
}

pub(crate) fn fold(column: &Column, faults: &mut Faults) -> Folded {
    let mut folded = Folded {
        level: column.block.level,
        categories: column.categories.clone(),
        legal: column.block.legal.clone(),
        references: column.references.clone(),
    };
    folded
        .legal
        .extend(column.categories.iter().flat_map(legal_categories_of));
    let mut strictest = column.block.level;
    let mut all_labelled = true;
    for part in &column.parts {
        if let Some((key, place)) = &part.block.column_only {
            faults.push(only_a_column(key, place));
        }
        let inner = fold(part, faults);
        all_labelled &= inner.level.is_some();
        strictest = strictest.max(inner.level);
        folded.categories.extend(inner.categories);
        folded.legal.extend(inner.legal);
        folded.references.extend(inner.references);
    }
    folded.level = strictest.filter(|_| all_labelled);
    folded
}

fn only_a_column(key: &str, place: &Place) -> model::Diagnostic {
    let cause =
        format!("a nested field has no `{key}` of its own: the column is masked as a whole");
    place.error(cause, format!("write `{key}` on the column"))
}
