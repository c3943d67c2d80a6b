//! What a stranger runs: verifies logs of Cordon on a copied directory or over HTTP, shows their
//! entries, makes and checks proofs.
//!
//! Everything is read and hashed again; nothing that a log says of itself is believed. It never
//! writes into a log, never needs the gate or its secrets, never follows a link to anywhere else,
//! and says what it could not tell. It decides nothing again (that is replay) and verifies no
//! signature of a person yet.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod anchors;
mod clock;
mod code;
mod entry;
mod error;
mod finding;
mod fold;
mod heads;
mod log_name;
mod payload;
mod report;
mod source;
mod terms;
mod verify;
mod vouching;
mod walk;

pub use code::{Code, Severity};
pub use entry::{Proved, Reader, Shown, Tail, check_proof, prove};
pub use error::Error;
pub use finding::Finding;
/// So that who gives keys and policies needs no other crate.
pub use merkle::{Policy, SignedCheckpoint, VerifierKey};
pub use payload::{Export, ExportHead, Found, PayloadLine};
pub use report::{LogReport, PayloadCounts, Report, Verdict, Witnessed};
pub use source::{DirectorySource, HttpSource, MemorySource, Source, open};
pub use terms::{Terms, checkpoint_of, keys_of, policy_of};
pub use verify::{Progress, verify};
