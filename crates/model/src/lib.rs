//! Plain types that every other crate speaks in: people, organisations, jurisdictions, datasets,
//! labels, masks, grants, views.
//!
//! This crate holds no policy and makes no decision. It never reads a file, a clock, a socket or
//! randomness, and knows neither serde nor YAML: time is an argument, text comes in as `&str`.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod action;
mod dataset;
mod delegation;
mod diagnostic;
mod fact;
mod grant;
mod id;
mod jurisdiction;
mod label;
mod mask;
mod organisation;
mod person;
mod predicate;
mod purpose;
mod refusal;
mod register;
mod residency;
mod session;
mod share;
mod time;
mod view;

pub use action::Action;
pub use dataset::{
    Dataset, Field, FieldReference, Observe, PublicWhen, Residence, ResidencyEvidence, Store,
    Subject, SubjectPath, Subjects,
};
pub use delegation::Delegation;
pub use diagnostic::{Diagnostic, Gap, GapKind, Severity};
pub use fact::Fact;
pub use grant::{Approval, Assessment, Grant, GrantKind, GrantScope, ServiceAudience, SubjectSet};
pub use id::{
    AssessmentId, BadId, DatasetId, DomainId, FieldName, FlowId, GrantId, ListId, OrganisationId,
    PersonId, PolicyId, PurposeId, ReasonCode, RecipientClass, RegimeId, ServiceId, SessionId,
    StoreId, TeamId,
};
pub use jurisdiction::{Jurisdiction, UnknownJurisdiction};
pub use label::{DataCategory, LegalCategory, Level, UnknownLabel};
pub use mask::{Mask, MaskKind, MaskProblem, Precision, TypeFamily};
pub use organisation::{Holding, Organisation, Owner, Ownership, Rest};
pub use person::{Employer, HomeStatus, Person, Role, StatusKind};
pub use predicate::{Comparison, Literal, Predicate};
pub use purpose::{Exemption, Purpose, TransactionType};
pub use refusal::{Refusal, RefusalEntry, refusals};
pub use register::Register;
pub use residency::{Residency, RowClass};
pub use session::{Asker, Connection, Session, Strength};
pub use share::{BadShare, Share};
pub use time::{BadTime, Timestamp};
pub use view::{Cell, FieldView, Rows, Verdict, View};
