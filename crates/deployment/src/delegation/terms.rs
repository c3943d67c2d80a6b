//! What is signed: the terms of a delegation in their one written form.

use std::collections::BTreeSet;
use std::fmt;

use model::{PersonId, PurposeId, ServiceId, TeamId, Timestamp};

/// The terms of a delegation. Their text is what is signed, byte by byte, and names the deployment, so
/// that it counts in no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelegationTerms {
    /// The deployment's name in cordon.toml.
    pub deployment: String,
    /// The service.
    pub service: ServiceId,
    /// For whom it may act.
    pub people: BTreeSet<PersonId>,
    /// For whose members it may act.
    pub teams: BTreeSet<TeamId>,
    /// The purposes that may be stated meanwhile.
    pub purposes: BTreeSet<PurposeId>,
    /// The first moment it is in force.
    pub from: Timestamp,
    /// The first moment it is no longer in force.
    pub until: Timestamp,
}

impl fmt::Display for DelegationTerms {
    /// The one form: these keys in this order, lists in order on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let deployment = self.deployment.replace('\\', "\\\\").replace('"', "\\\"");
        writeln!(f, "delegation: v1")?;
        writeln!(f, "deployment: \"{deployment}\"")?;
        writeln!(f, "service: \"{}\"", self.service)?;
        writeln!(f, "people: {}", list(&self.people))?;
        writeln!(f, "teams: {}", list(&self.teams))?;
        writeln!(f, "purposes: {}", list(&self.purposes))?;
        writeln!(f, "from: \"{}\"", self.from)?;
        writeln!(f, "until: \"{}\"", self.until)
    }
}

fn list<T: fmt::Display>(items: &BTreeSet<T>) -> String {
    let items: Vec<String> = items.iter().map(|item| format!("\"{item}\"")).collect();
    format!("[{}]", items.join(", "))
}
