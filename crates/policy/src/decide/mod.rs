//! The decision: who asks, for what, whose data it is, and what may be seen.

mod answer;
mod ask;
mod case;
mod class;
mod decider;
mod decision;
mod domain;
mod draft;
mod drafter;
mod grants;
mod hint;
mod observe;
mod permit;
mod person;
mod question;
mod residency;
mod rights;
mod settle;
mod world;

pub use ask::{Ask, Asked, DatasetAsk, FieldsAsked};
pub(crate) use class::Asker;
pub use decider::Decider;
pub use decision::{
    ActionAnswer, Because, CellReason, Decision, DecisionId, InternedView, Observed, Outcome,
    Refused, RowsReason, StandingUnder,
};
pub use hint::Hint;
pub use permit::Permit;
pub(crate) use person::Resolved;
pub use question::Settled;
pub(crate) use residency::home_of;
pub use rights::Rights;
pub use world::{RulesFile, World, WorldError};
