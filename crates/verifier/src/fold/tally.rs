//! What is counted in every log, and what an entry that cannot be read means.

use std::collections::BTreeMap;

use record::{Body, Cause, Entry, Malformed, StopReason};

use crate::Code;
use crate::finding::{At, Findings};

/// Counts over the entries of one log.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub kinds: BTreeMap<&'static str, u64>,
    pub first_time_ms: Option<u64>,
    pub last_time_ms: Option<u64>,
    /// The most of the control log that an entry cites.
    pub control_size: u64,
    evaluation: u64,
    observed: u64,
    signed_by_people: u64,
}

impl Tally {
    pub fn take(&mut self, index: u64, entry: &Entry, findings: &mut Findings) {
        *self.kinds.entry(entry.kind().name).or_default() += 1;
        self.first_time_ms.get_or_insert(entry.time_ms);
        self.last_time_ms = Some(entry.time_ms);
        self.control_size = self.control_size.max(entry.control_size);
        self.evaluation += u64::from(entry.marks.evaluation);
        let endorsed = entry.body.endorsed();
        self.signed_by_people += endorsed.map_or(0, |endorsed| endorsed.by.len() as u64);
        if let Body::Decision(body) = &entry.body {
            self.observed += u64::from(body.observed);
        }
        if let Body::Start(body) = &entry.body
            && !body.clean
        {
            let text = "a writer began here; the one before it had not stopped as asked";
            findings.add(Code::WriterRestarted, At::Entry(index), text);
        }
        if let Body::Stop(body) = &entry.body
            && body.reason != StopReason::Asked
        {
            let text = format!("the writer ended with `{}`", body.reason);
            findings.add(Code::WriterFailed, At::Entry(index), text);
        }
    }

    pub fn finish(&self, findings: &mut Findings) {
        if self.evaluation > 0 {
            let text = format!("{} entries are marked as an evaluation", self.evaluation);
            findings.add(Code::Evaluation, At::Log, text);
        }
        if self.observed > 0 {
            let text = format!(
                "observe mode let something pass in {} decisions",
                self.observed
            );
            findings.add(Code::Observed, At::Log, text);
        }
        if self.signed_by_people > 0 {
            let text = format!(
                "{} signatures of people are cited; this program does not verify them yet",
                self.signed_by_people
            );
            findings.add(Code::PeopleUnchecked, At::Log, text);
        }
    }
}

/// What is said where a fold ends before its log.
pub(crate) const fn stop_text() -> &'static str {
    "whether entries follow from those before them was judged up to here and no further"
}

/// A newer format is not an offence; anything else that is no entry is.
pub(crate) const fn unreadable_code(malformed: &Malformed) -> Code {
    match malformed.cause {
        Cause::UnknownKey(_)
        | Cause::UnknownWord(_)
        | Cause::Version(_)
        | Cause::Kind(_)
        | Cause::Mark
        | Cause::UnknownField(_) => Code::EntryUnknown,
        Cause::EndsEarly
        | Cause::Trailing
        | Cause::NotShortest
        | Cause::Indefinite
        | Cause::Reserved
        | Cause::Wanted(_)
        | Cause::NotText
        | Cause::BadText(_)
        | Cause::BadNumber(_)
        | Cause::Order
        | Cause::MissingKey { .. }
        | Cause::MissingField { .. }
        | Cause::TooMany { .. }
        | Cause::TooLarge { .. }
        | Cause::NotCanonical => Code::EntryUnreadable,
    }
}
