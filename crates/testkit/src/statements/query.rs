//! Whole statements: CTEs, set operations, order and limit.

use super::{Kind, Maker, Table};

impl Maker<'_> {
    /// A statement, and whether its order is total.
    pub(crate) fn statement(&mut self) -> (String, bool) {
        let mut with = Vec::new();
        let mut recursive = "";
        if self.dice.once_in(3) {
            for _ in 0..=self.dice.below(2) {
                let name = self.name("w");
                let (text, columns) = if self.dice.once_in(5) {
                    recursive = "recursive ";
                    let text = format!(
                        "values (1, 'a') union all select n + 1, x || 'b' from {name} where n < 4"
                    );
                    let columns = vec![
                        ("n".to_owned(), Kind::Integer),
                        ("x".to_owned(), Kind::Text),
                    ];
                    (text, columns)
                } else {
                    self.select(&[], 1, None)
                };
                let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
                let how = self
                    .dice
                    .word(&["", "", "materialized ", "not materialized "]);
                let how = if recursive.is_empty() { how } else { "" };
                with.push(format!("{name}({}) as {how}({text})", names.join(", ")));
                self.tables.push(Table { name, columns });
            }
        }
        let (mut text, many) = self.body();
        let mut is_ordered = false;
        if self.dice.once_in(2) {
            is_ordered = true;
            let mut places: Vec<String> = (1..=many)
                .map(|place| {
                    let how =
                        self.dice
                            .word(&["", "", " desc", " nulls first", " desc nulls last"]);
                    format!("{place}{how}")
                })
                .collect();
            self.dice.shuffle(&mut places);
            text = format!("{text} order by {}", places.join(", "));
        }
        if self.dice.once_in(6) {
            let limit = self
                .dice
                .word(&["limit 3", "limit 5 offset 1", "offset 2", "limit 2"]);
            text = format!("{text} {limit}");
            if !is_ordered {
                self.loose = Some("LIMIT without ORDER BY");
            }
        }
        if !with.is_empty() {
            text = format!("with {recursive}{} {text}", with.join(", "));
        }
        (text, is_ordered)
    }

    /// The body and how many columns it has.
    fn body(&mut self) -> (String, usize) {
        match self.dice.below(10) {
            0 => {
                let kinds: Vec<Kind> = (0..=self.dice.below(2)).map(|_| self.kind()).collect();
                let (left, _) = self.select(&[], 1, Some(&kinds));
                let (right, _) = self.select(&[], 1, Some(&kinds));
                let how = self.dice.word(&[
                    "union",
                    "union all",
                    "intersect",
                    "except",
                    "except all",
                    "intersect all",
                ]);
                (format!("{left} {how} {right}"), kinds.len())
            }
            1 => {
                let (from, source) = self.table();
                let condition = self.condition(std::slice::from_ref(&source), 1);
                let alias = &source.alias;
                (
                    format!("select {alias}.* from {from} where {condition}"),
                    source.columns.len(),
                )
            }
            2 => {
                let (from, source) = self.table();
                let condition = self.condition(std::slice::from_ref(&source), 1);
                let word = if source.is_table {
                    "row_to_json"
                } else {
                    "to_jsonb"
                };
                let alias = &source.alias;
                (
                    format!("select {word}({alias})::text from {from} where {condition}"),
                    1,
                )
            }
            _ => {
                let (text, columns) = self.select(&[], 2, None);
                (text, columns.len())
            }
        }
    }
}
