//! What of a view is masked, in words that depend on the statement and the view alone.

use std::collections::BTreeSet;

use model::{FieldName, Rows, Verdict, View};

/// The fields that are masked in some row that is seen.
pub(super) fn masked(view: &View) -> BTreeSet<FieldName> {
    let seen = |class: &model::RowClass| {
        view.rows
            .get(class)
            .is_some_and(|rows| *rows != Rows::Unseen)
    };
    view.fields
        .iter()
        .filter(|(_, field)| {
            field
                .cells
                .iter()
                .any(|(class, cell)| cell.verdict == Verdict::Masked && seen(class))
        })
        .map(|(name, _)| name.clone())
        .collect()
}

/// Whether some rows are not seen.
pub(super) fn leaves_rows_out(view: &View) -> bool {
    view.rows.values().any(|rows| *rows != Rows::Seen)
}
