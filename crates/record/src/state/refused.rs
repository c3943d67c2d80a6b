//! Why an entry does not follow from a control log.

use model::{DatasetId, FieldName, GrantId};

use super::facts::{LogStatus, RequestStatus};
use crate::class::Class;
use crate::fixed::{Digest, KeyId, Pseudonym};
use crate::name::LogName;

/// An entry that does not follow. A writer does not append it; a reader who meets it in a log stops
/// and trusts nothing after it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not the next index.
    #[error(
        "entry {index} cannot follow; the next is {expected}; apply every entry once, in order"
    )]
    Index {
        /// The next index.
        expected: u64,
        /// What was given.
        index: u64,
    },
    /// It cites a control log longer than what stands before it.
    #[error("the entry cites a control log of {claimed} entries, but {size} stand before it")]
    FromTheFuture {
        /// How many stand before it.
        size: u64,
        /// How many it cites.
        claimed: u64,
    },
    /// A kind that stands in access logs only.
    #[error("an entry of kind `{0}` does not belong into the control log")]
    NotHere(&'static str),
    /// A mark that the entries before do not have, or one that is missing.
    #[error("an evaluation stays one, and nothing else becomes one; begin a new control log")]
    EvaluationMark,
    /// The log does not begin with a start.
    #[error("a log begins with an entry of kind `start`")]
    NotStarted,
    /// The writer had stopped.
    #[error("the writer had stopped; an entry of kind `start` comes first")]
    Stopped,
    /// A start under another name.
    #[error("this is the log `{expected}`, not `{claimed}`")]
    OtherLog {
        /// The log's name.
        expected: LogName,
        /// What the start says.
        claimed: LogName,
    },
    /// A start that says that the writer before it had stopped, or had not, against the log.
    #[error("the start says the writer before it stopped as asked: {claimed}; the log says {is}")]
    NotClean {
        /// What the log says.
        is: bool,
        /// What the start says.
        claimed: bool,
    },
    /// A heartbeat that cites another state.
    #[error("the heartbeat cites the state {claimed}, but the entries before it give {is}")]
    OtherState {
        /// What the entries give.
        is: Digest,
        /// What the heartbeat says.
        claimed: Digest,
    },
    /// An idempotency key that was used for something else.
    #[error("the idempotency key was used for something else, by entry {index}; choose a new one")]
    KeyUsed {
        /// By which entry.
        index: u64,
    },
    /// One person signs twice.
    #[error("{0} signs twice; different people must sign")]
    SamePerson(Pseudonym),
    /// One key signs twice.
    #[error("the key {0} signs twice; each person signs with a key of their own")]
    SameKey(KeyId),
    /// Fewer people than any constitution may ask for.
    #[error("{signed} people signed; at least {needed} must")]
    TooFewSigners {
        /// How many must.
        needed: usize,
        /// How many did.
        signed: usize,
    },
    /// Nothing says who may sign.
    #[error("there is no constitution yet; activate one first")]
    NoConstitution,
    /// The constitution has expired.
    #[error("the constitution has expired; activate its next version first")]
    ConstitutionExpired,
    /// Not the version after the one in force.
    #[error("version {version} of the {what} cannot follow; the next is {expected}")]
    Version {
        /// Of what.
        what: &'static str,
        /// The next version.
        expected: u64,
        /// What was given.
        version: u64,
    },
    /// It does not name the version before it by its hash.
    #[error("the {what} does not follow from the one in force; make it from that one")]
    Previous {
        /// Of what.
        what: &'static str,
    },
    /// Something that must end later has ended already.
    #[error("the {0} ends before it begins; give it a later end")]
    EndsEarly(&'static str),
    /// A label changed twice before a catalogue.
    #[error("`{dataset}` `{field}` has a change announced already, by entry {index}")]
    LabelTwice {
        /// The dataset.
        dataset: DatasetId,
        /// The field.
        field: FieldName,
        /// By which entry.
        index: u64,
    },
    /// A label that does not change.
    #[error("`{dataset}` `{field}` has that label already; leave the entry out")]
    LabelSame {
        /// The dataset.
        dataset: DatasetId,
        /// The field.
        field: FieldName,
    },
    /// A catalogue that brings more or fewer changes of labels than were announced.
    #[error("the catalogue brings {brought} changes of labels, but {announced} were announced")]
    LabelChanges {
        /// How many were announced.
        announced: u64,
        /// How many the catalogue says it brings.
        brought: u64,
    },
    /// A request under another constitution than the one in force.
    #[error("the request is made under constitution {claimed}; {in_force} is in force")]
    OtherConstitution {
        /// The one in force; 0 is none.
        in_force: u64,
        /// The one it names.
        claimed: u64,
    },
    /// A request that nobody needs to approve, or nobody can.
    #[error("factor {0} cannot be met, or needs nobody; ask for a flow that people can approve")]
    Factor(u64),
    /// A request without factors or without scope.
    #[error("the request has no {0}; a request names what it wants and who must agree")]
    Empty(&'static str),
    /// The requester is among those who may approve.
    #[error("the requester is eligible to approve; nobody approves their own request")]
    OwnRequest,
    /// No such request.
    #[error("there is no request {0}")]
    NoRequest(u64),
    /// A request that is not in the status that is needed.
    #[error("request {request} is {is}, not {needed}")]
    RequestIs {
        /// Which.
        request: u64,
        /// How it stands.
        is: RequestStatus,
        /// How it would have to.
        needed: RequestStatus,
    },
    /// A request that has expired.
    #[error("request {0} has expired; make a new one")]
    RequestExpired(u64),
    /// A factor that the request does not have.
    #[error("request {request} has no factor {factor}")]
    NoFactor {
        /// Which request.
        request: u64,
        /// Which factor.
        factor: u64,
    },
    /// Somebody who was not eligible when the request opened.
    #[error("{0} was not eligible for this factor when the request opened")]
    NotEligible(Pseudonym),
    /// A factor that has all it needs.
    #[error("factor {0} is met already; sign for another")]
    FactorMet(u64),
    /// A grant that rests on nothing, or on two things.
    #[error("a grant rests on one approved request or one break-glass; name exactly one")]
    RestsOn,
    /// A grant that says something else than was approved.
    #[error("the grant has another {0} than was approved")]
    NotAsApproved(&'static str),
    /// A grant's name that was used.
    #[error("a grant by the name `{0}` exists already; choose another")]
    GrantTwice(GrantId),
    /// No such grant.
    #[error("there is no grant {0}")]
    NoGrant(u64),
    /// A grant that was revoked.
    #[error("grant {grant} was revoked already, by entry {by}")]
    RevokedAlready {
        /// Which.
        grant: u64,
        /// By which entry.
        by: u64,
    },
    /// No such emergency.
    #[error("there is no break-glass {0}")]
    NoBreakGlass(u64),
    /// An emergency that lasts too long.
    #[error("a break-glass lasts at most {minutes} minutes; declare another when it goes on")]
    TooLong {
        /// How long it may last.
        minutes: u64,
    },
    /// An emergency on which a grant rests already.
    #[error("break-glass {0} has its grant already")]
    BreakGlassUsed(u64),
    /// An emergency that was looked at.
    #[error("break-glass {0} was reviewed already")]
    ReviewedAlready(u64),
    /// Somebody reviews their own emergency.
    #[error("{0} was part of the break-glass; somebody else reviews it")]
    OwnReview(Pseudonym),
    /// A log's name that was used.
    #[error("the log `{0}` was opened before; a name is used once")]
    LogTwice(LogName),
    /// No such log.
    #[error("the log `{0}` was never opened")]
    NoLog(LogName),
    /// A log that is not in the status that is needed.
    #[error("the log `{log}` is {is}, not {needed}")]
    LogIs {
        /// Which.
        log: LogName,
        /// How it stands.
        is: LogStatus,
        /// How it would have to.
        needed: LogStatus,
    },
    /// A log that was replaced already.
    #[error("the log `{0}` was replaced already")]
    ReplacedAlready(LogName),
    /// A log that shrank.
    #[error("the log `{log}` had {before} entries and now has {now}: its history was changed")]
    Shrank {
        /// Which.
        log: LogName,
        /// Its size before.
        before: u64,
        /// Its size now.
        now: u64,
    },
    /// A log that has another root at the same size.
    #[error("the log `{0}` has two root hashes at one size: its history was changed")]
    Forked(LogName),
    /// A witnessed size that shrank or is more than the size.
    #[error("the log `{log}` cannot be witnessed at {witnessed}; write down what the witness said")]
    Witnessed {
        /// Which.
        log: LogName,
        /// What was given.
        witnessed: u64,
    },
    /// A kind or field that is not known.
    #[error("there is no field {field} in an entry of kind {kind}")]
    NoField {
        /// The kind.
        kind: u64,
        /// The field.
        field: u64,
    },
    /// A class that may not be erased.
    #[error("`{field}` of `{kind}` is of the class `{class}`, which is locked for ten years")]
    Locked {
        /// The kind.
        kind: &'static str,
        /// The field.
        field: &'static str,
        /// The class.
        class: Class,
    },
    /// An entry that no anchor covers.
    #[error("entry {index} of `{log}` is not anchored yet; erase it when it is")]
    NotAnchored {
        /// Which log.
        log: LogName,
        /// Which entry.
        index: u64,
    },
    /// A payload that was erased.
    #[error("field {field} of that entry was erased already, by entry {by}")]
    ErasedAlready {
        /// Which field.
        field: u64,
        /// By which entry.
        by: u64,
    },
}
