//! How much each decision without an outcome may have released.

use std::collections::BTreeMap;

use record::Body;

/// The most that may have left under a decision.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub session: u64,
    pub number: u64,
    pub rows_until: u64,
    pub bytes_until: u64,
}

/// Decisions without an outcome.
#[derive(Default)]
pub(super) struct Released {
    by_statement: BTreeMap<(u64, u64), u64>,
    by_index: BTreeMap<u64, Open>,
}

impl Released {
    pub fn take(&mut self, index: u64, body: &Body) {
        if let Body::Decision(decision) = body {
            let open = Open {
                session: decision.session,
                number: decision.number,
                rows_until: decision.rows_until,
                bytes_until: decision.bytes_until,
            };
            self.by_statement.insert((open.session, open.number), index);
            self.by_index.insert(index, open);
        } else if let Body::Reservation(more) = body {
            let index = self.by_statement.get(&(more.session, more.number));
            if let Some(open) = index.and_then(|index| self.by_index.get_mut(index)) {
                open.rows_until = open.rows_until.max(more.rows_until);
                open.bytes_until = open.bytes_until.max(more.bytes_until);
            }
        } else if let Body::Outcome(outcome) = body {
            let index = self.by_statement.remove(&(outcome.session, outcome.number));
            if let Some(index) = index {
                self.by_index.remove(&index);
            }
        }
    }

    pub fn of(&self, index: u64) -> Option<Open> {
        self.by_index.get(&index).copied()
    }
}
