//! Writes: only by who may write the dataset, only from what is seen clear and whole, and never
//! into a lower level.

use model::{Level, Refusal};

use super::{Plans, Views};
use crate::error::Refused;
use crate::resolve::{Context, Resolution, Role};
use crate::tree::Statement;

/// Checks a statement that writes; any other passes.
pub(super) fn check(
    statement: &Statement,
    resolution: &Resolution,
    context: &Context<'_>,
    views: &Views,
    plans: &Plans<'_>,
) -> Result<(), Refused> {
    let mut is_write = false;
    for used in &resolution.uses {
        if used.role == Role::Write {
            is_write = true;
            if !views.writable.contains(&used.dataset) {
                return Err(Refused::new(
                    Refusal::ActionNotAllowed,
                    format!("writing `{}`", used.alias),
                ));
            }
        }
    }
    if !is_write {
        return Ok(());
    }
    if matches!(statement, Statement::Explain(_)) {
        return Err(Refused::new(
            Refusal::StatementNotAllowed,
            "EXPLAIN of anything but a query",
        ));
    }
    let mut read = Level::Public;
    for (index, used) in resolution.uses.iter().enumerate() {
        let is_clear = plans.of(index).is_some_and(super::Plan::is_clear);
        if !is_clear {
            return Err(Refused::new(
                Refusal::WriteReadsMasked,
                format!("`{}`", used.alias),
            ));
        }
        let bound = context.binding.tables.get(&used.dataset);
        for field in &used.fields {
            let level = bound
                .and_then(|bound| bound.fields.get(field))
                .map_or(Level::Restricted, |field| field.level);
            let is_only_written = resolution
                .writes
                .iter()
                .any(|write| write.dataset == used.dataset && write.field == *field)
                && used.role == Role::Write
                && !used.read.contains(field);
            if !is_only_written {
                read = read.max(level);
            }
        }
    }
    for write in &resolution.writes {
        let level = context
            .binding
            .tables
            .get(&write.dataset)
            .and_then(|bound| bound.fields.get(&write.field))
            .map_or(Level::Public, |field| field.level);
        if level < read {
            return Err(Refused::new(
                Refusal::WriteDown,
                format!(
                    "into `{}`, of level {level}, from level {read}",
                    write.field
                ),
            ));
        }
    }
    Ok(())
}
