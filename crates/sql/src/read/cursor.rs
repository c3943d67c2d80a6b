//! Prepared statements, cursors, `EXPLAIN`.

use pg_query::protobuf::{
    ClosePortalStmt, DeallocateStmt, DeclareCursorStmt, ExecuteStmt, ExplainStmt,
    FetchDirection as FetchDirectionNode, FetchStmt, PrepareStmt,
};

use super::reader::{Reader, absent, kind, present, unexpected, unsupported};
use crate::Refused;
use crate::tree::{Declare, Execute, Explain, Fetch, FetchDirection, Prepare, Statement};

// The bits of PostgreSQL's src/include/nodes/parsenodes.h. The last is set for every cursor.
const BINARY: i32 = 0x0001;
const SCROLL: i32 = 0x0002;
const NO_SCROLL: i32 = 0x0004;
const INSENSITIVE: i32 = 0x0008;
const ASENSITIVE: i32 = 0x0010;
const HOLD: i32 = 0x0020;
const FAST_PLAN: i32 = 0x0100;

impl Reader<'_> {
    pub(super) fn prepare(&mut self, node: PrepareStmt) -> Result<Prepare, Refused> {
        let PrepareStmt {
            name,
            argtypes,
            query,
        } = node;
        let statement = self.statement(*present(query, "`PREPARE`", -1)?)?;
        match &statement {
            Statement::Query(_)
            | Statement::Insert(_)
            | Statement::Update(_)
            | Statement::Delete(_) => {}
            Statement::Prepare(_)
            | Statement::Execute(_)
            | Statement::Deallocate(_)
            | Statement::Declare(_)
            | Statement::Fetch(_)
            | Statement::Close(_)
            | Statement::CopyOut(_)
            | Statement::Explain(_)
            | Statement::Set(_)
            | Statement::Show(_)
            | Statement::Transaction(_)
            | Statement::Discard(_) => return Err(unexpected("`PREPARE`", -1)),
        }
        Ok(Prepare {
            name: self.name(name, -1)?,
            types: self.each(argtypes, Reader::type_node)?,
            statement,
        })
    }

    pub(super) fn execute(&mut self, node: ExecuteStmt) -> Result<Execute, Refused> {
        let ExecuteStmt { name, params } = node;
        Ok(Execute {
            name: self.name(name, -1)?,
            arguments: self.each(params, Reader::expression)?,
        })
    }

    pub(super) fn deallocate(&mut self, node: DeallocateStmt) -> Result<Option<String>, Refused> {
        let DeallocateStmt {
            name,
            isall,
            location: _,
        } = node;
        let name = self.name_if(name, -1)?;
        absent(
            name.is_none() == isall,
            "an unexpected form of `DEALLOCATE`",
            -1,
        )?;
        Ok(name)
    }

    pub(super) fn declare(&mut self, node: DeclareCursorStmt) -> Result<Declare, Refused> {
        let DeclareCursorStmt {
            portalname,
            options,
            query,
        } = node;
        let known = BINARY | SCROLL | NO_SCROLL | INSENSITIVE | ASENSITIVE | HOLD | FAST_PLAN;
        absent(options & !known == 0, "an unknown option of `DECLARE`", -1)?;
        let choice = |yes: i32, no: i32, what: &str| match (options & yes, options & no) {
            (0, 0) => Ok(None),
            (_, 0) => Ok(Some(true)),
            (0, _) => Ok(Some(false)),
            (_, _) => Err(unsupported(what, -1)),
        };
        Ok(Declare {
            name: self.name(portalname, -1)?,
            binary: options & BINARY != 0,
            scroll: choice(SCROLL, NO_SCROLL, "both `SCROLL` and `NO SCROLL`")?,
            insensitive: choice(
                INSENSITIVE,
                ASENSITIVE,
                "both `INSENSITIVE` and `ASENSITIVE`",
            )?,
            hold: options & HOLD != 0,
            query: self.query_node(*present(query, "`DECLARE`", -1)?)?,
        })
    }

    pub(super) fn fetch(&mut self, node: FetchStmt) -> Result<Fetch, Refused> {
        let FetchStmt {
            direction,
            how_many,
            portalname,
            ismove,
        } = node;
        let direction = match kind(direction, "`FETCH`", -1)? {
            FetchDirectionNode::Undefined => return Err(unexpected("`FETCH`", -1)),
            FetchDirectionNode::FetchForward => FetchDirection::Forward(how_many),
            FetchDirectionNode::FetchBackward => FetchDirection::Backward(how_many),
            FetchDirectionNode::FetchAbsolute => FetchDirection::Absolute(how_many),
            FetchDirectionNode::FetchRelative => FetchDirection::Relative(how_many),
        };
        Ok(Fetch {
            name: self.name(portalname, -1)?,
            is_move: ismove,
            direction,
        })
    }

    pub(super) fn close(&mut self, node: ClosePortalStmt) -> Result<Option<String>, Refused> {
        let ClosePortalStmt { portalname } = node;
        self.name_if(portalname, -1)
    }

    pub(super) fn explain(&mut self, node: ExplainStmt) -> Result<Explain, Refused> {
        let ExplainStmt { query, options } = node;
        Ok(Explain {
            options: self.each(options, Reader::option)?,
            statement: self.statement(*present(query, "`EXPLAIN`", -1)?)?,
        })
    }
}
