//! The `cordon:` blocks: what a manifest says that Fides has no words for.
//!
//! Unlike Fides' own keys, every key in a block must be known.

mod collection;
mod condition;
mod field;
mod manifest;
mod mask;
mod subjects;

pub(crate) use collection::CollectionBlock;
pub(crate) use condition::Condition;
pub(crate) use field::{FieldBlock, FieldCondition};
pub(crate) use manifest::ManifestBlock;
pub(crate) use mask::written as written_mask;
pub(crate) use subjects::{PathBlock, SubjectBlock, SubjectsBlock};

use crate::entry::{Faults, Keys};

/// The block of a dataset, collection or field, with all its keys known.
fn open<'n>(keys: &Keys<'n>, known: &[&str], faults: &mut Faults) -> Option<Keys<'n>> {
    let block = keys.get("cordon")?.keys(faults)?;
    block.deny_unknown(known, faults);
    Some(block)
}
