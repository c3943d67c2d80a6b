//! `INSERT`, `UPDATE`, `DELETE`.

use super::writer::Writer;
use crate::tree::{
    Assignment, ConflictAction, ConflictTarget, Delete, Insert, InsertSource, OnConflict, Target,
    Update,
};

impl Writer {
    pub(super) fn insert(&mut self, insert: &Insert) {
        let Insert {
            id: _,
            with,
            relation,
            alias,
            columns,
            source,
            on_conflict,
            returning,
        } = insert;
        self.with(with.as_ref());
        self.word("INSERT INTO ");
        self.relation_name(relation);
        self.target_alias(alias.as_deref());
        self.name_list(columns);
        match source {
            InsertSource::Defaults => self.word(" DEFAULT VALUES"),
            InsertSource::Query(query) => {
                self.word(" ");
                self.query(query);
            }
        }
        if let Some(clause) = on_conflict {
            self.on_conflict(clause);
        }
        self.returning(returning);
    }

    pub(super) fn update(&mut self, update: &Update) {
        let Update {
            id: _,
            with,
            relation,
            only,
            alias,
            assignments,
            from,
            filter,
            returning,
        } = update;
        self.with(with.as_ref());
        self.word("UPDATE ");
        self.relation(relation, *only);
        self.target_alias(alias.as_deref());
        self.word(" SET ");
        self.commas(assignments, Self::assignment);
        if !from.is_empty() {
            self.word(" FROM ");
            self.commas(from, Self::item);
        }
        self.filter(filter.as_ref());
        self.returning(returning);
    }

    pub(super) fn delete(&mut self, delete: &Delete) {
        let Delete {
            id: _,
            with,
            relation,
            only,
            alias,
            using,
            filter,
            returning,
        } = delete;
        self.with(with.as_ref());
        self.word("DELETE FROM ");
        self.relation(relation, *only);
        self.target_alias(alias.as_deref());
        if !using.is_empty() {
            self.word(" USING ");
            self.commas(using, Self::item);
        }
        self.filter(filter.as_ref());
        self.returning(returning);
    }

    fn target_alias(&mut self, alias: Option<&str>) {
        if let Some(alias) = alias {
            self.word(" AS ");
            self.name(alias);
        }
    }

    fn returning(&mut self, targets: &[Target]) {
        if !targets.is_empty() {
            self.word(" RETURNING ");
            self.commas(targets, Self::target);
        }
    }

    fn assignment(&mut self, assignment: &Assignment) {
        let Assignment { column, value } = assignment;
        self.name(column);
        self.word(" = ");
        self.expression(value);
    }

    fn on_conflict(&mut self, clause: &OnConflict) {
        let OnConflict { target, action } = clause;
        self.word(" ON CONFLICT");
        match target {
            ConflictTarget::Any => {}
            ConflictTarget::Columns(columns) => self.name_list(columns),
            ConflictTarget::Constraint(name) => {
                self.word(" ON CONSTRAINT ");
                self.name(name);
            }
        }
        match action {
            ConflictAction::Nothing => self.word(" DO NOTHING"),
            ConflictAction::Update(assignments, filter) => {
                self.word(" DO UPDATE SET ");
                self.commas(assignments, Self::assignment);
                self.filter(filter.as_ref());
            }
        }
    }
}
