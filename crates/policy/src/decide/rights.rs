//! The grants and assessments there are, whoever's they are.

use std::collections::BTreeMap;

use model::{Assessment, AssessmentId, DatasetId, Grant, GrantId, Timestamp};

use crate::hash::{Hash, Hasher};

/// All grants and assessments known at one point of the control log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    grants: BTreeMap<GrantId, Grant>,
    assessments: BTreeMap<AssessmentId, Assessment>,
    hash: Hash,
}

impl Rights {
    /// Takes them as they are; which are in force is decided per question.
    pub fn new(grants: Vec<Grant>, assessments: Vec<Assessment>) -> Self {
        let grants: BTreeMap<_, _> = grants.into_iter().map(|g| (g.id.clone(), g)).collect();
        let assessments: BTreeMap<_, _> =
            assessments.into_iter().map(|a| (a.id.clone(), a)).collect();
        let mut hasher = Hasher::new("cordon/rights/v1");
        for grant in grants.values() {
            hasher.text(&format!("{grant:?}"));
        }
        for assessment in assessments.values() {
            hasher.text(&format!("{assessment:?}"));
        }
        Self {
            grants,
            assessments,
            hash: hasher.finish(),
        }
    }

    /// None at all.
    pub fn none() -> Self {
        Self::new(Vec::new(), Vec::new())
    }

    /// The grants.
    pub const fn grants(&self) -> &BTreeMap<GrantId, Grant> {
        &self.grants
    }

    /// The assessments.
    pub const fn assessments(&self) -> &BTreeMap<AssessmentId, Assessment> {
        &self.assessments
    }

    /// The grants that are limited to subjects, and the dataset whose keys their sets hold.
    pub fn subject_sets(&self) -> impl Iterator<Item = (&GrantId, &DatasetId)> {
        self.grants
            .iter()
            .filter_map(|(id, grant)| Some((id, &grant.subjects.as_ref()?.dataset)))
    }

    /// Their hash: equal rights, equal hash, within one version of Cordon.
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// The next moment after `now` at which a grant or assessment begins or ends, or a signature
    /// under one begins to count.
    pub fn changes_after(&self, now: Timestamp) -> Timestamp {
        let grants = self
            .grants
            .values()
            .flat_map(|grant| [grant.start, grant.ends()]);
        let assessments = self.assessments.values().flat_map(|a| [a.start, a.expires]);
        let granting = self.grants.values().flat_map(|grant| &grant.approvals);
        let assessing = self.assessments.values().flat_map(|a| &a.approvals);
        let signed = granting.chain(assessing).map(|approval| approval.at);
        grants
            .chain(assessments)
            .chain(signed)
            .filter(|moment| *moment > now)
            .min()
            .unwrap_or(Timestamp::MAX)
    }
}
