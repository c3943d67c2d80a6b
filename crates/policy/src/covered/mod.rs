//! Who is a covered person under a regime, and by which path.
//!
//! Ownership is recursive, is added up over several owners and may be cyclic, so standing is the
//! least fixed point over everybody in the register. It is computed twice: once believing only
//! what is established ([`Belief::Established`]) and once counting everything unknown against the
//! person ([`Belief::Possible`]). Covered in the first is *covered*; covered only in the second is
//! *unknown*, which the floor treats the same (promise 4); covered in neither is *not covered*.

mod fixpoint;
mod judge;
mod reason;

use std::collections::BTreeMap;

use model::{Connection, Jurisdiction, PersonId, Register, Timestamp};

use crate::regime::Regime;
use fixpoint::{Belief, Fixpoint, Node};
pub use reason::Step;

/// A person's standing under one regime, with the path of facts that led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Established: not a covered person.
    NotCovered(Vec<Step>),
    /// Established: a covered person.
    Covered(Vec<Step>),
    /// Not established either way; the path says what is missing. Treated as covered.
    Unknown(Vec<Step>),
}

impl Standing {
    /// The path.
    pub fn path(&self) -> &[Step] {
        match self {
            Self::NotCovered(path) | Self::Covered(path) | Self::Unknown(path) => path,
        }
    }

    /// Whether it is established that the person is not covered. Anything else is treated as
    /// covered.
    pub const fn is_not_covered(&self) -> bool {
        matches!(self, Self::NotCovered(_))
    }
}

/// Whom a regime's rules reach, worked out once for the whole register. Good until the register's
/// or the regime's dates next change something.
#[derive(Debug)]
pub struct Reach {
    established: BTreeMap<Node, Vec<Step>>,
    possible: BTreeMap<Node, Vec<Step>>,
}

impl Reach {
    /// Works the rules out. Cost: a few passes over all people and organisations.
    pub fn at(regime: &Regime, register: &Register, now: Timestamp) -> Self {
        let solve = |belief| {
            Fixpoint {
                regime,
                register,
                now,
                belief,
            }
            .solve()
        };
        Self {
            established: solve(Belief::Established),
            possible: solve(Belief::Possible),
        }
    }
}

/// Everybody's standing under one regime at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Coverage<'a> {
    /// The regime.
    pub regime: &'a Regime,
    /// The people register.
    pub register: &'a Register,
    /// Whom the regime reaches.
    pub reach: &'a Reach,
    /// The moment.
    pub now: Timestamp,
}

impl Coverage<'_> {
    /// One person's standing, with the connection they are on now (which may narrow it, under
    /// regimes that say so, and never widens it).
    pub fn standing(&self, person: &PersonId, connection: Connection) -> Standing {
        if !self.regime.in_force.contains(self.now) {
            let text = format!("{} is not in force at {}", self.regime.id, self.now);
            return Standing::NotCovered(vec![Step::new(text, "its dates")]);
        }
        let node = Node::Person(person.clone());
        if let Some(path) = self.reach.established.get(&node) {
            return Standing::Covered(path.clone());
        }
        if let Some(step) = judge::connected(self.regime, connection, self.now, Belief::Established)
        {
            return Standing::Covered(vec![step]);
        }
        if let Some(path) = self.reach.possible.get(&node) {
            return Standing::Unknown(path.clone());
        }
        if let Some(step) = judge::connected(self.regime, connection, self.now, Belief::Possible) {
            return Standing::Unknown(vec![step]);
        }
        match self.register.people.get(person) {
            Some(person) => {
                Standing::NotCovered(judge::why_not_covered(self.regime, person, self.now))
            }
            None => Standing::Unknown(vec![Step::new(
                format!("{person} is not in the people register"),
                "the people register",
            )]),
        }
    }

    /// Whether it is established that the person is a home person of the regime.
    pub fn is_home_person(&self, person: &PersonId) -> bool {
        self.register.people.get(person).is_some_and(|person| {
            judge::home_person(self.regime, person, self.now, Belief::Possible).is_some()
        })
    }

    /// Whether it is established that the person lives and works at the regime's home and is not
    /// covered: the people who may stand for the home in a quorum.
    pub fn is_at_home(&self, person: &PersonId) -> bool {
        let Some(facts) = self.register.people.get(person) else {
            return false;
        };
        let home =
            |place: Option<&Jurisdiction>| place.is_some_and(|p| self.regime.home.contains(p));
        home(facts.residence.as_ref().and_then(|fact| fact.at(self.now)))
            && home(facts.office.as_ref().and_then(|fact| fact.at(self.now)))
            && !self
                .reach
                .possible
                .contains_key(&Node::Person(person.clone()))
    }
}
