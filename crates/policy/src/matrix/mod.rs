//! The whole meaning of a bundle as a table: person kind x level x residency x action.

mod compare;
mod kinds;
mod text;

use std::collections::BTreeMap;

use model::{Action, Level, PersonId, RegimeId, Residency, TeamId, Verdict};

pub use compare::{Difference, compare};

/// What everybody may do with data of each level and residency, without any grant, with two
/// factors, from their own desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// The residencies, in the order of the columns.
    pub residencies: Vec<Residency>,
    /// People with the same facts and the same rights.
    pub kinds: Vec<Kind>,
}

/// People who differ in nothing that policies know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// What they have in common.
    pub facts: KindFacts,
    /// Who they are.
    pub people: Vec<PersonId>,
    /// What they may do.
    pub cells: BTreeMap<(Level, Residency), Cells>,
}

/// What makes a kind of person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KindFacts {
    /// Under which regimes it is established that they are not covered.
    pub not_covered_by: Vec<RegimeId>,
    /// Under which regimes they are covered, and under which nobody can tell.
    pub covered: Vec<(RegimeId, bool)>,
    /// At which regimes' home they live and work.
    pub at_home_of: Vec<RegimeId>,
    /// Their teams.
    pub teams: Vec<TeamId>,
}

/// The answers for one level and residency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cells {
    /// What is seen of a field that has a mask; hidden where rows are not seen.
    pub seen: Verdict,
    /// Whether rows are known of.
    pub rows: bool,
    /// Whether an approval could show it in clear.
    pub may_ask: bool,
    /// Every other action: allowed, to be asked for, or refused.
    pub actions: BTreeMap<Action, Leave>,
}

/// Whether an action is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leave {
    /// No approval opens it.
    Refused,
    /// An approval could open it.
    MayAsk,
    /// It is allowed.
    Allowed,
}
