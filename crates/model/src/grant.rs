//! Rights that people approved: plain data. What they open is decided in `policy`.

use std::collections::BTreeSet;

use crate::{
    Action, AssessmentId, DatasetId, Exemption, FieldName, FlowId, GrantId, Jurisdiction, MaskKind,
    PersonId, PurposeId, RecipientClass, RegimeId, Role, ServiceId, Timestamp, TransactionType,
};

/// An approved right with everything that its approvers saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// How it came about.
    pub kind: GrantKind,
    /// Who may use it.
    pub requester: PersonId,
    /// For which purpose alone.
    pub purpose: PurposeId,
    /// What kind of transaction the requester says it is.
    pub transaction: TransactionType,
    /// The exemption the requester claims.
    pub exemption: Option<Exemption>,
    /// What it opens.
    pub scope: Vec<GrantScope>,
    /// The subjects it is limited to; `None` is every subject in scope.
    pub subjects: Option<SubjectSet>,
    /// The first moment it is in force.
    pub start: Timestamp,
    /// The first moment it is no longer in force.
    pub expires: Timestamp,
    /// When it was taken back.
    pub revoked: Option<Timestamp>,
    /// Who approved, one entry a signature.
    pub approvals: Vec<Approval>,
}

impl Grant {
    /// Whether it is in force: begun, not expired, not revoked.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.start <= now && now < self.ends()
    }

    /// When it stops being in force.
    pub fn ends(&self) -> Timestamp {
        self.revoked
            .map_or(self.expires, |revoked| revoked.min(self.expires))
    }
}

/// How a grant came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantKind {
    /// Through an approval flow of the ladder.
    Ladder(FlowId),
    /// In an emergency, for this incident.
    BreakGlass(String),
}

/// One dataset's part of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantScope {
    /// The dataset.
    pub dataset: DatasetId,
    /// Its fields, by name: there is no "all", because a column added later is not approved.
    pub fields: BTreeSet<FieldName>,
    /// Whether rows of home residents are in scope (unknown residency counts as home).
    pub home: bool,
    /// Whether rows of residents of other places are in scope.
    pub other: bool,
    /// The actions.
    pub actions: BTreeSet<Action>,
}

/// The subjects a grant is limited to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectSet {
    /// The dataset whose key the values belong to.
    pub dataset: DatasetId,
    /// Opaque keys (pseudonyms as the requester saw them).
    pub keys: Vec<String>,
}

/// One verified signature under a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who signed.
    pub approver: PersonId,
    /// In which role.
    pub role: Role,
    /// Where they were; unknown does not count as home.
    pub signed_from: Option<Jurisdiction>,
    /// When.
    pub at: Timestamp,
}

/// A signed statement that a class of recipients may see one dataset under these masks.
///
/// Source: law.md, us-dsp: "*masked* only under a signed, unexpired assessment (dataset, recipient
/// class, mask set)".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// Its id.
    pub id: AssessmentId,
    /// The regime whose floor it speaks to.
    pub regime: RegimeId,
    /// The dataset.
    pub dataset: DatasetId,
    /// The recipients.
    pub recipient: RecipientClass,
    /// What kind of transaction was assessed.
    pub transaction: TransactionType,
    /// The masks that were assessed.
    pub masks: BTreeSet<MaskKind>,
    /// The first moment it holds.
    pub start: Timestamp,
    /// The first moment it no longer holds.
    pub expires: Timestamp,
    /// Who signed it.
    pub approvals: Vec<Approval>,
}

/// A shared tool account and the people who look at its screens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAudience {
    /// Its id.
    pub id: ServiceId,
    /// Its name, for people to read.
    pub name: String,
    /// Everybody in the audience (never empty): it sees what all of them may see.
    pub audience: BTreeSet<PersonId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_ends_at_revocation_or_expiry_whichever_is_first() {
        let mut grant = Grant {
            id: GrantId::new("g1").unwrap(),
            kind: GrantKind::Ladder(FlowId::new("f").unwrap()),
            requester: PersonId::new("p").unwrap(),
            purpose: PurposeId::new("incident").unwrap(),
            transaction: TransactionType::None,
            exemption: None,
            scope: Vec::new(),
            subjects: None,
            start: Timestamp::from_seconds(10),
            expires: Timestamp::from_seconds(20),
            revoked: None,
            approvals: Vec::new(),
        };
        let in_force = |g: &Grant, s| g.is_in_force(Timestamp::from_seconds(s));
        assert!(!in_force(&grant, 9) && in_force(&grant, 10) && in_force(&grant, 19));
        assert!(!in_force(&grant, 20));
        grant.revoked = Some(Timestamp::from_seconds(15));
        assert!(in_force(&grant, 14) && !in_force(&grant, 15));
    }
}
