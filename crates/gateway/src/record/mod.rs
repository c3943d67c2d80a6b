//! What the gateway writes into its access log, and what may be released by it.

mod decision;
mod recorder;
mod release;
mod session;

pub(crate) use decision::Facts;
pub use recorder::Recorder;
pub(crate) use recorder::{Reserved, Reserving};
pub(crate) use release::{Releasing, Running};
pub(crate) use session::{Opened, SessionBook};
