//! What is asked for.

use std::collections::BTreeSet;

use model::{Action, DatasetId, FieldName};

/// One statement's or request's worth of data, all of which counts as joined.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    /// Each dataset once.
    pub datasets: Vec<DatasetAsk>,
    /// To see it, or to do something else with it.
    pub asked: Asked,
}

/// One dataset's part of an ask.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DatasetAsk {
    /// The dataset.
    pub dataset: DatasetId,
    /// Which of its fields.
    pub fields: FieldsAsked,
}

/// Which fields are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldsAsked {
    /// All that may be seen, as by `*`.
    All,
    /// These by name; one that may not be seen refuses.
    Named(BTreeSet<FieldName>),
}

/// To see, or to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// To see it.
    View,
    /// To do this with it. Seeing is decided beside it.
    Act(Action),
}

impl Ask {
    /// LIMIT: more datasets in one ask than any join that is not an attack.
    pub const DATASETS_MAX: usize = 256;
    /// LIMIT: PostgreSQL's own limit of columns in one target list is 1,664.
    pub const FIELDS_MAX: usize = 4_096;

    /// Everything in one dataset, to be seen.
    pub fn view(dataset: DatasetId) -> Self {
        let fields = FieldsAsked::All;
        Self {
            datasets: vec![DatasetAsk { dataset, fields }],
            asked: Asked::View,
        }
    }
}
