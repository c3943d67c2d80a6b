//! Every sort of finding: its code, how grave it is, and what it means.

use std::fmt;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The log is not what it claims, or breaks a rule.
    Violation,
    /// Something that was asked could not be answered either way.
    CannotTell,
    /// Something that the log does not cover. True of honest logs too; somebody should look at it.
    Gap,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The word that stands for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Violation => "violation",
            Self::CannotTell => "cannot tell",
            Self::Gap => "gap",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

macro_rules! codes {
    ($($name:ident $code:literal $severity:ident $meaning:literal,)*) => {
        /// A sort of finding. Codes are stable; programs compare them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code { $(#[doc = $meaning] $name,)* }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// How grave it is, wherever it is found.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// What it means.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }
        }
    };
}

codes! {
    CheckpointUnreadable "checkpoint-unreadable" Violation "a file of that name is no checkpoint",
    LogSignatureWrong "log-signature-wrong" Violation "a checkpoint is not signed with the log's key",
    CosignatureWrong "cosignature-wrong" Violation "a cosignature under a witness's key is forged",
    Fork "fork" Violation "two checkpoints of one size have different roots, both signed with the log's key",
    HistoryRewritten "history-rewritten" Violation "the entries are not those of an earlier checkpoint",
    LogCut "log-cut" Violation "fewer entries are there than an earlier checkpoint or anchor counts",
    BundleMissing "bundle-missing" Violation "entries that the log signed are not there",
    BundleUnreadable "bundle-unreadable" Violation "a bundle is cut or has other entries than it should",
    EntryAltered "entry-altered" Violation "an entry is not the one that the log signed",
    EntriesSwapped "entries-swapped" Violation "two entries stand in each other's place",
    RootMismatch "root-mismatch" Violation "the entries do not give the root that the log signed",
    RootUnknown "root-unknown" CannotTell "entries and their hashes are both gone; the rest was not looked at",
    TileMissing "tile-missing" Violation "a tile of the tree is not there",
    TileAltered "tile-altered" Violation "a tile is not what the entries give",
    EntryUnreadable "entry-unreadable" Violation "an entry does not have its format",
    EntryUnknown "entry-unknown" CannotTell "an entry of a later version of the format",
    FoldStopped "fold-stopped" CannotTell "entries after this one were hashed but not judged",
    ControlDoesNotFollow "control-does-not-follow" Violation "an entry of the control log breaks its rules",
    WrongIndex "wrong-index" Violation "an entry does not have the next index",
    WrongLog "wrong-log" Violation "an entry belongs into another log",
    NotStarted "not-started" Violation "an entry stands where only a start may",
    WrongStart "wrong-start" Violation "a start contradicts the log about how the writer before it ended",
    EvaluationChanged "evaluation-changed" Violation "the mark of an evaluation comes or goes",
    ControlShrank "control-shrank" Violation "an entry cites less of the control log than one before it",
    StateContradicted "state-contradicted" Violation "a heartbeat cites another state than the entries give",
    SessionGap "session-gap" Violation "sessions are missing or repeated",
    SessionUnknown "session-unknown" Violation "an entry is about a session that is not open",
    SessionLeftOpen "session-left-open" Violation "a writer stopped as asked without ending its sessions",
    StatementGap "statement-gap" Violation "statements of a session are missing or repeated",
    NumberMalformed "number-malformed" Violation "an entry counts nothing, or numbers by halves",
    CountContradicted "count-contradicted" Violation "a session's end counts other statements than the log has",
    SchemaUnknown "schema-unknown" Violation "a decision cites a schema that the log does not have",
    DecisionAbsent "decision-absent" Violation "a reservation or outcome is of no open decision",
    ReservationShrank "reservation-shrank" Violation "a reservation reserves no more than before",
    OverReleased "over-released" Violation "more left than was reserved",
    LogNotOpened "log-not-opened" Violation "no control log opens this access log",
    AnchorContradicted "anchor-contradicted" Violation "an access log does not have the root of its anchor",
    GrownAfterClose "grown-after-close" Violation "an access log went on after it was closed",
    PayloadMissing "payload-missing" Violation "a payload is neither there nor erased (MISSING)",
    PayloadMismatch "payload-mismatch" Violation "a payload is not what the entry commits to (MISMATCH)",
    ErasedWithoutEntry "erased-without-entry" Violation "a payload is said to be erased and no entry orders it",
    ErasureWrong "erasure-wrong" Violation "an erasure names another kind than its entry has; so locked payloads could be erased",
    PayloadUncommitted "payload-uncommitted" Violation "a payload is given that no entry commits to",
    NoWitness "no-witness" CannotTell "nothing independent of the log's key vouches for these entries",
    QuorumMissing "quorum-missing" CannotTell "no checkpoint there has the cosignatures that were asked for",
    WitnessBehind "witness-behind" CannotTell "the last cosignature is older than a log may go on without one",
    TailUnvouched "tail-unvouched" CannotTell "entries after the earlier checkpoint, and no witness vouches for them",
    EarlierUnsigned "earlier-unsigned" CannotTell "the earlier checkpoint is not signed with the log's key",
    LogNotFound "log-not-found" CannotTell "an access log that the control log anchors was not given",
    LogKeyUnusable "log-key-unusable" CannotTell "the control log names no usable key for an access log",
    ControlNotGiven "control-not-given" Gap "no control log was given to compare an access log with",
    ControlUnseen "control-unseen" Gap "entries cite more of the control log than was given",
    LogLost "log-lost" Gap "an access log lost its state; what came last in it is unknown",
    Unwitnessed "unwitnessed" Gap "entries that only the log's own key vouches for so far",
    OutcomeMissing "outcome-missing" Gap "a decision will never have an outcome",
    Evaluation "evaluation" Gap "entries are marked as an evaluation",
    Observed "observed" Gap "observe mode let something pass",
    WriterFailed "writer-failed" Gap "a writer ended because something failed",
    PeopleUnchecked "people-unchecked" Gap "signatures of people under entries are not verified here",
    PayloadsWithheld "payloads-withheld" Gap "payloads were not disclosed, so that nobody here can check them",
    ErasureNotDone "erasure-not-done" Gap "a payload is there that an entry ordered to be erased",
    WriterRestarted "writer-restarted" Note "a writer began anew without having stopped as asked",
    DecisionOpen "decision-open" Note "decisions whose outcome may still come",
    Unanchored "unanchored" Note "entries after the last anchor",
    PayloadOutside "payload-outside" Note "payloads of entries that were not given",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
