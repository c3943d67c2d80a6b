//! What stands in `FROM`.

use super::word;
use super::writer::Writer;
use crate::tree::{
    Alias, ColumnDefinition, FromItem, FunctionItem, Join, JoinOn, RelationItem, RelationName,
    SubqueryItem,
};

impl Writer {
    pub(super) fn item(&mut self, item: &FromItem) {
        match item {
            FromItem::Relation(RelationItem {
                id: _,
                name,
                only,
                alias,
            }) => {
                self.relation(name, *only);
                self.alias(alias.as_ref());
            }
            FromItem::Subquery(item) => {
                let SubqueryItem {
                    id: _,
                    lateral,
                    query,
                    alias,
                } = item.as_ref();
                self.lateral(*lateral);
                self.bracketed(|writer| writer.query(query));
                self.alias(alias.as_ref());
            }
            FromItem::Function(item) => self.function_item(item),
            FromItem::Join(join) => self.join(join),
        }
    }

    /// `ONLY name`
    pub(super) fn relation(&mut self, name: &RelationName, only: bool) {
        if only {
            self.word("ONLY ");
        }
        self.relation_name(name);
    }

    fn lateral(&mut self, lateral: bool) {
        if lateral {
            self.word("LATERAL ");
        }
    }

    fn alias(&mut self, alias: Option<&Alias>) {
        if let Some(Alias { name, columns }) = alias {
            self.word(" AS ");
            self.name(name);
            self.name_list(columns);
        }
    }

    fn function_item(&mut self, item: &FunctionItem) {
        let FunctionItem {
            id: _,
            lateral,
            ordinality,
            rows_from,
            functions,
            alias,
            columns,
        } = item;
        self.lateral(*lateral);
        if *rows_from {
            self.word("ROWS FROM (");
        }
        self.commas(functions, |writer, (function, columns)| {
            writer.expression(function);
            if !columns.is_empty() {
                writer.word(" AS ");
                writer.column_definitions(columns);
            }
        });
        if *rows_from {
            self.word(")");
        }
        if *ordinality {
            self.word(" WITH ORDINALITY");
        }
        self.alias(alias.as_ref());
        if !columns.is_empty() {
            self.word(if alias.is_none() { " AS " } else { " " });
            self.column_definitions(columns);
        }
    }

    fn column_definitions(&mut self, columns: &[ColumnDefinition]) {
        self.bracketed(|writer| {
            writer.commas(columns, |writer, ColumnDefinition { name, type_name }| {
                writer.name(name);
                writer.word(" ");
                writer.type_name(type_name);
            });
        });
    }

    fn join(&mut self, join: &Join) {
        let Join {
            id: _,
            kind,
            on,
            left,
            right,
            alias,
        } = join;
        self.bracketed(|writer| {
            writer.item(left);
            writer.word(match on {
                JoinOn::Nothing => " CROSS ",
                JoinOn::Natural => " NATURAL ",
                JoinOn::Using(..) | JoinOn::Condition(_) => " ",
            });
            writer.word(word::join(*kind));
            writer.item(right);
            match on {
                JoinOn::Nothing | JoinOn::Natural => {}
                JoinOn::Using(columns, alias) => {
                    writer.word(" USING");
                    writer.name_list(columns);
                    if let Some(alias) = alias {
                        writer.word(" AS ");
                        writer.name(alias);
                    }
                }
                JoinOn::Condition(condition) => {
                    writer.word(" ON ");
                    writer.expression(condition);
                }
            }
        });
        self.alias(alias.as_ref());
    }
}
