//! The policies, compiled and strictly validated, and the one question they are asked.

mod compile;
mod facts;
mod names;
mod place;
mod source;

pub(crate) use compile::Answer;
pub use compile::{Engine, PolicyText, SCHEMA};
pub(crate) use facts::{
    ApproverFacts, AssessmentFacts, CellFacts, GrantFacts, Principal, PrincipalFacts,
    ResourceFacts, Situation, Slots,
};
pub use source::{Source, Tier};
