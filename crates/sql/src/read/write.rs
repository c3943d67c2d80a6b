//! `INSERT`, `UPDATE`, `DELETE`.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    DeleteStmt, IndexElem, InferClause, InsertStmt, Node, OnConflictAction, OnConflictClause,
    OverridingKind, ResTarget, ReturningClause, SortByDir, SortByNulls, UpdateStmt,
};

use super::reader::{Reader, absent, kind, present, unexpected, unsupported};
use super::select::result_target;
use crate::Refused;
use crate::tree::{
    Assignment, ConflictAction, ConflictTarget, Delete, Insert, InsertSource, OnConflict, Target,
    Update,
};

impl Reader<'_> {
    pub(super) fn insert(&mut self, node: InsertStmt) -> Result<Insert, Refused> {
        let InsertStmt {
            relation,
            cols,
            select_stmt,
            on_conflict_clause,
            returning_clause,
            with_clause,
            r#override,
        } = node;
        match kind(r#override, "`INSERT`", -1)? {
            OverridingKind::OverridingNotSet => {}
            OverridingKind::Undefined => return Err(unexpected("`INSERT`", -1)),
            OverridingKind::OverridingUserValue | OverridingKind::OverridingSystemValue => {
                return Err(unsupported("`OVERRIDING ... VALUE`", -1));
            }
        }
        let id = self.id();
        let with = with_clause.map(|with| self.with(with)).transpose()?;
        let (relation, only, alias) = self.target_relation(relation)?;
        absent(!only, "`INSERT INTO ONLY`", -1)?;
        Ok(Insert {
            id,
            with,
            relation,
            alias,
            columns: self.each(cols, Reader::plain_column)?,
            source: match select_stmt {
                None => InsertSource::Defaults,
                Some(query) => InsertSource::Query(self.query_node(*query)?),
            },
            on_conflict: on_conflict_clause
                .map(|clause| self.on_conflict(*clause))
                .transpose()?,
            returning: self.returning(returning_clause)?,
        })
    }

    pub(super) fn update(&mut self, node: UpdateStmt) -> Result<Update, Refused> {
        let UpdateStmt {
            relation,
            target_list,
            where_clause,
            from_clause,
            returning_clause,
            with_clause,
        } = node;
        let id = self.id();
        let with = with_clause.map(|with| self.with(with)).transpose()?;
        let (relation, only, alias) = self.target_relation(relation)?;
        Ok(Update {
            id,
            with,
            relation,
            only,
            alias,
            assignments: self.each(target_list, Reader::assignment)?,
            from: self.each(from_clause, Reader::item)?,
            filter: self.maybe(where_clause, Reader::expression)?,
            returning: self.returning(returning_clause)?,
        })
    }

    pub(super) fn delete(&mut self, node: DeleteStmt) -> Result<Delete, Refused> {
        let DeleteStmt {
            relation,
            using_clause,
            where_clause,
            returning_clause,
            with_clause,
        } = node;
        let id = self.id();
        let with = with_clause.map(|with| self.with(with)).transpose()?;
        let (relation, only, alias) = self.target_relation(relation)?;
        Ok(Delete {
            id,
            with,
            relation,
            only,
            alias,
            using: self.each(using_clause, Reader::item)?,
            filter: self.maybe(where_clause, Reader::expression)?,
            returning: self.returning(returning_clause)?,
        })
    }

    fn returning(&mut self, node: Option<ReturningClause>) -> Result<Vec<Target>, Refused> {
        let Some(ReturningClause { options, exprs }) = node else {
            return Ok(Vec::new());
        };
        absent(options.is_empty(), "`RETURNING WITH`", -1)?;
        self.each(exprs, Reader::target)
    }

    fn plain_column(&mut self, node: Node) -> Result<String, Refused> {
        let ResTarget {
            name,
            indirection,
            val,
            location: at,
        } = result_target(node)?;
        absent(
            indirection.is_empty(),
            "an assignment to a part of a column",
            at,
        )?;
        absent(val.is_none(), "a column with a value", at)?;
        self.name(name, at)
    }

    fn assignment(&mut self, node: Node) -> Result<Assignment, Refused> {
        let ResTarget {
            name,
            indirection,
            val,
            location: at,
        } = result_target(node)?;
        absent(
            indirection.is_empty(),
            "an assignment to a part of a column",
            at,
        )?;
        Ok(Assignment {
            column: self.name(name, at)?,
            value: *self.operand(val, "an assignment", at)?,
        })
    }

    fn on_conflict(&mut self, node: OnConflictClause) -> Result<OnConflict, Refused> {
        let OnConflictClause {
            action,
            infer,
            target_list,
            where_clause,
            location: at,
        } = node;
        let target = match infer {
            None => ConflictTarget::Any,
            Some(infer) => self.conflict_target(*infer)?,
        };
        let assignments = self.each(target_list, Reader::assignment)?;
        let filter = self.maybe(where_clause, Reader::expression)?;
        let action = match kind(action, "`ON CONFLICT`", at)? {
            OnConflictAction::OnconflictNothing => {
                let plain = assignments.is_empty() && filter.is_none();
                absent(plain, "`DO NOTHING` with an assignment", at)?;
                ConflictAction::Nothing
            }
            OnConflictAction::OnconflictUpdate => ConflictAction::Update(assignments, filter),
            OnConflictAction::Undefined | OnConflictAction::OnconflictNone => {
                return Err(unexpected("`ON CONFLICT`", at));
            }
        };
        Ok(OnConflict { target, action })
    }

    fn conflict_target(&mut self, node: InferClause) -> Result<ConflictTarget, Refused> {
        let InferClause {
            index_elems,
            where_clause,
            conname,
            location: at,
        } = node;
        absent(where_clause.is_none(), "`ON CONFLICT ... WHERE`", at)?;
        match (self.name_if(conname, at)?, index_elems.is_empty()) {
            (Some(name), true) => Ok(ConflictTarget::Constraint(name)),
            (None, false) => Ok(ConflictTarget::Columns(
                self.each(index_elems, |reader, node| reader.conflict_column(node, at))?,
            )),
            (Some(_), false) | (None, true) => Err(unexpected("`ON CONFLICT`", at)),
        }
    }

    fn conflict_column(&mut self, node: Node, at: i32) -> Result<String, Refused> {
        let Some(NodeEnum::IndexElem(node)) = node.node else {
            return Err(unexpected("`ON CONFLICT`", at));
        };
        let IndexElem {
            name,
            expr,
            indexcolname,
            collation,
            opclass,
            opclassopts,
            ordering,
            nulls_ordering,
        } = *node;
        absent(expr.is_none(), "`ON CONFLICT` on an expression", at)?;
        let ordering: SortByDir = kind(ordering, "`ON CONFLICT`", at)?;
        let nulls_ordering: SortByNulls = kind(nulls_ordering, "`ON CONFLICT`", at)?;
        let plain = indexcolname.is_empty()
            && collation.is_empty()
            && opclass.is_empty()
            && opclassopts.is_empty()
            && ordering == SortByDir::SortbyDefault
            && nulls_ordering == SortByNulls::SortbyNullsDefault;
        absent(plain, "`ON CONFLICT` with a collation, class or order", at)?;
        self.name(present(Some(name), "`ON CONFLICT`", at)?, at)
    }
}
