//! What can be wrong with an access log beyond its bytes and hashes.

use crate::fixed::Digest;
use crate::name::LogName;

/// An entry that does not fit to those before it: to be reported, with its index.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Irregular {
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
    /// A kind that stands in the control log only.
    #[error("an entry of kind `{0}` does not belong into an access log")]
    NotHere(&'static str),
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
    /// A mark that the entries before do not have, or one that is missing.
    #[error("an evaluation stays one, and nothing else becomes one")]
    EvaluationMark,
    /// It cites less of the control log than an entry before it.
    #[error("the entry cites {now} control entries, one before it {before}: rights were forgotten")]
    ControlShrank {
        /// What was cited before.
        before: u64,
        /// What it cites.
        now: u64,
    },
    /// A heartbeat that cites another state.
    #[error("the heartbeat cites the state {claimed}, but the entries before it give {is}")]
    OtherState {
        /// What the entries give.
        is: Digest,
        /// What the heartbeat says.
        claimed: Digest,
    },
    /// Sessions are missing or repeated.
    #[error("session {session} cannot follow; the next is {expected}")]
    SessionNumber {
        /// The next number.
        expected: u64,
        /// What was given.
        session: u64,
    },
    /// A session that is not open.
    #[error("session {0} is not open")]
    NoSession(u64),
    /// The writer stopped as asked with sessions open.
    #[error("{0} sessions have no end")]
    SessionsLeftOpen(usize),
    /// Statements are missing or repeated.
    #[error("statement {number} of session {session} cannot follow; the next is {expected}")]
    Number {
        /// The session.
        session: u64,
        /// The next number.
        expected: u64,
        /// What was given.
        number: u64,
    },
    /// An entry about no statement at all.
    #[error("the entry counts nothing")]
    Nothing,
    /// A refusal with a session and no number, or the other way round.
    #[error("a refusal names its session and its number, or neither")]
    HalfNumbered,
    /// An end that counts other statements than the log.
    #[error("the end of session {0} counts other statements than the log has")]
    Counts(u64),
    /// A decision under a schema that the log does not have.
    #[error("the decision cites the schema {0}, which this log does not have")]
    UnknownSchema(Digest),
    /// A reservation or outcome without a decision, or after its outcome.
    #[error("statement {number} of session {session} has no open decision")]
    NoDecision {
        /// The session.
        session: u64,
        /// The number.
        number: u64,
    },
    /// A reservation that does not reserve more.
    #[error("statement {number} of session {session} reserves no more than before")]
    ReservationShrank {
        /// The session.
        session: u64,
        /// The number.
        number: u64,
    },
    /// More left than was reserved.
    #[error("statement {number} of session {session} released more than was reserved")]
    MoreThanReserved {
        /// The session.
        session: u64,
        /// The number.
        number: u64,
    },
}
