//! Decides what may be seen: given who asks, what is asked for and whose data it is.
//!
//! Regimes set the floor, compiled-in house rules and the deployment's Cedar policies stand on it,
//! grants open what they name, the ladder says what to ask for. This crate does no IO, reads no
//! clock and knows no SQL; it alone makes a [`Permit`].
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod cedar;
mod covered;
mod decide;
mod error;
mod hash;
mod ladder;
mod matrix;
mod regime;

pub use cedar::{Engine, PolicyText, SCHEMA, Tier};
pub use covered::{Coverage, Reach, Standing, Step};
pub use decide::{
    ActionAnswer, Ask, Asked, Because, CellReason, DatasetAsk, Decider, Decision, DecisionId,
    FieldsAsked, Hint, InternedView, Observed, Outcome, Permit, Refused, Rights, RowsReason,
    RulesFile, Settled, StandingUnder, World, WorldError,
};
pub use error::Failure;
pub use hash::Hash;
pub use ladder::{AllowList, Factor, Flow, Ladder, Rung, SHIPPED_LADDER, read_ladder};
pub use matrix::{Cells, Difference, Kind, KindFacts, Leave, Matrix, compare as compare_matrices};
pub use regime::{
    Clock, CountryOfConcern, CoveredRule, CoveredRules, HomePersonRule, Period, Regime, SHIPPED,
    Shipped, Threshold, read_regime,
};
