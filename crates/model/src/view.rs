//! What one person may see of one dataset: the answer of a decision.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::{DatasetId, FieldName, GrantId, Mask, RowClass};

/// What is shown of a field, least first: `min` of two verdicts is the stricter one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Nothing, not even that there is a field.
    Hidden,
    /// The field's mask.
    Masked,
    /// The value.
    Clear,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Hidden => "hidden",
            Self::Masked => "masked",
            Self::Clear => "clear",
        })
    }
}

/// What is shown of a field in the rows of one class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// What everybody's rows show.
    pub verdict: Verdict,
    /// Grants whose subjects' rows show the value.
    pub clear_for: BTreeSet<GrantId>,
}

/// A field of a view. A field that is hidden in every row class is not in the view at all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldView {
    /// What stands where the verdict is masked.
    pub mask: Option<Mask>,
    /// One cell for each row class of the view.
    pub cells: BTreeMap<RowClass, Cell>,
}

/// Which rows of a class are seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rows {
    /// None: not even that they exist.
    Unseen,
    /// Those of the subjects of these grants (never empty).
    SeenFor(BTreeSet<GrantId>),
    /// All.
    Seen,
}

/// What one person may see of one dataset. People with the same rights share one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct View {
    /// Of which dataset.
    pub dataset: DatasetId,
    /// Which rows.
    pub rows: BTreeMap<RowClass, Rows>,
    /// Which fields; the rest of the dataset's fields are absent.
    pub fields: BTreeMap<FieldName, FieldView>,
}

impl View {
    /// Whether there is any row the person may know of.
    pub fn shows_rows(&self) -> bool {
        self.rows.values().any(|rows| *rows != Rows::Unseen)
    }
}
