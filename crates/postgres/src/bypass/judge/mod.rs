//! What follows from what a server says. Asks nobody, so that every rule can be tried on made-up facts.

mod account;
mod grants;
mod objects;
mod roles;

use std::collections::{BTreeMap, BTreeSet};

use pgschema::Oid;

use super::facts::{Facts, Governed, Relation, Role};
use super::{Bypass, Kind};

/// Everybody, as grants write it.
const PUBLIC: Oid = Oid(0);
/// The superuser that `initdb` makes. Source: PostgreSQL, `pg_authid.dat`, BOOTSTRAP_SUPERUSERID.
const BOOTSTRAP: Oid = Oid(10);

/// All bypasses, sorted, each once.
#[must_use]
pub fn judge(facts: &Facts, governed: &[Governed]) -> Vec<Bypass> {
    let mut judge = Judge::new(facts, governed);
    judge.account();
    judge.roles();
    judge.grants();
    judge.objects();
    judge.found.into_iter().collect()
}

struct Judge<'a> {
    facts: &'a Facts,
    roles: BTreeMap<Oid, &'a Role>,
    governed: BTreeMap<Oid, &'a Governed>,
    /// Relations with rows of governed data: the governed ones and their partitions and heirs.
    exposing: BTreeSet<Oid>,
    found: BTreeSet<Bypass>,
}

impl<'a> Judge<'a> {
    fn new(facts: &'a Facts, governed: &'a [Governed]) -> Self {
        let governed: BTreeMap<Oid, &Governed> =
            governed.iter().map(|one| (one.relation, one)).collect();
        let exposing = closure(governed.keys().copied().collect(), facts, |relation| {
            &relation.part_of
        });
        Self {
            facts,
            roles: facts.roles.iter().map(|role| (role.oid, role)).collect(),
            governed,
            exposing,
            found: BTreeSet::new(),
        }
    }

    fn find(&mut self, kind: Kind, subject: impl Into<String>, text: String, sql: Vec<String>) {
        self.found.insert(Bypass {
            kind,
            subject: subject.into(),
            text,
            sql,
        });
    }

    fn name(&self, role: Oid) -> &'a str {
        match self.roles.get(&role) {
            Some(role) => &role.name,
            None if role == PUBLIC => "PUBLIC",
            // It was dropped between two questions.
            None => "\"a role that is gone\"",
        }
    }

    /// The gateway's account, unless it was dropped meanwhile.
    fn own(&self) -> Option<&'a Role> {
        self.roles.get(&self.facts.about.account).copied()
    }

    /// Who can log in and act as a role: itself, and members of it however far. Superusers are left
    /// out, who can act as everybody and are named for it, and the gateway's account.
    fn who_acts_as(&self, role: Oid) -> Vec<&'a str> {
        let mut acting = BTreeSet::from([role]);
        loop {
            let more: Vec<Oid> = self
                .facts
                .roles
                .iter()
                .filter(|one| !acting.contains(&one.oid))
                .filter(|one| one.member_of.iter().any(|of| acting.contains(of)))
                .map(|one| one.oid)
                .collect();
            if more.is_empty() {
                break;
            }
            acting.extend(more);
        }
        self.facts
            .roles
            .iter()
            .filter(|one| acting.contains(&one.oid) && one.may_log_in && !one.is_superuser)
            .filter(|one| one.oid != self.facts.about.account)
            .map(|one| one.name.as_str())
            .collect()
    }
}

/// The relations of a set, and those that come from them by some way, however far.
fn closure(
    mut set: BTreeSet<Oid>,
    facts: &Facts,
    from: impl Fn(&Relation) -> &Vec<Oid>,
) -> BTreeSet<Oid> {
    loop {
        let more: Vec<Oid> = facts
            .relations
            .iter()
            .filter(|one| !set.contains(&one.oid))
            .filter(|one| from(one).iter().any(|of| set.contains(of)))
            .map(|one| one.oid)
            .collect();
        if more.is_empty() {
            return set;
        }
        set.extend(more);
    }
}
