//! The least fixed point: who is reached, round by round, until a round reaches nobody new.

use std::collections::BTreeMap;

use model::{Employer, Organisation, OrganisationId, Owner, PersonId, Register, Share, Timestamp};

use super::judge;
use super::reason::Step;
use crate::regime::{CoveredRule, Regime};

/// What to make of a fact that is absent or expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belief {
    /// It does not count against anybody.
    Established,
    /// It counts against everybody.
    Possible,
}

/// Somebody who can be reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    /// A person who is covered.
    Person(PersonId),
    /// An entity that is covered.
    Entity(OrganisationId),
    /// An entity that covered persons own, whether or not it is itself covered: a home subsidiary
    /// is a home person, yet what it owns is owned indirectly by its owners.
    Owned(OrganisationId),
}

pub(super) struct Fixpoint<'a> {
    pub(super) regime: &'a Regime,
    pub(super) register: &'a Register,
    pub(super) now: Timestamp,
    pub(super) belief: Belief,
}

type Reached = BTreeMap<Node, Vec<Step>>;

impl Fixpoint<'_> {
    /// Each node with the path that reached it first. A path only uses nodes of earlier rounds, so
    /// it never runs in a circle, even where ownership does.
    pub(super) fn solve(&self) -> Reached {
        let mut reached = Reached::new();
        loop {
            let found = self.round(&reached);
            if found.is_empty() {
                return reached;
            }
            reached.extend(found);
        }
    }

    fn round(&self, reached: &Reached) -> Reached {
        let mut found = Reached::new();
        for (id, entity) in &self.register.organisations {
            let owned = Node::Owned(id.clone());
            if !reached.contains_key(&owned)
                && let Some(path) = self.owned(entity, reached)
            {
                found.insert(owned, path);
            }
            let node = Node::Entity(id.clone());
            if !reached.contains_key(&node)
                && let Some(path) = self.entity(entity, reached)
            {
                found.insert(node, path);
            }
        }
        for (id, person) in &self.register.people {
            let node = Node::Person(id.clone());
            if !reached.contains_key(&node) {
                let employer = |employer: &Employer| self.employer(employer, reached);
                let path = judge::person(self.regime, person, self.now, self.belief, &employer);
                if let Some(path) = path {
                    found.insert(node, path);
                }
            }
        }
        found
    }

    /// Covered by a rule about entities, in the regime's order.
    fn entity(&self, entity: &Organisation, reached: &Reached) -> Option<Vec<Step>> {
        if let Some(parent) = &entity.branch_of {
            if let Some(unknown) = self.unknown_branch(entity) {
                return Some(unknown);
            }
            if let Some(step) = self.designated_branch(entity) {
                return Some(vec![step]);
            }
            let path = reached.get(&Node::Entity(parent.clone()))?;
            let text = format!("{} is a branch of {}", entity.id, parent);
            return Some(prepend(Step::new(text, "a branch is its parent"), path));
        }
        let home = judge::home_entity(self.regime, entity, self.now, self.belief);
        self.regime.covered.rules.iter().find_map(|(rule, source)| {
            if home && *rule != CoveredRule::Designated {
                return None;
            }
            match rule {
                CoveredRule::Owned => {
                    let path = reached.get(&Node::Owned(entity.id.clone()))?;
                    Some(relabel(path, source))
                }
                CoveredRule::Designated
                | CoveredRule::Resident
                | CoveredRule::Employed
                | CoveredRule::Contracted
                | CoveredRule::OrganisedIn
                | CoveredRule::PrincipalPlace
                | CoveredRule::Office
                | CoveredRule::Connected
                | CoveredRule::OutsideHome => {
                    judge::entity(self.regime, entity, *rule, source, self.now, self.belief)
                        .map(|step| vec![step])
                }
            }
        })
    }

    /// An authority may name a branch itself, whatever its parent is.
    fn designated_branch(&self, entity: &Organisation) -> Option<Step> {
        entity.designations.as_ref()?;
        let mut rules = self.regime.covered.rules.iter();
        let (rule, source) = rules.find(|(rule, _)| *rule == CoveredRule::Designated)?;
        judge::entity(self.regime, entity, *rule, source, self.now, self.belief)
    }

    /// Owned, directly or indirectly, alone or in aggregate, from the regime's share on.
    fn owned(&self, entity: &Organisation, reached: &Reached) -> Option<Vec<Step>> {
        if let Some(parent) = &entity.branch_of {
            let unknown = self.unknown_branch(entity);
            return unknown.or_else(|| reached.get(&Node::Owned(parent.clone())).cloned());
        }
        let possible = self.belief == Belief::Possible;
        let Some(ownership) = entity.ownership.as_ref().and_then(|fact| fact.at(self.now)) else {
            let text = format!("nobody has established who owns {}", entity.id);
            return possible.then(|| vec![Step::new(text, "unknown is strictest")]);
        };
        let mut total = Share::NONE;
        let mut holders = Vec::new();
        let mut path = Vec::new();
        for holding in &ownership.holdings {
            if let Some(why) = self.holder(&holding.owner, reached) {
                total = total.plus(holding.share);
                holders.push(format!("{} by {}", holding.share, name_of(&holding.owner)));
                path.extend(why);
            }
        }
        if possible && ownership.rest == model::Rest::Unknown {
            let named = ownership
                .holdings
                .iter()
                .fold(Share::NONE, |sum, h| sum.plus(h.share));
            if named.rest() > Share::NONE {
                total = total.plus(named.rest());
                holders.push(format!(
                    "{} by holders nobody has established",
                    named.rest()
                ));
            }
        }
        (total >= self.regime.covered.ownership_share).then(|| {
            let how = if holders.len() > 1 {
                format!("{total} in aggregate: ")
            } else {
                String::new()
            };
            let text = format!("{} is owned {how}{}", entity.id, holders.join(", "));
            let fact = entity
                .ownership
                .as_ref()
                .map_or_else(String::new, |f| f.source.clone());
            prepend(Step::new(text, fact), &path)
        })
    }

    /// Why a holder's share counts, if it does.
    fn holder(&self, owner: &Owner, reached: &Reached) -> Option<Vec<Step>> {
        match owner {
            Owner::State(country) => judge::state(self.regime, *country, self.now).map(|s| vec![s]),
            Owner::Person(person) if !self.register.people.contains_key(person) => {
                self.unregistered(person.as_str())
            }
            Owner::Person(person) => reached.get(&Node::Person(person.clone())).cloned(),
            Owner::Organisation(entity) if !self.register.organisations.contains_key(entity) => {
                self.unregistered(entity.as_str())
            }
            Owner::Organisation(entity) => reached
                .get(&Node::Entity(entity.clone()))
                .or_else(|| reached.get(&Node::Owned(entity.clone())))
                .cloned(),
        }
    }

    /// Why working for an employer makes somebody covered, if it does.
    fn employer(&self, employer: &Employer, reached: &Reached) -> Option<Vec<Step>> {
        match employer {
            Employer::State(country) => {
                judge::state(self.regime, *country, self.now).map(|s| vec![s])
            }
            Employer::Organisation(entity) if !self.register.organisations.contains_key(entity) => {
                self.unregistered(entity.as_str())
            }
            Employer::Organisation(entity) => reached.get(&Node::Entity(entity.clone())).cloned(),
        }
    }

    /// Somebody whom the register names and does not know: unknown, hence possibly covered.
    fn unregistered(&self, name: &str) -> Option<Vec<Step>> {
        (self.belief == Belief::Possible).then(|| {
            vec![Step::new(
                format!("{name} is not in the register"),
                "unknown is strictest",
            )]
        })
    }

    /// Why nobody can tell whose branch an entity is: the way up ends outside the register, or
    /// runs in a circle.
    fn unknown_branch(&self, entity: &Organisation) -> Option<Vec<Step>> {
        let mut current = entity;
        for _ in 0..=self.register.organisations.len() {
            let Some(parent) = &current.branch_of else {
                return None;
            };
            match self.register.organisations.get(parent) {
                Some(next) => current = next,
                None => return self.unregistered(parent.as_str()),
            }
        }
        self.unregistered(&format!(
            "a company that {} is finally a branch of",
            entity.id
        ))
    }
}

fn name_of(owner: &Owner) -> String {
    match owner {
        Owner::Organisation(id) => id.to_string(),
        Owner::Person(id) => id.to_string(),
        Owner::State(country) => format!("the state of {}", country.name()),
    }
}

fn prepend(step: Step, path: &[Step]) -> Vec<Step> {
    let mut whole = vec![step];
    for step in path {
        if !whole.contains(step) {
            whole.push(step.clone());
        }
    }
    whole
}

/// The same path with the rule's source beside the fact's on its first step.
fn relabel(path: &[Step], rule: &str) -> Vec<Step> {
    let mut path = path.to_vec();
    if let Some(first) = path.first_mut() {
        first.source = format!("{rule}; {}", first.source);
    }
    path
}
