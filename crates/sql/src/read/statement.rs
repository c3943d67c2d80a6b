//! Statements: which one it is.

use pg_query::protobuf::{Node, RawStmt};

use super::reader::{Reader, not_allowed, present, unexpected, unsupported};
use super::sort::{Sorted, StatementNode, sort};
use crate::Refused;
use crate::tree::Statement;

impl Reader<'_> {
    pub(super) fn raw_statement(&mut self, node: RawStmt) -> Result<Statement, Refused> {
        let RawStmt {
            stmt,
            stmt_location: at,
            stmt_len: _,
        } = node;
        self.statement(*present(stmt, "a statement", at)?)
            .map_err(|refused| match refused.at {
                Some(_) => refused,
                None => refused.at(at),
            })
    }

    pub(super) fn statement(&mut self, node: Node) -> Result<Statement, Refused> {
        match sort(node) {
            Sorted::Statement(node) => self.deeper(|reader| reader.statement_node(node)),
            Sorted::Command(command) => Err(not_allowed(command)),
            Sorted::Unsupported(what) => Err(unsupported(what, -1)),
            Sorted::Expression(_) | Sorted::From(_) | Sorted::Part | Sorted::Unexpected => {
                Err(unexpected("a statement", -1))
            }
        }
    }

    fn statement_node(&mut self, node: StatementNode) -> Result<Statement, Refused> {
        Ok(match node {
            StatementNode::Select(node) => {
                let query = self.query(*node)?;
                match super::set_config::setting(&query) {
                    Some(setting) => Statement::Set(setting),
                    None => Statement::Query(Box::new(query)),
                }
            }
            StatementNode::Insert(node) => Statement::Insert(Box::new(self.insert(*node)?)),
            StatementNode::Update(node) => Statement::Update(Box::new(self.update(*node)?)),
            StatementNode::Delete(node) => Statement::Delete(Box::new(self.delete(*node)?)),
            StatementNode::Prepare(node) => Statement::Prepare(Box::new(self.prepare(*node)?)),
            StatementNode::Execute(node) => Statement::Execute(self.execute(node)?),
            StatementNode::Deallocate(node) => Statement::Deallocate(self.deallocate(node)?),
            StatementNode::Declare(node) => Statement::Declare(Box::new(self.declare(*node)?)),
            StatementNode::Fetch(node) => Statement::Fetch(self.fetch(node)?),
            StatementNode::Close(node) => Statement::Close(self.close(node)?),
            StatementNode::Copy(node) => Statement::CopyOut(Box::new(self.copy(*node)?)),
            StatementNode::Explain(node) => Statement::Explain(Box::new(self.explain(*node)?)),
            StatementNode::Set(node) => Statement::Set(self.set(node)?),
            StatementNode::Show(node) => Statement::Show(self.show(node)?),
            StatementNode::Transaction(node) => Statement::Transaction(self.transaction(node)?),
            StatementNode::Discard(node) => Statement::Discard(super::setting::discard(&node)?),
        })
    }
}
