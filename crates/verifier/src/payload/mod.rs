//! Payloads that were disclosed, and what follows about each commitment.

mod export;
mod line;
mod verdict;

pub use export::Export;
pub use line::{ExportHead, Found, PayloadLine};
pub(crate) use verdict::{Erasures, Ordered, Verdicts};
