//! The fold over an access log: numbering, reservations, outcomes.

use record::{Entry, Trail};

use super::irregular::code_of;
use super::released::Released;
use crate::Code;
use crate::finding::{At, Findings};

/// An access log while it is folded.
#[derive(Default)]
pub(crate) struct AccessFold {
    trail: Trail,
    released: Released,
    stopped: bool,
}

impl AccessFold {
    pub fn take(&mut self, index: u64, entry: &Entry, findings: &mut Findings) {
        if self.stopped {
            return;
        }
        self.released.take(index, &entry.body);
        if let Err(irregular) = self.trail.apply(index, entry) {
            findings.add(code_of(&irregular), At::Entry(index), irregular.to_string());
        }
    }

    /// What stands after an entry that cannot be read would look as if it were wrong.
    pub fn stop(&mut self, index: u64, findings: &mut Findings) {
        if !self.stopped {
            self.stopped = true;
            findings.add(Code::FoldStopped, At::Entry(index), super::stop_text());
        }
    }

    /// The name that the entries claim.
    pub fn name(&self) -> Option<String> {
        self.trail.log().map(ToString::to_string)
    }

    pub fn finish(&self, findings: &mut Findings) {
        for index in self.trail.without_outcome() {
            let text = match self.released.of(index) {
                Some(open) => format!(
                    "statement {} of session {} has no outcome and will have none; at most {} rows \
                     and {} bytes left",
                    open.number, open.session, open.rows_until, open.bytes_until
                ),
                None => "the decision has no outcome and will have none".to_owned(),
            };
            findings.add(Code::OutcomeMissing, At::Entry(index), text);
        }
        let open = self.trail.open_decisions().count();
        if open > 0 {
            let text = format!("{open} decisions of open sessions have no outcome yet");
            findings.add(Code::DecisionOpen, At::Log, text);
        }
    }
}
