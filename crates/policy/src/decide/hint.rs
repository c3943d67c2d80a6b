//! What would help: the approval to ask for.

use std::collections::BTreeSet;
use std::fmt;

use model::{DatasetId, FieldName, FlowId, Level};

use crate::ladder::Ladder;

/// How to ask for a dataset's fields. Mixed levels take the strictest flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The dataset.
    pub dataset: DatasetId,
    /// The fields an approval could open.
    pub fields: BTreeSet<FieldName>,
    /// The strictest of their levels.
    pub level: Level,
    /// The flow that decides.
    pub flow: FlowId,
    /// Who approves, in words.
    pub approvers: String,
    /// Whether the grant must name its subjects.
    pub subject_set: bool,
    /// Whether the asker signed in with one factor only.
    pub needs_second_factor: bool,
}

impl Hint {
    /// The hint for these fields, if a flow opens the strictest of their levels.
    pub(super) fn new(
        ladder: &Ladder,
        dataset: &DatasetId,
        fields: BTreeSet<FieldName>,
        level: Level,
        subject_set: bool,
        needs_second_factor: bool,
    ) -> Option<Self> {
        let flow = ladder.flow(level)?;
        let factors: Vec<String> = flow.factors.iter().map(ToString::to_string).collect();
        Some(Self {
            dataset: dataset.clone(),
            fields,
            level,
            flow: flow.id.clone(),
            approvers: factors.join("; and "),
            subject_set,
            needs_second_factor,
        })
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<&str> = self.fields.iter().map(FieldName::as_str).collect();
        write!(
            f,
            "ask for {} of {} ({}): flow {}, approved by {}",
            fields.join(", "),
            self.dataset,
            self.level,
            self.flow,
            self.approvers
        )?;
        if self.subject_set {
            f.write_str("; name the subjects by the pseudonyms you see")?;
        }
        if self.needs_second_factor {
            f.write_str("; and sign in with two factors")?;
        }
        Ok(())
    }
}
