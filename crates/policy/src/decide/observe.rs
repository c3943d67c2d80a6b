//! Observe mode: what would be masked passes and is recorded; the floor still enforces.

use model::{Dataset, Rows, Timestamp, Verdict};

use super::decision::{Because, Observed};
use super::draft::{Draft, Limit};

/// Lifts a draft to what the floor alone would leave, if the dataset is observed now.
pub(super) fn lift(dataset: &Dataset, draft: &mut Draft, now: Timestamp) -> Vec<Observed> {
    let mut observed = Vec::new();
    if !dataset.observe.is_some_and(|observe| observe.is_on(now)) {
        return observed;
    }
    let note = |field, rows, would_be| Observed {
        dataset: dataset.id.clone(),
        field,
        rows,
        would_be,
    };
    for (class, reason) in &mut draft.rows {
        if reason.rows != Rows::Seen && !draft.rows_floor.contains(class) {
            observed.push(note(None, class.clone(), Verdict::Hidden));
            reason.rows = Rows::Seen;
        }
    }
    for (name, cells) in &mut draft.cells {
        for (class, cell) in cells {
            let limit = draft.limits.get(&(name.clone(), class.clone()));
            let most = limit.copied().unwrap_or(Limit::NOTHING).floor_leaves;
            if cell.verdict < most {
                observed.push(note(Some(name.clone()), class.clone(), cell.verdict));
                cell.because = Because::Observed(cell.verdict);
                cell.verdict = most;
                cell.clear_for.clear();
            }
        }
    }
    observed
}
