//! `WITH`.

use pg_query::NodeEnum;
use pg_query::protobuf::{CommonTableExpr, CteMaterialize, Node, WithClause};

use super::reader::{Reader, absent, kind, present, unexpected, unsupported};
use crate::Refused;
use crate::tree::{CommonTable, Materialized, Statement, With};

impl Reader<'_> {
    pub(super) fn with(&mut self, node: WithClause) -> Result<With, Refused> {
        let WithClause {
            ctes,
            recursive,
            location: _,
        } = node;
        Ok(With {
            recursive,
            tables: self.each(ctes, Reader::common_table)?,
        })
    }

    fn common_table(&mut self, node: Node) -> Result<CommonTable, Refused> {
        let Some(NodeEnum::CommonTableExpr(node)) = node.node else {
            return Err(unexpected("a common table", -1));
        };
        let CommonTableExpr {
            ctename,
            aliascolnames,
            ctematerialized,
            ctequery,
            search_clause,
            cycle_clause,
            location: at,
            cterecursive,
            cterefcount,
            ctecolnames,
            ctecoltypes,
            ctecoltypmods,
            ctecolcollations,
        } = *node;
        absent(search_clause.is_none(), "`SEARCH`", at)?;
        absent(cycle_clause.is_none(), "`CYCLE`", at)?;
        let unanalysed = !cterecursive
            && cterefcount == 0
            && ctecolnames.is_empty()
            && ctecoltypes.is_empty()
            && ctecoltypmods.is_empty()
            && ctecolcollations.is_empty();
        absent(unanalysed, "an analysed common table", at)?;
        let materialized = match kind(ctematerialized, "a common table", at)? {
            CteMaterialize::CtematerializeUndefined => {
                return Err(unexpected("a common table", at));
            }
            CteMaterialize::Default => Materialized::Default,
            CteMaterialize::Always => Materialized::Always,
            CteMaterialize::Never => Materialized::Never,
        };
        let id = self.id();
        let statement = self.statement(*present(ctequery, "a common table", at)?)?;
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
            | Statement::Discard(_) => {
                return Err(unsupported("such a statement in `WITH`", at));
            }
        }
        Ok(CommonTable {
            id,
            name: self.name(ctename, at)?,
            columns: self.names(aliascolnames, at)?,
            materialized,
            statement,
        })
    }
}
