//! The fold over the control log: what is in force after so many entries.
//!
//! No clock, no map order, no network: the same entries give the same state and the same hash for
//! everybody. An entry that does not follow is refused and changes nothing.

mod activation;
mod facts;
mod log;
mod refused;
mod request;
mod run;
mod settle;

use sha2::{Digest as _, Sha256};

pub use facts::{
    Approved, EmergencyFacts, GrantFacts, LogFacts, LogStatus, RequestFacts, RequestStatus, Version,
};
pub use refused::Refused;

use crate::body::Endorsement;
use crate::cbor::Reader;
use crate::commitment::Field;
use crate::entry::Entry;
use crate::fixed::Digest;
use crate::kind::{Body, Place};
use crate::malformed::Malformed;
use crate::name::LogName;
use crate::shape::Shape;
use crate::value::{Value, bytes_of};
use facts::{Facts, Used};

/// How many people must sign what changes the rules, at the very least. The constitution asks for
/// more where it wants to; source: policy.md, "every threshold at least 2".
const SIGNERS_MIN: usize = 2;

/// What is in force after the entries that were applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    facts: Facts,
}

/// What an entry does to a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It says something new.
    New,
    /// It repeats the entry of this index, which has the same idempotency key and says the same.
    /// A writer answers with that one and appends nothing; in a log it has no effect.
    Duplicate(u64),
}

impl State {
    /// The form of a snapshot, for the document.
    pub(crate) const SHAPE: &'static Shape = <Facts as Value>::SHAPE;

    /// Whether an entry may follow, for the writer to ask before it appends: nothing is changed.
    ///
    /// # Errors
    /// [`Refused`] when it may not.
    pub fn check(&self, index: u64, entry: &Entry) -> Result<Applied, Refused> {
        if index != self.facts.size {
            let expected = self.facts.size;
            return Err(Refused::Index { expected, index });
        }
        if entry.control_size > index {
            return Err(Refused::FromTheFuture {
                size: index,
                claimed: entry.control_size,
            });
        }
        if entry.kind().place == Place::Access {
            return Err(Refused::NotHere(entry.kind().name));
        }
        if self
            .facts
            .evaluation
            .is_some_and(|evaluation| evaluation != entry.marks.evaluation)
        {
            return Err(Refused::EvaluationMark);
        }
        self.check_running(entry)?;
        if let Some(applied) = self.check_repeated(entry)? {
            return Ok(applied);
        }
        self.check_body(entry)?;
        Ok(Applied::New)
    }

    /// Applies the entry of the next index.
    ///
    /// # Errors
    /// [`Refused`] when it does not follow; the state is then as it was.
    pub fn apply(&mut self, index: u64, entry: &Entry) -> Result<Applied, Refused> {
        let applied = self.check(index, entry)?;
        if applied == Applied::New {
            self.settle(index, entry);
        }
        self.facts.size = index.saturating_add(1);
        Ok(applied)
    }

    /// SHA-256 of `cordon/state/v1`, a line feed and the canonical bytes of the state.
    pub fn hash(&self) -> Digest {
        let mut hasher = Sha256::new();
        hasher.update(b"cordon/state/v1\n");
        hasher.update(self.encode());
        Digest::new(hasher.finalize().into())
    }

    /// The canonical bytes, for a snapshot. A snapshot is a cache: it is worth what its hash is,
    /// which heartbeats record.
    pub fn encode(&self) -> Vec<u8> {
        bytes_of(&self.facts)
    }

    /// Reads a snapshot. The caller compares its [`State::hash`] with one from the log.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes are not a state of this version.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let facts = Facts::read(&mut reader)?;
        reader.finish()?;
        Ok(Self { facts })
    }

    /// How many entries were applied: the size of the log so far.
    pub const fn size(&self) -> u64 {
        self.facts.size
    }

    /// The name of the control log, once it has begun.
    pub const fn log(&self) -> Option<&LogName> {
        self.facts.log.as_ref()
    }

    /// Whether everything is marked as an evaluation; it is not before there is any entry.
    pub fn is_evaluation(&self) -> bool {
        self.facts.evaluation == Some(true)
    }

    /// The constitution in force.
    pub const fn constitution(&self) -> Option<&Version> {
        self.facts.constitution.as_ref()
    }

    /// The people register in force.
    pub const fn people(&self) -> Option<&Version> {
        self.facts.people.as_ref()
    }

    /// The catalogue in force.
    pub const fn catalogue(&self) -> Option<&Version> {
        self.facts.catalogue.as_ref()
    }

    /// The policies in force.
    pub const fn policy(&self) -> Option<&Version> {
        self.facts.policy.as_ref()
    }

    /// A request, by the index of its entry.
    pub fn request(&self, index: u64) -> Option<&RequestFacts> {
        self.facts.requests.get(&index)
    }

    /// All grants, by the index of their entries.
    pub fn grants(&self) -> impl Iterator<Item = (u64, &GrantFacts)> {
        self.facts
            .grants
            .iter()
            .map(|(index, facts)| (*index, facts))
    }

    /// A grant, by the index of its entry.
    pub fn grant(&self, index: u64) -> Option<&GrantFacts> {
        self.facts.grants.get(&index)
    }

    /// An emergency, by the index of its entry.
    pub fn break_glass(&self, index: u64) -> Option<&EmergencyFacts> {
        self.facts.emergencies.get(&index)
    }

    /// All access logs.
    pub fn access_logs(&self) -> impl Iterator<Item = (&LogName, &LogFacts)> {
        self.facts.logs.iter()
    }

    /// An access log.
    pub fn access_log(&self, log: &LogName) -> Option<&LogFacts> {
        self.facts.logs.get(log)
    }

    /// The index of the entry that ordered a payload to be destroyed.
    pub fn erased_by(&self, log: &LogName, index: u64, field: Field) -> Option<u64> {
        let fields = self.facts.erased.get(log)?.get(&index)?;
        fields.get(&u64::from(field.0)).copied()
    }

    /// Whether a key was used before, and whether for the same thing.
    fn check_repeated(&self, entry: &Entry) -> Result<Option<Applied>, Refused> {
        let Some(key) = &entry.idempotency else {
            return Ok(None);
        };
        match self.facts.keys.get(key) {
            None => Ok(None),
            Some(used) if used.content == content_of(entry) => {
                Ok(Some(Applied::Duplicate(used.index)))
            }
            Some(used) => Err(Refused::KeyUsed { index: used.index }),
        }
    }

    fn check_body(&self, entry: &Entry) -> Result<(), Refused> {
        match &entry.body {
            Body::Start(body) => self.check_start(body),
            Body::Stop(_) => Ok(()),
            Body::Heartbeat(body) => self.check_heartbeat(body),
            Body::RequestEntry(body) => self.check_request(body, entry),
            Body::Approval(body) => self.check_approval(body, entry),
            Body::Denial(body) => self.check_judged(body.request),
            Body::Dismissal(body) => self.check_judged(body.request),
            Body::GrantEntry(body) => self.check_grant(body, entry),
            Body::Revocation(body) => self.check_revocation(body),
            Body::BreakGlass(body) => self.check_break_glass(body, entry),
            Body::BreakGlassReview(body) => self.check_review(body),
            Body::Constitution(body) => self.check_constitution(body, entry),
            Body::People(body) => self.check_people(body, entry),
            Body::Catalogue(body) => self.check_catalogue(body, entry),
            Body::Policy(body) => self.check_policy(body, entry),
            Body::LabelChange(body) => self.check_label_change(body, entry),
            Body::LogOpen(body) => self.check_log_open(body),
            Body::Anchor(body) => self.check_anchor(body),
            Body::LogClose(body) => self.check_log_close(body),
            Body::LogLost(body) => self.check_log_lost(body),
            Body::Erasure(body) => self.check_erasure(body, entry),
            // Refused already, because they stand in access logs only.
            Body::SessionStart(_)
            | Body::SessionEnd(_)
            | Body::SchemaSeen(_)
            | Body::Decision(_)
            | Body::Reservation(_)
            | Body::Outcome(_)
            | Body::RefusalEntry(_)
            | Body::Ungoverned(_) => Err(Refused::NotHere(entry.kind().name)),
        }
    }

    /// Signatures of different people with different keys; in an evaluation there may be none.
    ///
    /// Whether the signatures are good, and whether these people are the ones the constitution
    /// asks for, is for crate `approval`; see `Body::endorsed`.
    fn check_signers(&self, by: &[Endorsement]) -> Result<(), Refused> {
        for (place, one) in by.iter().enumerate() {
            let earlier = by.iter().take(place);
            for other in earlier {
                if one.person == other.person {
                    return Err(Refused::SamePerson(one.person));
                }
                if one.key == other.key {
                    return Err(Refused::SameKey(one.key));
                }
            }
        }
        if by.len() < SIGNERS_MIN && !self.is_evaluation() {
            return Err(Refused::TooFewSigners {
                needed: SIGNERS_MIN,
                signed: by.len(),
            });
        }
        Ok(())
    }

    /// Outside an evaluation nothing is decided without a constitution that holds.
    fn check_constituted(&self, entry: &Entry) -> Result<(), Refused> {
        if self.is_evaluation() {
            return Ok(());
        }
        match (&self.facts.constitution, self.facts.constitution_expires_ms) {
            (Some(_), Some(expires_ms)) if entry.time_ms < expires_ms => Ok(()),
            (Some(_), _) => Err(Refused::ConstitutionExpired),
            (None, _) => Err(Refused::NoConstitution),
        }
    }
}

/// What an entry says, without when and with which salts: two tries of one request are equal.
fn content_of(entry: &Entry) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(b"cordon/content/v1\n");
    hasher.update(entry.kind().number.to_be_bytes());
    let mut writer = crate::cbor::Writer::default();
    entry.body.write(&mut writer);
    hasher.update(writer.finish());
    Digest::new(hasher.finalize().into())
}

fn used_by(index: u64, entry: &Entry) -> Used {
    Used {
        index,
        content: content_of(entry),
    }
}
