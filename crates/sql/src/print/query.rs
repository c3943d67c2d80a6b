//! Queries.

use super::word;
use super::writer::Writer;
use crate::tree::{
    Body, CommonTable, Distinct, GroupingItem, Limit, Materialized, Query, Select, Sort, Target,
    With,
};

impl Writer {
    pub(super) fn query(&mut self, query: &Query) {
        let Query {
            with,
            body,
            order_by,
            limit,
            offset,
            // The guard refuses what locks rows; it is never printed.
            locks_rows: _,
        } = query;
        self.with(with.as_ref());
        self.body(body);
        if !order_by.is_empty() {
            self.word(" ORDER BY ");
            self.commas(order_by, Self::sort);
        }
        if let Some(Limit {
            count,
            with_ties: false,
        }) = limit
        {
            self.word(" LIMIT ");
            self.expression(count);
        }
        if let Some(offset) = offset {
            self.word(" OFFSET ");
            self.expression(offset);
        }
        if let Some(Limit {
            count,
            with_ties: true,
        }) = limit
        {
            self.word(" FETCH FIRST (");
            self.expression(count);
            self.word(") ROWS WITH TIES");
        }
    }

    fn body(&mut self, body: &Body) {
        match body {
            Body::Select(select) => self.select(select),
            Body::Values(rows) => {
                self.word("VALUES ");
                self.commas(rows, |writer, row| {
                    writer.bracketed(|writer| writer.expressions(row));
                });
            }
            Body::SetOperation {
                operation,
                all,
                left,
                right,
            } => {
                self.bracketed(|writer| writer.query(left));
                self.word(word::set_operation(*operation));
                if *all {
                    self.word("ALL ");
                }
                self.bracketed(|writer| writer.query(right));
            }
        }
    }

    fn select(&mut self, select: &Select) {
        let Select {
            distinct,
            targets,
            from,
            filter,
            group_by,
            group_distinct,
            having,
            windows,
        } = select;
        self.word("SELECT");
        match distinct {
            Distinct::No => {}
            Distinct::Rows => self.word(" DISTINCT"),
            Distinct::On(keys) => {
                self.word(" DISTINCT ON ");
                self.bracketed(|writer| writer.expressions(keys));
            }
        }
        if !targets.is_empty() {
            self.word(" ");
            self.commas(targets, Self::target);
        }
        if !from.is_empty() {
            self.word(" FROM ");
            self.commas(from, Self::item);
        }
        self.filter(filter.as_ref());
        if !group_by.is_empty() {
            self.word(" GROUP BY ");
            if *group_distinct {
                self.word("DISTINCT ");
            }
            self.commas(group_by, Self::grouping_item);
        }
        if let Some(having) = having {
            self.word(" HAVING ");
            self.expression(having);
        }
        if !windows.is_empty() {
            self.word(" WINDOW ");
            self.commas(windows, |writer, (name, spec)| {
                writer.name(name);
                writer.word(" AS ");
                writer.window(spec);
            });
        }
    }

    /// ` WHERE ...`
    pub(super) fn filter(&mut self, filter: Option<&crate::tree::Expression>) {
        if let Some(filter) = filter {
            self.word(" WHERE ");
            self.expression(filter);
        }
    }

    pub(super) fn target(&mut self, target: &Target) {
        let Target { value, name } = target;
        self.expression(value);
        if let Some(name) = name {
            self.word(" AS ");
            self.name(name);
        }
    }

    pub(super) fn sort(&mut self, sort: &Sort) {
        let Sort {
            value,
            direction,
            nulls,
        } = sort;
        self.expression(value);
        self.word(word::direction(*direction));
        self.word(word::nulls(*nulls));
    }

    fn grouping_item(&mut self, item: &GroupingItem) {
        let (word, items) = match item {
            GroupingItem::Expression(expression) => return self.expression(expression),
            GroupingItem::Empty => return self.word("()"),
            GroupingItem::Rollup(items) => ("ROLLUP", items),
            GroupingItem::Cube(items) => ("CUBE", items),
            GroupingItem::Sets(items) => ("GROUPING SETS", items),
        };
        self.word(word);
        self.word(" ");
        self.bracketed(|writer| writer.commas(items, Self::grouping_item));
    }

    /// `WITH ... `, or nothing.
    pub(super) fn with(&mut self, with: Option<&With>) {
        let Some(With { recursive, tables }) = with else {
            return;
        };
        self.word(if *recursive {
            "WITH RECURSIVE "
        } else {
            "WITH "
        });
        self.commas(tables, Self::common_table);
        self.word(" ");
    }

    fn common_table(&mut self, table: &CommonTable) {
        let CommonTable {
            id: _,
            name,
            columns,
            materialized,
            statement,
        } = table;
        self.name(name);
        self.name_list(columns);
        self.word(" AS ");
        self.word(match materialized {
            Materialized::Default => "",
            Materialized::Always => "MATERIALIZED ",
            Materialized::Never => "NOT MATERIALIZED ",
        });
        self.bracketed(|writer| writer.statement(statement));
    }
}
