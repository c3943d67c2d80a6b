//! Access logs in the control log's book, and orders to destroy payloads.

use super::facts::{LogFacts, LogStatus};
use super::{Refused, State};
use crate::body::{Anchor, Erasure, LogClose, LogLost, LogOpen};
use crate::commitment::Field;
use crate::entry::Entry;
use crate::fixed::Digest;
use crate::kind::Kind;
use crate::name::LogName;

impl State {
    pub(super) fn check_log_open(&self, body: &LogOpen) -> Result<(), Refused> {
        let is_this = self.facts.log.as_ref() == Some(&body.log);
        if is_this || self.facts.logs.contains_key(&body.log) {
            return Err(Refused::LogTwice(body.log.clone()));
        }
        let Some(lost) = &body.replaces else {
            return Ok(());
        };
        let facts = self.log_that_is(lost, LogStatus::Lost)?;
        if facts.replaced_by.is_some() {
            return Err(Refused::ReplacedAlready(lost.clone()));
        }
        Ok(())
    }

    pub(super) fn check_anchor(&self, body: &Anchor) -> Result<(), Refused> {
        let facts = self.log_that_is(&body.log, LogStatus::Open)?;
        grows(&body.log, facts, body.size, body.root)?;
        if body.witnessed_size < facts.witnessed_size || body.witnessed_size > body.size {
            return Err(Refused::Witnessed {
                log: body.log.clone(),
                witnessed: body.witnessed_size,
            });
        }
        Ok(())
    }

    pub(super) fn check_log_close(&self, body: &LogClose) -> Result<(), Refused> {
        let facts = self.log_that_is(&body.log, LogStatus::Open)?;
        grows(&body.log, facts, body.size, body.root)
    }

    /// Witnesses may have cosigned more than the last anchor says, never less.
    pub(super) fn check_log_lost(&self, body: &LogLost) -> Result<(), Refused> {
        let facts = self.log_that_is(&body.log, LogStatus::Open)?;
        if body.witnessed_size < facts.witnessed_size {
            return Err(Refused::Witnessed {
                log: body.log.clone(),
                witnessed: body.witnessed_size,
            });
        }
        Ok(())
    }

    pub(super) fn check_erasure(&self, body: &Erasure, entry: &Entry) -> Result<(), Refused> {
        self.check_constituted(entry)?;
        self.check_signers(&body.by)?;
        if body.fields.is_empty() {
            return Err(Refused::Empty("field"));
        }
        let size = if self.facts.log.as_ref() == Some(&body.log) {
            self.facts.size
        } else {
            let facts = self.facts.logs.get(&body.log);
            facts.ok_or_else(|| Refused::NoLog(body.log.clone()))?.size
        };
        if body.index >= size {
            return Err(Refused::NotAnchored {
                log: body.log.clone(),
                index: body.index,
            });
        }
        for field in &body.fields {
            self.check_erasable(body, *field)?;
        }
        Ok(())
    }

    fn check_erasable(&self, body: &Erasure, field: u64) -> Result<(), Refused> {
        let kind = Kind::numbered(body.kind);
        let number = u16::try_from(field).ok().map(Field);
        let found = kind.and_then(|kind| Some((kind, kind.field(number?)?)));
        let Some((kind, committed)) = found else {
            return Err(Refused::NoField {
                kind: body.kind,
                field,
            });
        };
        if !committed.class.may_erase() {
            return Err(Refused::Locked {
                kind: kind.name,
                field: committed.name,
                class: committed.class,
            });
        }
        match self.erased_by(&body.log, body.index, committed.field) {
            Some(by) => Err(Refused::ErasedAlready { field, by }),
            None => Ok(()),
        }
    }

    fn log_that_is(&self, log: &LogName, needed: LogStatus) -> Result<&LogFacts, Refused> {
        let facts = self.facts.logs.get(log);
        let facts = facts.ok_or_else(|| Refused::NoLog(log.clone()))?;
        if facts.status == needed {
            Ok(facts)
        } else {
            Err(Refused::LogIs {
                log: log.clone(),
                is: facts.status,
                needed,
            })
        }
    }
}

/// A log only grows, and at one size it has one root.
fn grows(log: &LogName, facts: &LogFacts, size: u64, root: Digest) -> Result<(), Refused> {
    if size < facts.size {
        return Err(Refused::Shrank {
            log: log.clone(),
            before: facts.size,
            now: size,
        });
    }
    if size == facts.size && facts.root.is_some_and(|before| before != root) {
        return Err(Refused::Forked(log.clone()));
    }
    Ok(())
}
