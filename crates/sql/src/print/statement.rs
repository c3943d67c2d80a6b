//! Statements.

use super::writer::Writer;
use crate::tree::{DiscardTarget, Statement};

impl Writer {
    pub(super) fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Query(query) => self.query(query),
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update),
            Statement::Delete(delete) => self.delete(delete),
            Statement::Prepare(prepare) => self.prepare(prepare),
            Statement::Execute(execute) => self.execute(execute),
            Statement::Deallocate(name) => self.name_or_all("DEALLOCATE ", name.as_deref()),
            Statement::Declare(declare) => self.declare(declare),
            Statement::Fetch(fetch) => self.fetch(fetch),
            Statement::Close(name) => self.name_or_all("CLOSE ", name.as_deref()),
            Statement::CopyOut(copy) => self.copy_out(copy),
            Statement::Explain(explain) => self.explain(explain),
            Statement::Set(setting) => self.setting(setting),
            Statement::Show(name) => {
                self.word("SHOW ");
                self.setting_name(name);
            }
            Statement::Transaction(transaction) => self.transaction(transaction),
            Statement::Discard(target) => self.word(match target {
                DiscardTarget::All => "DISCARD ALL",
                DiscardTarget::Plans => "DISCARD PLANS",
                DiscardTarget::Sequences => "DISCARD SEQUENCES",
                DiscardTarget::Temp => "DISCARD TEMP",
            }),
        }
    }

    fn name_or_all(&mut self, word: &str, name: Option<&str>) {
        self.word(word);
        match name {
            Some(name) => self.name(name),
            None => self.word("ALL"),
        }
    }
}
