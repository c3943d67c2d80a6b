//! The store of payloads: what stands behind an entry's commitments, encrypted, and erasable where
//! its retention class allows.
//!
//! A payload is found by its entry's index and its field. It is written with its entry, in the same
//! commit, and nobody is answered before both are durable. Each is encrypted under a key made for its
//! retention class and scope (a person, or a day); those keys lie in a table, wrapped under the
//! deployment's payload key. Erasing overwrites the payload, or the key of a whole scope, where it lies.
//!
//! LIMIT: overwriting in place destroys what the file system and the device keep in place. Snapshots,
//! copy-on-write file systems, flash wear and backups keep older copies; what was encrypted under a
//! key that is destroyed in all copies of the table is gone from those too.

mod erase;
mod file;
mod keys;
mod live;
mod look;
mod sealed;
mod vault;
mod whole;

pub use erase::{Erased, Erasure};
pub use look::PayloadReader;
pub(crate) use vault::Vault;

use std::fmt;

use record::Class;

/// Salt and bytes behind one commitment of an entry.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    /// The entry's field it belongs to.
    pub field: u16,
    /// How long it must be kept.
    pub class: Class,
    /// Whose key encrypts it.
    pub scope: Scope,
    /// The commitment's salt.
    pub salt: [u8; 32],
    /// The bytes committed to.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Payload {
    /// Without salt and bytes: they are what must not end up in a program's own log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload")
            .field("field", &self.field)
            .field("class", &self.class)
            .field("length", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// What one key encrypts, within a retention class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The payloads of one UTC day, counted from 1970.
    Day(u32),
    /// The payloads about one subject, by its pseudonymous reference.
    Subject([u8; 32]),
}

impl Scope {
    /// The day of a time in milliseconds since 1970.
    pub fn day_of(time_ms: u64) -> Self {
        Self::Day(u32::try_from(time_ms / 86_400_000).unwrap_or(u32::MAX))
    }
}

/// What the store says of one payload.
#[derive(Clone, PartialEq, Eq)]
pub enum Found {
    /// It is there and decrypts.
    Present {
        /// The commitment's salt.
        salt: [u8; 32],
        /// The bytes committed to.
        bytes: Vec<u8>,
    },
    /// It was erased.
    Erased {
        /// By the erasure with this index in the control log.
        by: u64,
    },
    /// It is not there, and no erasure says why.
    Missing,
    /// It is there and is not what was written, or does not fit the commitment.
    Mismatch,
}

impl fmt::Debug for Found {
    /// Without salt and bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present { bytes, .. } => write!(f, "Present({} bytes)", bytes.len()),
            Self::Erased { by } => write!(f, "Erased(by {by})"),
            Self::Missing => f.write_str("Missing"),
            Self::Mismatch => f.write_str("Mismatch"),
        }
    }
}

/// The number of a class in the store's files. It never changes.
fn number_of(class: Class) -> u8 {
    match class {
        Class::Party => 1,
        Class::Purpose => 2,
        Class::Volume => 3,
        Class::Method => 4,
        Class::Approval => 5,
        Class::Literal => 6,
        Class::Subject => 7,
    }
}

fn class_of(number: u8) -> Option<Class> {
    let mut all = Class::ALL.iter().copied();
    all.find(|class| number_of(*class) == number)
}
