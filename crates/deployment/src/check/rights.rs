//! Grants, held against the ladder and the limits of break-glass.

use model::GrantKind;
use policy::Ladder;

use crate::notes::Notes;
use crate::rights::PlacedGrant;

/// Source: design.md section 7: break-glass lasts half an hour.
const BREAK_GLASS_MINUTES_MAX: i64 = 30;

/// Whether each grant is short enough for the way it came about.
pub(crate) fn grants(grants: &[PlacedGrant], ladder: &Ladder, notes: &mut Notes) {
    for placed in grants {
        let grant = &placed.grant;
        let start = grant.start;
        match &grant.kind {
            GrantKind::BreakGlass(_) => {
                let latest = start.plus_seconds(BREAK_GLASS_MINUTES_MAX * 60);
                if grant.expires > latest {
                    let cause = format!(
                        "break-glass lasts {BREAK_GLASS_MINUTES_MAX} minutes at most, until {latest}"
                    );
                    let remedy = "write an earlier `expires`; for longer, ask for a grant";
                    notes.fault(placed.ends.error(cause, remedy));
                }
            }
            GrantKind::Ladder(id) => {
                let Some(flow) = ladder.flows.get(id) else {
                    continue;
                };
                let latest = start.plus_seconds(i64::from(flow.hours_max) * 3_600);
                if grant.expires > latest {
                    let cause = format!(
                        "a grant of the flow `{id}` lasts {} hours at most, until {latest}",
                        flow.hours_max
                    );
                    notes.fault(placed.ends.error(cause, "write an earlier `expires`"));
                }
            }
        }
    }
}
