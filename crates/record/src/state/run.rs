//! Start, stop and heartbeat in the control log.

use super::{Refused, State};
use crate::body::{Heartbeat, Start};
use crate::entry::Entry;
use crate::kind::Body;

impl State {
    /// The first entry is a start, and so is the one after a stop.
    pub(super) fn check_running(&self, entry: &Entry) -> Result<(), Refused> {
        if matches!(entry.body, Body::Start(_)) {
            Ok(())
        } else if self.facts.log.is_none() {
            Err(Refused::NotStarted)
        } else if self.facts.stopped {
            Err(Refused::Stopped)
        } else {
            Ok(())
        }
    }

    pub(super) fn check_start(&self, body: &Start) -> Result<(), Refused> {
        if let Some(expected) = &self.facts.log
            && *expected != body.log
        {
            return Err(Refused::OtherLog {
                expected: expected.clone(),
                claimed: body.log.clone(),
            });
        }
        let is = self.facts.log.is_none() || self.facts.stopped;
        if is != body.clean {
            return Err(Refused::NotClean {
                is,
                claimed: body.clean,
            });
        }
        Ok(())
    }

    pub(super) fn check_heartbeat(&self, body: &Heartbeat) -> Result<(), Refused> {
        let Some(claimed) = body.state else {
            return Ok(());
        };
        let is = self.hash();
        if is == claimed {
            Ok(())
        } else {
            Err(Refused::OtherState { is, claimed })
        }
    }
}
