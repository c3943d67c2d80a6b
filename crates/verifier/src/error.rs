//! What keeps the verifier from working at all. What it finds in a log is a finding, not an error.

/// Why nothing could be verified, read or proved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or address could not be read; whether it is there is not known.
    #[error("cannot read `{place}`: {cause}; mend that and try again")]
    Read {
        /// The file or address.
        place: String,
        /// The system's words.
        cause: String,
    },
    /// More bytes than such a file can have.
    #[error("`{place}` has more than {limit} bytes, which no file of a log has; do not trust it")]
    TooLarge {
        /// The file or address.
        place: String,
        /// The limit.
        limit: u64,
    },
    /// An address of a sort that this program does not read.
    #[error("`{place}` cannot be read from here; give a directory or an `http://` address")]
    Address {
        /// What was given.
        place: String,
    },
    /// No checkpoint is there.
    #[error(
        "`{place}` holds no log: no file `checkpoint` is there; give the directory or address of \
         a log, or the directory of a deployment"
    )]
    NotALog {
        /// What was given.
        place: String,
    },
    /// The name of a log says neither what it holds nor who folds it.
    #[error(
        "`{name}` is the name of neither a control log nor an access log; see ledger-format.md"
    )]
    LogName {
        /// The name.
        name: String,
    },
    /// Two of the places hold the same log.
    #[error("`{name}` was given twice; give each log once")]
    Twice {
        /// The name.
        name: String,
    },
    /// Nobody said which key the log signs with.
    #[error("no key is known for `{name}`; give it with `--log`, or give its control log too")]
    NoKey {
        /// The log.
        name: String,
    },
    /// A key that is neither a key nor a file of keys.
    #[error("`{text}` is neither a key (`name+id+base64`) nor a file of keys; copy it again")]
    Key {
        /// What was given.
        text: String,
    },
    /// A checkpoint, policy or proof file that the operator of this program gave.
    #[error("`{place}` cannot be used")]
    Given {
        /// The file.
        place: String,
        /// Why.
        source: merkle::Error,
    },
    /// An earlier checkpoint of some other log.
    #[error("the earlier checkpoint is of `{name}`, which is none of the logs given; leave it out")]
    OtherLog {
        /// The log that it names.
        name: String,
    },
    /// A line of a payload export is not one.
    #[error("line {line} of the payload export: {cause}; have it exported again")]
    Export {
        /// Counted from one.
        line: u64,
        /// What is wrong.
        cause: String,
    },
    /// An index that the log does not have.
    #[error("there is no entry {index}; the log has {size} entries, counted from 0")]
    NoEntry {
        /// What was asked for.
        index: u64,
        /// How many there are.
        size: u64,
    },
    /// An entry whose bundle is missing or damaged.
    #[error("entry {index} cannot be read from `{place}`; run `cordon ledger verify`")]
    Entry {
        /// Which.
        index: u64,
        /// The bundle.
        place: String,
    },
    /// A proof could not be made or does not hold.
    #[error("the proof does not hold")]
    Proof(#[source] merkle::Error),
    /// Bytes that are no entry.
    #[error("entry {index} is none")]
    NotAnEntry {
        /// Which.
        index: u64,
        /// Why.
        source: record::Malformed,
    },
}
