//! What tests share: a people register from a few lines of text, generated worlds, and a bench
//! that runs alternatives in turn.
//!
//! Only `tests/` and `benches/` depend on it, and it depends on `model` alone, so it can never
//! know more than the plain types.

mod bench;
mod finder;
mod long;
mod register;
pub mod statements;
mod worlds;

pub use bench::{Contender, Report, interleave};
pub use finder::Finder;
pub use long::{cases, is_long};
pub use register::{BadLine, END, NOW, fact, register};
pub use worlds::{Generated, World, dataset, grant, world};
