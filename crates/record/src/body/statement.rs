//! One statement: what was decided, how much may leave, what became of it, or why not.

use std::collections::BTreeSet;

use model::{DatasetId, FieldName, PurposeId, Refusal};

use crate::fixed::{Digest, Pseudonym};
use crate::kind::kind;
use crate::name::{Line, vocabulary};
use crate::value::table;

kind! {
    /// The gate saw a schema of an upstream for the first time in this log.
    SchemaSeen = 18 "schema" Access {
        /// The upstream.
        0 upstream: Line,
        /// The hash that decisions cite.
        1 snapshot: Digest,
    }
    commits {
        /// the schema snapshot itself
        1 SNAPSHOT "snapshot" Method required,
    }
}

kind! {
    /// A statement may run. Durable before its first row leaves. Everything that is needed to
    /// decide it again is here, in the entries it cites, or in its payloads.
    Decision = 19 "decision" Access {
        /// The session.
        0 session: u64,
        /// The statement's number in the session: 1, 2, 3, without a gap.
        1 number: u64,
        /// The decision's id, which names everything that determined it.
        2 decision: Digest,
        /// The moment it was decided for, in unix milliseconds.
        3 decided_ms: u64,
        /// From when on it may no longer be used, in unix milliseconds; absent when no fact ends.
        4 valid_until_ms: Option<u64>,
        /// The purpose.
        5 purpose: Option<PurposeId>,
        /// The hash of all policies.
        6 policies: Digest,
        /// The hash of their schema.
        7 policy_schema: Digest,
        /// The hash of what the policies were told.
        8 inputs: Digest,
        /// The upstream.
        9 upstream: Line,
        /// The hash of its schema snapshot.
        10 snapshot: Digest,
        /// What kind of statement.
        11 verb: Verb,
        /// Whether it was proved to change nothing.
        12 read_only: bool,
        /// Whether the asker is a covered person, or not established not to be.
        13 covered: bool,
        /// The most that it shows.
        14 shows: Shows,
        /// Each dataset it touches.
        15 datasets: Vec<Shown>,
        /// The control-log indexes of the grants it rests on.
        16 grants: BTreeSet<u64>,
        /// Whether observe mode let something pass.
        17 observed: bool,
        /// How many rows may leave before a reservation.
        18 rows_until: u64,
        /// How many bytes may leave before a reservation.
        19 bytes_until: u64,
    }
    commits {
        /// the statement as the client sent it
        1 CLIENT_TEXT "client_text" Literal required,
        /// the declared types of its parameters
        2 PARAMETER_TYPES "parameter_types" Method optional,
        /// the values of its parameters
        3 PARAMETERS "parameters" Literal optional,
        /// the statement as it was sent upstream
        4 GUARDED_TEXT "guarded_text" Literal required,
        /// search path, names and settings of the session as far as they mattered
        5 SETTINGS "settings" Method required,
        /// the client's statement with every literal replaced
        6 STATEMENT_SHAPE "statement_shape" Method optional,
    }
}

vocabulary! {
    /// What a statement does.
    Verb "verb" {
        /// Reads rows.
        Select = "select",
        /// Adds rows.
        Insert = "insert",
        /// Changes rows.
        Update = "update",
        /// Removes rows.
        Delete = "delete",
        /// Reads rows in bulk.
        CopyOut = "copy_out",
        /// Adds rows in bulk.
        CopyIn = "copy_in",
        /// Opens a cursor.
        Declare = "declare",
        /// Asks how a statement would run.
        Explain = "explain",
        /// Makes permanent what was changed.
        Commit = "commit",
    }
    /// The most that a statement shows.
    Shows "sort of showing" {
        /// A value as it is stored.
        Clear = "clear",
        /// A value behind a mask.
        Masked = "masked",
        /// How many rows there are.
        Rows = "rows",
        /// Nothing.
        Nothing = "nothing",
    }
    /// How a statement ended.
    End "end of a statement" {
        /// It ran to its end.
        Complete = "complete",
        /// The client cancelled it.
        Cancelled = "cancelled",
        /// The upstream answered with an error.
        Failed = "failed",
        /// The gate cut it: a right ended, a limit was reached.
        Cut = "cut",
        /// The connection broke.
        Aborted = "aborted",
        /// The link was lost in a COMMIT: nobody can say whether it took place.
        Unknown = "unknown",
    }
}

table! {
    /// One dataset of a decision.
    Shown {
        /// The dataset.
        0 dataset: DatasetId,
        /// The hash of the view.
        1 view: Digest,
        /// Whether the statement changes it.
        2 written: bool,
        /// What is shown of which rows. Rows that are not listed are not seen.
        3 cells: Vec<Cells>,
    }
}

table! {
    /// What is shown of rows that get one answer.
    Cells {
        /// The classes of rows, in the words of the decision: `home of us-dsp`, `other`.
        0 rows: BTreeSet<Line>,
        /// The fields shown as stored.
        1 clear: BTreeSet<FieldName>,
        /// The fields shown as stored for the subjects of a grant, and masked for the others.
        2 clear_for_subjects: BTreeSet<FieldName>,
        /// The fields shown masked.
        3 masked: BTreeSet<FieldName>,
    }
}

kind! {
    /// More may leave. Durable before anything past the last reservation leaves, so that what is
    /// recorded is never less than what was released.
    Reservation = 20 "reservation" Access {
        /// The session.
        0 session: u64,
        /// The statement's number.
        1 number: u64,
        /// How many rows may have left in all.
        2 rows_until: u64,
        /// How many bytes may have left in all.
        3 bytes_until: u64,
    }
    commits {}
}

kind! {
    /// What became of a statement.
    Outcome = 21 "outcome" Access {
        /// The session.
        0 session: u64,
        /// The statement's number.
        1 number: u64,
        /// Rows that left.
        2 rows: u64,
        /// Bytes of rows that left.
        3 bytes: u64,
        /// Rows that were changed; absent for a statement that changes none.
        4 rows_changed: Option<u64>,
        /// From the decision to the end, in milliseconds.
        5 duration_ms: u64,
        /// How it ended.
        6 end: End,
        /// The SQLSTATE, if it ended with an error.
        7 sqlstate: Option<Line>,
    }
    commits {
        /// the upstream's error, which may repeat values
        1 ERROR_TEXT "error_text" Literal optional,
    }
}

kind! {
    /// Something was refused, once or many times alike.
    RefusalEntry = 22 "refusal" Access {
        /// The session; absent before there is one.
        0 session: Option<u64>,
        /// The number of the statement, or of the first of several; present when the session is.
        1 number: Option<u64>,
        /// How many times; each takes a number.
        2 count: u64,
        /// The code of the refusal table.
        3 code: Refusal,
        /// The decision's id, if it came to one.
        4 decision: Option<Digest>,
        /// The hash of all policies, if they were asked.
        5 policies: Option<Digest>,
        /// The hash of what the policies were told, if they were asked.
        6 inputs: Option<Digest>,
        /// The hash of the upstream's schema snapshot, if it was looked at.
        7 snapshot: Option<Digest>,
        /// Who, when there is no session and somebody was recognised.
        8 asker: Option<Pseudonym>,
    }
    commits {
        /// the statement, or the first of several
        1 CLIENT_TEXT "client_text" Literal optional,
        /// the declared types of its parameters
        2 PARAMETER_TYPES "parameter_types" Method optional,
        /// search path, names and settings of the session as far as they mattered
        3 SETTINGS "settings" Method optional,
        /// what the refusal was about, in more words than the asker was told
        4 DETAIL "detail" Method optional,
        /// whom somebody without a session claimed to be, and from where
        5 CLAIMED "claimed" Party optional,
    }
}

kind! {
    /// Statements of one session that touched nothing governed. They do not wait for this entry
    /// and have a numbering of their own.
    Ungoverned = 23 "ungoverned" Access {
        /// The session.
        0 session: u64,
        /// The number of the first among the session's ungoverned statements: 1, then on without
        /// a gap.
        1 first: u64,
        /// How many; at least one.
        2 count: u64,
    }
    commits {
        /// the statements
        1 CLIENT_TEXTS "client_texts" Literal optional,
    }
}
