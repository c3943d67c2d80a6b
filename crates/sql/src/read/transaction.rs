//! Transactions.

use pg_query::protobuf::{Node, TransactionStmt, TransactionStmtKind};

use super::reader::{Reader, absent, kind, not_allowed, unexpected, unsupported};
use crate::Refused;
use crate::tree::{OptionValue, StatementOption, Transaction};

impl Reader<'_> {
    pub(super) fn transaction(&mut self, node: TransactionStmt) -> Result<Transaction, Refused> {
        let TransactionStmt {
            kind: transaction_kind,
            options,
            savepoint_name,
            gid,
            chain,
            location: at,
        } = node;
        use TransactionStmtKind as Kind;
        let transaction_kind: Kind = kind(transaction_kind, "a transaction", at)?;
        let modes = self.each(options, Reader::transaction_mode)?;
        let savepoint = self.name_if(savepoint_name, at)?;
        let is_begin = matches!(
            transaction_kind,
            Kind::TransStmtBegin | Kind::TransStmtStart
        );
        let is_end = matches!(
            transaction_kind,
            Kind::TransStmtCommit | Kind::TransStmtRollback
        );
        let is_plain = (is_begin || modes.is_empty()) && (is_end || !chain);
        absent(is_plain, "an unexpected form of a transaction", at)?;
        let unknown = || unexpected("a savepoint", at);
        Ok(match transaction_kind {
            Kind::Undefined => return Err(unexpected("a transaction", at)),
            Kind::TransStmtBegin | Kind::TransStmtStart => Transaction::Begin(modes),
            Kind::TransStmtCommit => Transaction::Commit(chain),
            Kind::TransStmtRollback => Transaction::Rollback(chain),
            Kind::TransStmtSavepoint => Transaction::Savepoint(savepoint.ok_or_else(unknown)?),
            Kind::TransStmtRelease => Transaction::Release(savepoint.ok_or_else(unknown)?),
            Kind::TransStmtRollbackTo => Transaction::RollbackTo(savepoint.ok_or_else(unknown)?),
            Kind::TransStmtPrepare => return Err(not_allowed("PREPARE TRANSACTION")),
            Kind::TransStmtCommitPrepared => return Err(not_allowed("COMMIT PREPARED")),
            Kind::TransStmtRollbackPrepared => {
                let _ = gid;
                return Err(not_allowed("ROLLBACK PREPARED"));
            }
        })
    }

    /// One of the modes that PostgreSQL has.
    pub(super) fn transaction_mode(&mut self, node: Node) -> Result<StatementOption, Refused> {
        let option = self.option(node)?;
        let is_known = match (option.name.as_str(), &option.value) {
            ("transaction_isolation", OptionValue::Text(level)) => matches!(
                level.as_str(),
                "serializable" | "repeatable read" | "read committed" | "read uncommitted"
            ),
            ("transaction_read_only" | "transaction_deferrable", OptionValue::Integer(0 | 1)) => {
                true
            }
            _ => false,
        };
        if is_known {
            Ok(option)
        } else {
            Err(unsupported("an unknown transaction mode", -1))
        }
    }
}
