//! From durable to published to witnessed: tiles, bundles, signed checkpoints, cosignatures.

mod publisher;
mod thread;
mod tiles;
mod witness;

pub use publisher::Publisher;
pub(crate) use publisher::{Latest, names_of};
pub(crate) use thread::{Bell, publish_loop, witness_loop};
pub(crate) use witness::Witnesses;
pub use witness::{Cosign, CosignRefused};
