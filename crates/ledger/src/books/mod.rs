//! The books: a control log and access logs as a deployment keeps them, over the log of opaque bytes.

mod access;
mod anchor;
mod control;
mod erase;
mod follow;
mod freshness;
mod judge;
mod keys;
mod lost;
mod pen;
mod published;
mod release;
mod rounds;
mod settings;
mod sign_of_life;
mod states;
mod wait;

pub use access::AccessLog;
pub use anchor::Anchored;
pub use control::ControlLog;
pub use erase::{Assurance, ErasureOrder, ErasureReport};
pub use follow::FollowControl;
pub use freshness::Freshness;
pub use keys::{Keys, PayloadKey};
pub use release::{Lag, Release};
pub use settings::{Books, BooksSettings};
pub use states::ControlView;
