//! What stands in FROM.

use super::{Kind, Maker, Source, Table};

/// A join condition of rows that have nothing in common.
const EVERY: &str = "1 = 1";

impl Maker<'_> {
    /// A table under a new alias, with its columns.
    pub(crate) fn table(&mut self) -> (String, Source) {
        let tables: Vec<Table> = self
            .ground
            .tables
            .iter()
            .chain(&self.tables)
            .cloned()
            .collect();
        let table = match self.tables.last() {
            Some(last) if self.dice.once_in(3) => last.clone(),
            _ => self.dice.pick(&tables).cloned().unwrap_or(Table {
                name: "generate_series(1, 2)".to_owned(),
                columns: Vec::new(),
            }),
        };
        let is_table = self.ground.tables.iter().any(|one| one.name == table.name);
        let alias = self.name("t");
        if self.dice.once_in(8) {
            // Column names of its own.
            let columns: Vec<(String, Kind)> = table
                .columns
                .iter()
                .map(|(_, kind)| (self.name("c"), *kind))
                .collect();
            let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
            let text = format!("{} as {alias}({})", table.name, names.join(", "));
            let source = Source {
                alias,
                columns,
                is_table,
            };
            return (text, source);
        }
        let text = format!("{} {alias}", table.name);
        let source = Source {
            alias,
            columns: table.columns,
            is_table,
        };
        (text, source)
    }

    /// Something that gives rows.
    fn item(&mut self, before: &[Source], depth: usize) -> (String, Source) {
        match self.dice.below(if depth == 0 { 9 } else { 12 }) {
            0 => {
                let alias = self.name("v");
                let rows: Vec<String> = (0..3)
                    .map(|_| {
                        format!(
                            "({}, {})",
                            self.literal(Kind::Integer),
                            self.literal(Kind::Text)
                        )
                    })
                    .collect();
                let text = format!("(values {}) as {alias}(n, x)", rows.join(", "));
                (text, pair(alias))
            }
            1 if !before.is_empty() => {
                let alias = self.name("l");
                let int = self.value(Kind::Integer, before, 1);
                let word = self.value(Kind::Text, before, 1);
                let condition = self.condition(before, 0);
                let text = format!(
                    "lateral (select {int} as n, {word} as x where {condition}) as {alias}"
                );
                (text, pair(alias))
            }
            2 if !before.is_empty() && self.dice.once_in(2) => {
                let alias = self.name("g");
                let int = self.value(Kind::Integer, before, 0);
                let text = format!("lateral generate_series(1, abs({int} % 3)) as {alias}(n)");
                let source = Source {
                    alias,
                    columns: vec![("n".to_owned(), Kind::Integer)],
                    is_table: false,
                };
                (text, source)
            }
            9..=11 => {
                let alias = self.name("q");
                let (text, columns) = self.select(&[], depth - 1, None);
                let source = Source {
                    alias: alias.clone(),
                    columns,
                    is_table: false,
                };
                (format!("({text}) as {alias}"), source)
            }
            _ => self.table(),
        }
    }

    /// FROM with its joins, and the sources it makes.
    pub(crate) fn from(&mut self, outer: &[Source], depth: usize) -> (String, Vec<Source>) {
        let many = match self.dice.below(6) {
            0..=2 => 1,
            3 | 4 => 2,
            _ => 3,
        };
        let (mut text, first) = self.item(outer, depth);
        let mut sources = vec![first];
        for place in 1..many {
            let before = if self.dice.once_in(2) {
                sources.clone()
            } else {
                Vec::new()
            };
            let (item, source) = self.item(&before, depth);
            let is_lateral = item.starts_with("lateral");
            text = self.join(text, &sources, item, &source, is_lateral, place + 1 == many);
            sources.push(source);
        }
        (text, sources)
    }

    fn join(
        &mut self,
        left: String,
        sources: &[Source],
        right: String,
        source: &Source,
        is_lateral: bool,
        is_last: bool,
    ) -> String {
        let pair = self.equal(sources, source);
        let shared: Vec<&String> = source
            .columns
            .iter()
            .filter(|column| {
                sources
                    .iter()
                    .filter(|one| one.columns.contains(column))
                    .count()
                    == 1
                    && !sources.iter().any(|one| {
                        one.columns
                            .iter()
                            .any(|(name, kind)| *name == column.0 && *kind != column.1)
                    })
            })
            .map(|(name, _)| name)
            .collect();
        match self.dice.below(if is_lateral { 4 } else { 9 }) {
            // JOIN binds closer than the comma, so nothing may follow it.
            0 if is_last => format!("{left}, {right}"),
            1 => format!("{left} cross join {right}"),
            2 => format!("{left} left join {right} on true"),
            3 => format!("{left} inner join {right} on {pair}"),
            4 => {
                let mut all = sources.to_vec();
                all.push(source.clone());
                let more = self.condition(&all, 1);
                format!("{left} join {right} on {pair} and {more}")
            }
            5 if pair != EVERY => format!("{left} full join {right} on {pair}"),
            6 => format!("{left} right join {right} on {pair}"),
            7 if !shared.is_empty() && sources.len() == 1 => {
                let name = self.dice.pick(&shared).map_or("", |name| name.as_str());
                format!("{left} left join {right} using ({name})")
            }
            8 if sources.len() == 1 && shared.len() == 1 => {
                format!("{left} natural join {right}")
            }
            _ => format!("{left} left join {right} on {pair}"),
        }
    }

    /// Keys that are equal, where there are keys.
    fn equal(&mut self, sources: &[Source], source: &Source) -> String {
        let mut pairs = Vec::new();
        for one in sources {
            for (ours, kind) in &one.columns {
                for (theirs, other) in &source.columns {
                    let is_key = |name: &str| name.ends_with("id");
                    let likely = kind == other && is_key(ours) && is_key(theirs);
                    let possible = kind == other && self.dice.once_in(6);
                    if likely || possible {
                        let (a, b) = (&one.alias, &source.alias);
                        pairs.push(format!("{a}.{ours} = {b}.{theirs}"));
                    }
                }
            }
        }
        let found = self.dice.pick(&pairs).cloned();
        found.unwrap_or_else(|| EVERY.to_owned())
    }
}

fn pair(alias: String) -> Source {
    Source {
        alias,
        columns: vec![
            ("n".to_owned(), Kind::Integer),
            ("x".to_owned(), Kind::Text),
        ],
        is_table: false,
    }
}
