//! A witness: cosigns a log's checkpoint only if it extends the last one that it cosigned, and keeps
//! every checkpoint it cosigned and every signed request it refused (C2SP tlog-witness).
//!
//! It never cosigns before its own record is durable, never two checkpoints of one log that
//! contradict each other, and never goes on blind: it refuses to start without the state it once had,
//! with a clock that ran back, or beside another of its kind, and it stops when its disk fails. It
//! learns nothing about entries; no policy and no C code is in it.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod answer;
mod durable;
mod error;
mod event;
mod evidence;
mod history;
mod key_file;
mod limits;
mod log_record;
mod marker;
mod server;
mod settings;
mod state;
mod status;
mod witness;

pub use answer::Answer;
pub use error::WitnessError;
pub use event::Say;
pub use evidence::{Kind, Refused};
pub use key_file::{create_key, read_key};
pub use limits::{EVIDENCE_FILES_MAX, FORK_FILES_MAX, REQUEST_BYTES_MAX};
pub use server::{Clock, serve, system_clock};
pub use settings::{LogStart, Settings};
pub use status::{LogStatus, Status, read_status};
pub use witness::Witness;
