//! What must not be shown while witnesses have been away for too long.

use model::{Level, Refusal, Verdict};
use policy::Permit;

use super::Session;
use crate::problem::Problem;

impl Session {
    /// Clear views of sensitive data are held back while no witness has seen the log for longer than
    /// `unwitnessed_s` of cordon.toml: until then the operator alone could still make the log forget
    /// them. Masked views and what is not sensitive go on.
    pub(super) fn refuse_unwitnessed(&self, permit: &Permit) -> Result<(), Problem> {
        let log = self.gate.recorder().log();
        if log.may_release_sensitive(self.gate.now_ms()).is_allowed() {
            return Ok(());
        }
        let decider = self.world.enforcer().decider();
        for (id, interned) in &permit.decision().views {
            let dataset = decider.dataset(id);
            for (name, field) in &interned.view.fields {
                let shows = |verdict: Verdict| verdict == Verdict::Clear;
                let is_clear = field
                    .cells
                    .values()
                    .any(|cell| shows(cell.verdict) || !cell.clear_for.is_empty());
                // What the catalogue does not know is of the strictest level.
                let level = dataset
                    .and_then(|dataset| dataset.fields.iter().find(|field| field.name == *name))
                    .map_or(Level::Restricted, model::Field::level);
                if is_clear && level >= Level::Sensitive {
                    let about = format!("`{name}` of {}", id.collection());
                    return Err(Problem::refusal(Refusal::RecordUnwitnessed, &about));
                }
            }
        }
        Ok(())
    }
}
