//! The statements that a link has prepared, under names of its own: exact text and types on one
//! side, `c1`, `c2`, ... on the other. A number is never used twice on a link.

use std::collections::HashMap;
use std::sync::Arc;

/// A statement that is prepared, or will be when what was written has reached the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// Its name on this link.
    pub name: Arc<str>,
    /// Whether it was prepared just now, so that the server still may refuse it.
    pub is_new: bool,
}

#[derive(Debug)]
struct Entry {
    types: Box<[u32]>,
    number: u64,
    name: Arc<str>,
    used: u64,
}

/// What to do for a statement.
pub(super) struct Plan {
    pub(super) prepared: Prepared,
    pub(super) number: u64,
}

/// The statements of one link.
#[derive(Debug)]
pub(super) struct Statements {
    known: HashMap<Box<str>, Vec<Entry>>,
    count: usize,
    count_max: usize,
    last_number: u64,
    clock: u64,
    /// Prepared at the server and not wanted any more.
    to_close: Vec<u64>,
}

pub(super) fn name(number: u64) -> String {
    format!("c{number}")
}

impl Statements {
    pub(super) fn new(count_max: usize) -> Self {
        Self {
            known: HashMap::new(),
            count: 0,
            count_max: count_max.max(1),
            last_number: 0,
            clock: 0,
            to_close: Vec::new(),
        }
    }

    /// Finds a statement, or makes room for it and a name.
    pub(super) fn plan(&mut self, sql: &str, types: &[u32]) -> Plan {
        self.clock = self.clock.saturating_add(1);
        let clock = self.clock;
        if let Some(entry) = self
            .known
            .get_mut(sql)
            .and_then(|list| list.iter_mut().find(|entry| *entry.types == *types))
        {
            entry.used = clock;
            return Plan {
                number: entry.number,
                prepared: Prepared {
                    name: Arc::clone(&entry.name),
                    is_new: false,
                },
            };
        }
        if self.count >= self.count_max {
            self.evict();
        }
        self.last_number = self.last_number.saturating_add(1);
        let number = self.last_number;
        let name: Arc<str> = name(number).into();
        self.known.entry(sql.into()).or_default().push(Entry {
            types: types.into(),
            number,
            name: Arc::clone(&name),
            used: clock,
        });
        self.count = self.count.saturating_add(1);
        Plan {
            number,
            prepared: Prepared { name, is_new: true },
        }
    }

    /// The one that was not used for longest goes. There are few, so looking at all is cheap beside
    /// the Parse that follows.
    fn evict(&mut self) {
        let oldest = self
            .known
            .values()
            .flatten()
            .min_by_key(|entry| entry.used)
            .map(|entry| entry.number);
        if let Some(number) = oldest {
            self.remove(|entry| entry.number == number);
            self.to_close.push(number);
        }
    }

    /// Forgets a statement by its name and has it closed.
    pub(super) fn forget(&mut self, name: &str) {
        if let Some(number) = self.remove(|entry| *entry.name == *name) {
            self.to_close.push(number);
        }
    }

    /// Forgets a statement that never came to be.
    pub(super) fn forget_unprepared(&mut self, number: u64) {
        self.remove(|entry| entry.number == number);
    }

    /// A Close that the server passed over.
    pub(super) fn close_again(&mut self, number: u64) {
        self.to_close.push(number);
    }

    /// What is to be closed with the next batch.
    pub(super) fn take_to_close(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.to_close)
    }

    fn remove(&mut self, is_it: impl Fn(&Entry) -> bool) -> Option<u64> {
        let mut removed = None;
        self.known.retain(|_, list| {
            if let Some(place) = list.iter().position(&is_it) {
                removed = Some(list.swap_remove(place).number);
            }
            !list.is_empty()
        });
        if removed.is_some() {
            self.count = self.count.saturating_sub(1);
        }
        removed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_text_and_types_are_the_key() {
        let mut statements = Statements::new(8);
        let first = statements.plan("select $1", &[23]).prepared;
        assert_eq!((&*first.name, first.is_new), ("c1", true));
        assert!(!statements.plan("select $1", &[23]).prepared.is_new);
        assert_eq!(&*statements.plan("select $1", &[25]).prepared.name, "c2");
        assert_eq!(&*statements.plan("select  $1", &[23]).prepared.name, "c3");
    }

    #[test]
    fn the_one_unused_for_longest_is_closed_and_its_name_not_used_again() {
        let mut statements = Statements::new(2);
        statements.plan("a", &[]);
        statements.plan("b", &[]);
        statements.plan("a", &[]);
        statements.plan("c", &[]);
        assert_eq!(statements.take_to_close(), [2]);
        assert!(!statements.plan("a", &[]).prepared.is_new);
        let again = statements.plan("b", &[]).prepared;
        assert_eq!((&*again.name, again.is_new), ("c4", true));
        assert_eq!(statements.take_to_close(), [3]);
    }

    #[test]
    fn what_is_forgotten_is_prepared_again() {
        let mut statements = Statements::new(2);
        statements.plan("a", &[]);
        statements.forget("c1");
        statements.forget("c1");
        assert_eq!(statements.take_to_close(), [1]);
        assert!(statements.plan("a", &[]).prepared.is_new);
        statements.forget_unprepared(2);
        assert_eq!(statements.take_to_close(), [] as [u64; 0]);
        assert_eq!(statements.count, 0);
    }
}
