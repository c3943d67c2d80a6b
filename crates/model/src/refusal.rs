//! The one table of refusals: code, meaning, remedy, SQLSTATE and HTTP status.

use std::sync::LazyLock;

crate::label::words! {
    /// Every way to be refused. The texts are in `data/refusals.txt`; `docs/refusals.md` is
    /// generated from it.
    Refusal, "refusal" {
        /// Unknown, uncatalogued and not requestable look the same.
        NotVisible = "not-visible",
        /// The ladder would open it.
        ApprovalNeeded = "approval-needed",
        /// A field that is hidden or does not exist.
        FieldNotVisible = "field-not-visible",
        /// The action is not allowed on this data.
        ActionNotAllowed = "action-not-allowed",
        /// The register does not know the person or service.
        AskerUnknown = "asker-unknown",
        /// The person may not open sessions.
        PersonDisabled = "person-disabled",
        /// The purpose is not one of the deployment's.
        PurposeUnknown = "purpose-unknown",
        /// Nothing was asked for.
        AskEmpty = "ask-empty",
        /// Too much was asked for at once.
        AskTooWide = "ask-too-wide",
        /// PostgreSQL's grammar does not read it.
        SyntaxError = "syntax-error",
        /// A statement too large or too deep.
        StatementTooLarge = "statement-too-large",
        /// Bytes that are not UTF-8, or a zero byte.
        TextNotValid = "text-not-valid",
        /// A kind of statement that never passes.
        StatementNotAllowed = "statement-not-allowed",
        /// Syntax that Cordon does not understand.
        SyntaxNotSupported = "syntax-not-supported",
        /// Several statements where one is allowed.
        SeveralStatements = "several-statements",
        /// A function that is not on the allow-list.
        FunctionNotAllowed = "function-not-allowed",
        /// An operator that is not on the allow-list.
        OperatorNotAllowed = "operator-not-allowed",
        /// A type or collation that is not on the allow-list.
        TypeNotAllowed = "type-not-allowed",
        /// A setting that Cordon keeps to itself.
        SettingNotAllowed = "setting-not-allowed",
        /// A service acts for somebody without a delegation that lets it.
        DelegationNeeded = "delegation-needed",
        /// A name that means two things.
        NameAmbiguous = "name-ambiguous",
        /// Rows of governed data cannot be locked, sampled or addressed.
        RowAccessNotAllowed = "row-access-not-allowed",
        /// A write that reads what the person sees masked or in part.
        WriteReadsMasked = "write-reads-masked",
        /// A write into a place of a lower level than what it reads.
        WriteDown = "write-down",
        /// The data is not as the catalogue says, so no guard can be written.
        GuardNotPossible = "guard-not-possible",
        /// A policy failed while it was evaluated.
        PolicyError = "policy-error",
        /// The record cannot be kept in time.
        RecordBusy = "record-busy",
        /// The record cannot be kept.
        RecordStopped = "record-stopped",
        /// The record has waited too long for a witness.
        RecordUnwitnessed = "record-unwitnessed",
        /// The record would be larger than a record may be.
        RecordTooLarge = "record-too-large",
        /// Who connects could not be proved.
        AuthenticationFailed = "authentication-failed",
        /// Something that is only done inside TLS.
        TlsNeeded = "tls-needed",
        /// There is no upstream by the name of the database.
        DatabaseUnknown = "database-unknown",
        /// No more sessions are taken.
        TooManySessions = "too-many-sessions",
        /// Bytes that are no message, or a message that may not come now.
        ProtocolViolation = "protocol-violation",
        /// A message that never passes: function calls, replication, data to be loaded.
        MessageNotAllowed = "message-not-allowed",
        /// The data store does not answer.
        UpstreamUnavailable = "upstream-unavailable",
        /// The schema of the data store is being changed.
        SchemaChanging = "schema-changing",
        /// What a running statement rests on has ended.
        RightEnded = "right-ended",
        /// What may be seen has changed since a cursor or portal was opened.
        ViewChanged = "view-changed",
        /// The session asked that statements on masked columns fail.
        MaskedRefused = "masked-refused",
        /// A setting's value that Cordon does not take.
        SettingValueNotAllowed = "setting-value-not-allowed",
        /// A session or transaction that took too long.
        TimeoutReached = "timeout-reached",
    }
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalEntry {
    /// Its stable code.
    pub code: Refusal,
    /// The SQLSTATE a PostgreSQL client gets.
    pub sqlstate: &'static str,
    /// The HTTP status an HTTP client gets.
    pub http: u16,
    /// What it means, for the person refused. Never says more than the person may know.
    pub meaning: &'static str,
    /// What the person can do.
    pub remedy: &'static str,
}

static TABLE: LazyLock<Vec<RefusalEntry>> =
    LazyLock::new(|| read_table(include_str!("../data/refusals.txt")));

/// Stanzas of `key: value` lines, separated by empty lines; `#` begins a comment.
fn read_table(text: &'static str) -> Vec<RefusalEntry> {
    text.split("\n\n").filter_map(read_entry).collect()
}

fn read_entry(stanza: &'static str) -> Option<RefusalEntry> {
    let value = |key: &str| {
        stanza
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
    };
    Some(RefusalEntry {
        code: Refusal::parse(value("code")?).ok()?,
        sqlstate: value("sqlstate")?,
        http: value("http")?.parse().ok()?,
        meaning: value("meaning")?,
        remedy: value("remedy")?,
    })
}

/// The whole table in the order of the data file.
pub fn refusals() -> &'static [RefusalEntry] {
    &TABLE
}

impl Refusal {
    /// Its row of the table.
    ///
    /// A code without a row (a test keeps that from happening) answers with the strictest row.
    pub fn entry(self) -> &'static RefusalEntry {
        static STRICTEST: RefusalEntry = RefusalEntry {
            code: Refusal::NotVisible,
            sqlstate: "42501",
            http: 403,
            meaning: "refused",
            remedy: "ask the home security team",
        };
        TABLE
            .iter()
            .find(|entry| entry.code == self)
            .unwrap_or(&STRICTEST)
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_exactly_one_row_and_every_row_a_code() {
        let stanzas = include_str!("../data/refusals.txt")
            .matches("code: ")
            .count();
        assert_eq!(
            stanzas,
            refusals().len(),
            "a stanza of refusals.txt is not readable"
        );
        for &code in Refusal::ALL {
            let rows = refusals().iter().filter(|entry| entry.code == code).count();
            assert_eq!(rows, 1, "{code}");
        }
        assert_eq!(refusals().len(), Refusal::ALL.len());
    }

    #[test]
    fn sqlstates_are_five_characters_and_statuses_are_errors() {
        for entry in refusals() {
            assert_eq!(entry.sqlstate.len(), 5, "{}", entry.code);
            assert!((400..600).contains(&entry.http), "{}", entry.code);
            assert!(!entry.meaning.ends_with('.') && !entry.remedy.ends_with('.'));
        }
    }
}
