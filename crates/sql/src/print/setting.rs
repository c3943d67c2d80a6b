//! `SET`, `SHOW`, transactions.

use super::writer::Writer;
use crate::tree::{
    Constant, OptionValue, SetScope, SetValue, Setting, StatementOption, Transaction,
};

impl Writer {
    pub(super) fn setting(&mut self, setting: &Setting) {
        let Setting {
            scope,
            name,
            value,
            by_call,
        } = setting;
        if let (true, SetValue::Values(values)) = (by_call, value) {
            return self.set_config(name, values, *scope);
        }
        if *value == SetValue::Default && name == "all" {
            return self.word("RESET ALL");
        }
        self.word(match scope {
            SetScope::Session => "SET ",
            SetScope::Local => "SET LOCAL ",
        });
        match (value, name.as_str()) {
            (SetValue::Modes(modes), _) => {
                // `SET SESSION CHARACTERISTICS` and `SET TRANSACTION` are all there is.
                self.word(if name == "TRANSACTION" {
                    "TRANSACTION "
                } else {
                    "SESSION CHARACTERISTICS AS TRANSACTION "
                });
                self.commas(modes, Self::mode);
            }
            (SetValue::Values(values), "TRANSACTION SNAPSHOT") => {
                self.word("TRANSACTION SNAPSHOT ");
                self.commas(values, Self::set_value);
            }
            (SetValue::Values(values), name) => {
                self.setting_name(name);
                self.word(" TO ");
                self.commas(values, Self::set_value);
            }
            (SetValue::Default, name) => {
                self.setting_name(name);
                self.word(" TO DEFAULT");
            }
            (SetValue::Current, name) => {
                self.setting_name(name);
                self.word(" FROM CURRENT");
            }
        }
    }

    fn set_config(&mut self, name: &str, values: &[Constant], scope: SetScope) {
        self.word("SELECT pg_catalog.set_config(");
        self.set_value(&Constant::Text(name.to_owned()));
        self.word(", ");
        self.commas(values, Self::set_value);
        self.word(match scope {
            SetScope::Session => ", false)",
            SetScope::Local => ", true)",
        });
    }

    /// A setting's name, of which each part between dots is a name to the grammar.
    pub(super) fn setting_name(&mut self, name: &str) {
        for (at, part) in name.split('.').enumerate() {
            if at > 0 {
                self.word(".");
            }
            self.name(part);
        }
    }

    /// A value of `SET`: numbers are not bracketed here, the grammar has no place for it.
    fn set_value(&mut self, value: &Constant) {
        match value {
            Constant::Integer(number) => self.integer((*number).into()),
            Constant::Number(digits) => self.number(digits),
            Constant::Null | Constant::Boolean(_) | Constant::Text(_) | Constant::Bits(_) => {
                self.constant(value)
            }
        }
    }

    pub(super) fn transaction(&mut self, transaction: &Transaction) {
        match transaction {
            Transaction::Begin(modes) => {
                self.word("BEGIN");
                if !modes.is_empty() {
                    self.word(" ");
                    self.commas(modes, Self::mode);
                }
            }
            Transaction::Commit(chain) => {
                self.word(if *chain { "COMMIT AND CHAIN" } else { "COMMIT" });
            }
            Transaction::Rollback(chain) => {
                self.word(if *chain {
                    "ROLLBACK AND CHAIN"
                } else {
                    "ROLLBACK"
                });
            }
            Transaction::Savepoint(name) => self.named("SAVEPOINT ", name),
            Transaction::Release(name) => self.named("RELEASE SAVEPOINT ", name),
            Transaction::RollbackTo(name) => self.named("ROLLBACK TO SAVEPOINT ", name),
        }
    }

    fn named(&mut self, word: &str, name: &str) {
        self.word(word);
        self.name(name);
    }

    /// A transaction mode. The reader knows no others than these; the last word is one that no
    /// transaction mode is.
    fn mode(&mut self, mode: &StatementOption) {
        let StatementOption { name, value } = mode;
        self.word(match (name.as_str(), value) {
            ("transaction_isolation", OptionValue::Text(level)) => match level.as_str() {
                "serializable" => "ISOLATION LEVEL SERIALIZABLE",
                "repeatable read" => "ISOLATION LEVEL REPEATABLE READ",
                "read committed" => "ISOLATION LEVEL READ COMMITTED",
                "read uncommitted" => "ISOLATION LEVEL READ UNCOMMITTED",
                _ => "ISOLATION LEVEL UNKNOWN",
            },
            ("transaction_read_only", OptionValue::Integer(0)) => "READ WRITE",
            ("transaction_read_only", OptionValue::Integer(_)) => "READ ONLY",
            ("transaction_deferrable", OptionValue::Integer(0)) => "NOT DEFERRABLE",
            ("transaction_deferrable", OptionValue::Integer(_)) => "DEFERRABLE",
            _ => "UNKNOWN",
        });
    }
}
