//! The deployment's policies, compiled once so that their faults are told with all others.

use model::Diagnostic;
use policy::{Decider, World};

use crate::check;
use crate::layout::Layout;
use crate::notes::Notes;

/// Compiles the policies. Names are looked up only where the people are known.
pub(super) fn check(world: &World, people_known: bool, notes: &mut Notes) {
    if world.rules.is_empty() {
        notes.warn(Diagnostic::error(
            Layout::POLICY,
            "there is no policy, so nobody is permitted anything",
            "write one, e.g. policy/rules.cedar",
        ));
    }
    match Decider::new(world.clone()) {
        Ok(decider) => {
            notes.warnings.extend(decider.warnings().iter().cloned());
            if people_known {
                check::policies(decider.engine(), world, notes);
            }
        }
        Err(error) => notes.faults.extend(error.0),
    }
}
