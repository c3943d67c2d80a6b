//! Why a decision could not be made. Both reasons refuse.

use std::collections::BTreeSet;

use model::PolicyId;

/// A decision that failed; the request is refused with `policy-error`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Policies failed while they were evaluated: the operator's fault.
    #[error("policies failed while they were evaluated: {}", names(.0))]
    Policies(BTreeSet<PolicyId>),
    /// Cedar did not take what Cordon handed it: our fault.
    #[error("the policy engine refused its inputs: {0}")]
    Inputs(String),
}

impl Failure {
    pub(crate) fn inputs(error: impl std::fmt::Display) -> Self {
        Self::Inputs(error.to_string())
    }

    pub(crate) const fn policies(failed: BTreeSet<PolicyId>) -> Self {
        Self::Policies(failed)
    }
}

fn names(policies: &BTreeSet<PolicyId>) -> String {
    policies
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}
