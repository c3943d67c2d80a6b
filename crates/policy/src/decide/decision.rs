//! What a decision says, and everything needed to print it, record it and make it again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use model::{
    Action, DatasetId, DomainId, FieldName, GrantId, PersonId, PolicyId, Refusal, RegimeId,
    RowClass, Rows, Timestamp, Verdict, View,
};

use super::hint::Hint;
use super::permit::Permit;
use crate::covered::Standing;
use crate::hash::{Hash, Hasher};

/// Names a decision by everything that determined it: the same question in the same world has the
/// same id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DecisionId(pub(super) Hash);

impl DecisionId {
    /// The bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        self.0.bytes()
    }
}

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A permit, or a refusal with its code.
#[derive(Debug)]
pub enum Outcome {
    /// The statement may go on, with these views.
    Permitted(Permit),
    /// It may not.
    Refused(Refused),
}

/// A refusal. What the asker is told is the code's text and the hint; the rest is for operators
/// and the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub code: Refusal,
    /// The dataset it is about, as the asker named it.
    pub dataset: Option<DatasetId>,
    /// The field it is about, as the asker named it.
    pub field: Option<FieldName>,
    /// How to ask, where the ladder would open it.
    pub hint: Option<Box<Hint>>,
    /// What was decided, where it came to that. Never shown to the asker.
    pub decision: Option<Arc<Decision>>,
    /// What failed, where something did. Never shown to the asker.
    pub failure: Option<Box<crate::error::Failure>>,
}

/// A view that everybody with the same rights shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternedView {
    /// The view.
    pub view: Arc<View>,
    /// Its hash.
    pub hash: Hash,
}

/// The whole decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// The hash of all policies.
    pub policies: Hash,
    /// The hash of the schema.
    pub schema: Hash,
    /// The hash of what the policies were told about asker, data and moment.
    pub inputs: Hash,
    /// What may be seen.
    pub views: BTreeMap<DatasetId, InternedView>,
    /// What may be done, where something other than seeing was asked.
    pub actions: BTreeMap<DatasetId, BTreeMap<RowClass, ActionAnswer>>,
    /// Why, per dataset, field and row class.
    pub cells: BTreeMap<DatasetId, BTreeMap<FieldName, BTreeMap<RowClass, CellReason>>>,
    /// Why, per dataset and row class.
    pub rows: BTreeMap<DatasetId, BTreeMap<RowClass, RowsReason>>,
    /// The standing of each person it was made for.
    pub standings: Vec<StandingUnder>,
    /// Every policy that determined something.
    pub determining: BTreeSet<PolicyId>,
    /// What could be asked for.
    pub hints: Vec<Hint>,
    /// What observe mode let pass.
    pub observed: Vec<Observed>,
    /// The first moment at which it may no longer be used.
    pub valid_until: Timestamp,
}

/// A person's standing under a regime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingUnder {
    /// Who.
    pub person: PersonId,
    /// Under which regime.
    pub regime: RegimeId,
    /// The standing with its path.
    pub standing: Standing,
}

/// Why a class of fields is shown as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellReason {
    /// What is shown.
    pub verdict: Verdict,
    /// Grants whose subjects' rows show the value.
    pub clear_for: BTreeSet<GrantId>,
    /// What the policies said.
    pub policies: BTreeSet<PolicyId>,
    /// The grant it rests on.
    pub grant: Option<GrantId>,
    /// What happened after the policies had spoken.
    pub because: Because,
    /// Whether an approval could open it.
    pub requestable: bool,
}

/// What happened to a cell after the policies had spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// Nothing: the policies decided.
    Policies,
    /// It was clear, and a mask stands in its pseudonym domain elsewhere.
    Domain(DomainId),
    /// Its rows are not seen.
    RowsUnseen,
    /// The dataset is observed: it would have been this.
    Observed(Verdict),
    /// It has no mask, so it cannot be shown masked.
    NoMask,
}

/// Why rows are seen or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsReason {
    /// Which rows.
    pub rows: Rows,
    /// What the policies said.
    pub policies: BTreeSet<PolicyId>,
    /// The field that is hidden in these rows but not in others, so that they are left out.
    pub left_out_for: Option<FieldName>,
    /// Whether an approval could open them.
    pub requestable: bool,
}

/// Whether an action is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionAnswer {
    /// The action.
    pub action: Action,
    /// Whether it is.
    pub allowed: bool,
    /// Grants under which it is, for their subjects alone.
    pub for_subjects: BTreeSet<GrantId>,
    /// What the policies said.
    pub policies: BTreeSet<PolicyId>,
    /// Whether an approval could open it.
    pub requestable: bool,
}

/// What observe mode let pass: recorded, so that people see what enforcement will change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The dataset.
    pub dataset: DatasetId,
    /// The field, or none for the rows themselves.
    pub field: Option<FieldName>,
    /// In which rows.
    pub rows: RowClass,
    /// What it would have been.
    pub would_be: Verdict,
}

/// The stable hash of a view.
pub(super) fn hash_view(view: &View) -> Hash {
    let mut hasher = Hasher::new("cordon/view/v1");
    hasher.text(view.dataset.as_str());
    for (class, rows) in &view.rows {
        hasher.text("rows").text(&class.to_string());
        match rows {
            Rows::Unseen => hasher.text("unseen"),
            Rows::Seen => hasher.text("seen"),
            Rows::SeenFor(grants) => grants
                .iter()
                .fold(hasher.text("seen for"), |hasher, grant| {
                    hasher.text(grant.as_str())
                }),
        };
    }
    for (name, field) in &view.fields {
        let mask = field
            .mask
            .as_ref()
            .map_or("none".to_owned(), ToString::to_string);
        hasher.text("field").text(name.as_str()).text(&mask);
        for (class, cell) in &field.cells {
            hasher
                .text("cell")
                .text(&class.to_string())
                .text(&cell.verdict.to_string());
            for grant in &cell.clear_for {
                hasher.text("clear for").text(grant.as_str());
            }
        }
    }
    hasher.finish()
}
