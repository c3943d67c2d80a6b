//! Values and conditions of a type, total ones and ones that may fail.

use super::{Kind, Maker, Source};

impl Maker<'_> {
    /// A value of this type over these sources.
    pub(crate) fn value(&mut self, kind: Kind, scope: &[Source], depth: usize) -> String {
        if depth == 0 || self.dice.once_in(2) {
            return self.plain(kind, scope);
        }
        let depth = depth - 1;
        if self.dice.once_in(4) {
            return self.any_kind(kind, scope, depth);
        }
        let int = |maker: &mut Self| maker.value(Kind::Integer, scope, depth);
        let text = |maker: &mut Self| maker.value(Kind::Text, scope, depth);
        match kind {
            Kind::Integer => match self.dice.below(9) {
                0 => format!("({} % 97)", int(self)),
                1 => format!("length({})", text(self)),
                2 => format!("ascii({})", text(self)),
                3 => format!("position('a' in {})", text(self)),
                4 => format!("(({} % 1000) + ({} % 1000))", int(self), int(self)),
                5 => format!(
                    "extract(year from {})::int",
                    self.value(Kind::Date, scope, depth)
                ),
                6 => format!("(array[{}, {}, 3])[2]", int(self), int(self)),
                7 => format!("cardinality(array[{}, {}])", text(self), text(self)),
                _ => format!("abs({} % 5000)", int(self)),
            },
            Kind::Big => match self.dice.below(3) {
                0 => format!("{}::bigint", int(self)),
                1 => format!("({}::int8 * 2)", int(self)),
                _ => format!("({} % 1000)", self.value(Kind::Big, scope, depth)),
            },
            Kind::Number => match self.dice.below(4) {
                0 => format!("{}::numeric", int(self)),
                1 => format!("round({}, 1)", self.value(Kind::Number, scope, depth)),
                2 => format!("({} / 3.0)", self.value(Kind::Number, scope, depth)),
                _ => format!("(({} % 100) * 1.5)", int(self)),
            },
            Kind::Text => self.text(scope, depth),
            Kind::Date => match self.dice.below(3) {
                0 => format!("({} + 30)", self.value(Kind::Date, scope, depth)),
                1 => format!("{}::date", self.value(Kind::Moment, scope, depth)),
                _ => format!(
                    "({} - interval '1 month')::date",
                    self.value(Kind::Date, scope, depth)
                ),
            },
            Kind::Moment => match self.dice.below(3) {
                0 => format!(
                    "({} + interval '1 day')",
                    self.value(Kind::Moment, scope, depth)
                ),
                1 => format!(
                    "date_trunc('month', {})",
                    self.value(Kind::Moment, scope, depth)
                ),
                _ => format!("{}::timestamptz", self.value(Kind::Date, scope, depth)),
            },
            Kind::Uuid => self.plain(kind, scope),
            Kind::Truth => self.condition(scope, depth),
        }
    }

    fn text(&mut self, scope: &[Source], depth: usize) -> String {
        let one = self.value(Kind::Text, scope, depth);
        match self.dice.below(16) {
            0 => format!("lower({one})"),
            1 => format!("upper({one})"),
            2 => format!("left({one}, 3)"),
            3 => format!("({one} || {})", self.value(Kind::Text, scope, depth)),
            4 => format!("substring({one} from 2 for 3)"),
            5 => format!("{}::text", self.value(Kind::Integer, scope, depth)),
            6 => format!(
                "to_char({}, 'YYYY-MM')",
                self.value(Kind::Date, scope, depth)
            ),
            7 => format!("concat({one}, {})", self.value(Kind::Integer, scope, depth)),
            8 => format!("md5({one})"),
            9 => format!("replace({one}, 'a', 'b')"),
            10 => format!("split_part({one}, '@', 1)"),
            11 => format!("json_build_object('a', {one})::text"),
            12 => format!("array_to_string(array[{one}, 'z'], ',')"),
            13 => format!("reverse(btrim({one}))"),
            14 => format!(
                "(json_build_array({one}, {}) ->> 0)",
                self.value(Kind::Integer, scope, depth)
            ),
            _ => self
                .whole_row(scope)
                .map_or_else(|| format!("initcap({one})"), |row| format!("{row}::text")),
        }
    }

    /// A table's row as one value, as JSON.
    fn whole_row(&mut self, scope: &[Source]) -> Option<String> {
        let tables: Vec<&Source> = scope.iter().filter(|source| source.is_table).collect();
        let alias = self.dice.pick(&tables)?.alias.clone();
        Some(format!("row_to_json({alias})"))
    }

    /// What every type has.
    fn any_kind(&mut self, kind: Kind, scope: &[Source], depth: usize) -> String {
        let one = self.value(kind, scope, depth);
        match self.dice.below(5) {
            0 => format!("coalesce({one}, {})", self.literal(kind)),
            1 => format!("nullif({one}, {})", self.plain(kind, scope)),
            2 => {
                let condition = self.condition(scope, depth.min(1));
                format!(
                    "case when {condition} then {one} else {} end",
                    self.plain(kind, scope)
                )
            }
            3 if kind != Kind::Truth && kind != Kind::Uuid => self.scalar(kind, scope),
            _ => format!("greatest({one}, {})", self.plain(kind, scope)),
        }
    }

    /// A query that gives one value.
    fn scalar(&mut self, kind: Kind, scope: &[Source]) -> String {
        let (from, inner) = self.table();
        let mut both = inner.clone();
        both.columns
            .retain(|(_, column)| matches!(column, Kind::Integer | Kind::Text));
        let mut all = scope.to_vec();
        all.push(both);
        let condition = self.condition(&all, 0);
        let value = self.value(kind, &[inner], 0);
        format!("(select max({value}) from {from} where {condition})")
    }

    /// A column of this type, or a literal where there is none.
    pub(crate) fn plain(&mut self, kind: Kind, scope: &[Source]) -> String {
        let columns: Vec<String> = scope
            .iter()
            .flat_map(|source| {
                source
                    .columns
                    .iter()
                    .filter(|(_, column)| *column == kind)
                    .map(|(name, _)| format!("{}.{name}", source.alias))
            })
            .collect();
        if columns.is_empty() || self.dice.once_in(9) {
            return self.literal(kind);
        }
        self.dice.pick(&columns).cloned().unwrap_or_default()
    }

    pub(crate) fn literal(&mut self, kind: Kind) -> String {
        let samples: Vec<&String> = self
            .ground
            .samples
            .iter()
            .filter(|(sample, _)| *sample == kind)
            .map(|(_, text)| text)
            .collect();
        if !samples.is_empty() && !self.dice.once_in(4) {
            return self
                .dice
                .pick(&samples)
                .map_or_else(String::new, |one| (*one).clone());
        }
        match kind {
            Kind::Integer => self.dice.word(&["0", "1", "7", "20093", "-5", "400"]),
            Kind::Big => self.dice.word(&["1000::bigint", "0::int8", "5000000000"]),
            Kind::Number => self.dice.word(&["1.5", "100.0", "7.03", "0.0"]),
            Kind::Text => self.dice.word(&["'DE'", "'a'", "''", "'t***'", "'US'"]),
            Kind::Date => self.dice.word(&["date '1980-01-01'", "date '1970-01-01'"]),
            Kind::Moment => self.dice.word(&["timestamptz '2026-01-05 00:00:00+00'"]),
            Kind::Uuid => self
                .dice
                .word(&["'00000000-0000-0000-0000-000000000001'::uuid"]),
            Kind::Truth => self.dice.word(&["true", "false"]),
        }
        .to_owned()
    }

    /// Something true, false or unknown of rows.
    pub(crate) fn condition(&mut self, scope: &[Source], depth: usize) -> String {
        let kind = self.kind();
        let one = self.value(kind, scope, depth.min(1));
        let int = self.value(Kind::Integer, scope, depth.min(1));
        let text = self.value(Kind::Text, scope, depth.min(1));
        let below = depth.saturating_sub(1);
        let choices = if depth == 0 { 14 } else { 26 };
        match self.dice.below(choices) {
            0 | 1 => format!("{one} is not null"),
            2 | 3 => {
                let operator = self.dice.word(&["=", "<>", "<", "<=", ">", ">="]);
                format!("{one} {operator} {}", self.plain(kind, scope))
            }
            4 => format!("{int} > {}", self.literal(Kind::Integer)),
            5 => format!("{text} like 't%'"),
            6 => format!("{text} not like '%a_b%'"),
            7 => format!("{one} in ({}, {})", self.literal(kind), self.literal(kind)),
            8 => format!("{one} is distinct from {}", self.plain(kind, scope)),
            9 => format!("{int} between 0 and {}", self.literal(Kind::Integer)),
            10 => format!("{int} = any (array[{}, 3])", self.literal(Kind::Integer)),
            11 => format!("lower({text}) >= 'c'"),
            12 => format!("{one} >= {}", self.literal(kind)),
            13 => format!("({one} is null or {int} is not null)"),
            14 | 15 => {
                let (a, b) = (self.condition(scope, below), self.condition(scope, below));
                format!("({a} and {b})")
            }
            16 => {
                let (a, b) = (self.condition(scope, below), self.condition(scope, below));
                format!("({a} or {b})")
            }
            17 => format!("not ({})", self.condition(scope, below)),
            18 | 19 => self.sublink(scope),
            20 => format!("({int}, {text}) <> ({}, 'x')", self.literal(Kind::Integer)),
            21 => format!("({}) is not false", self.condition(scope, below)),
            22 | 23 => self.risky(&int, &text),
            24 => format!("{text} ~ '^[a-t]'"),
            _ => format!("({int}, {text}) in (({int}, {text}), (1, 'a'))"),
        }
    }

    /// Conditions that fail on some values.
    fn risky(&mut self, int: &str, text: &str) -> String {
        match self.dice.below(9) {
            0 => format!("1000 / ({int} - 20093) < 5"),
            1 => format!("100 / nullif({int} % 7, 0) > 3"),
            2 => format!("{text} ~ left({text}, 1)"),
            3 => format!("(coalesce({int}, 0)::text || '1')::int8 > 0"),
            4 => format!("sqrt(abs({int})) > 3"),
            5 => format!("ln(abs({int} % 100) + 1) < 4"),
            6 => format!("substring({text} from 1 for abs({int} % 5)) <> 'a'"),
            7 => format!("exp({int} % 10) > 2"),
            _ => format!("to_number({int}::text, '99999999999') > 0"),
        }
    }

    fn sublink(&mut self, scope: &[Source]) -> String {
        let (from, inner) = self.table();
        let mut all = scope.to_vec();
        all.push(inner.clone());
        let condition = self.condition(&all, 0);
        let kind = inner
            .columns
            .first()
            .map_or(Kind::Integer, |column| column.1);
        let outer = self.value(kind, scope, 0);
        let value = self.plain(kind, &[inner]);
        match self.dice.below(6) {
            0 | 1 => format!("exists (select 1 from {from} where {condition})"),
            2 => format!("{outer} in (select {value} from {from} where {condition})"),
            3 => format!("{outer} not in (select {value} from {from} where {value} is not null)"),
            4 => format!("{outer} >= all (select {value} from {from} where {condition})"),
            _ => format!("{outer} = any (select {value} from {from})"),
        }
    }

    pub(crate) fn kind(&mut self) -> Kind {
        let kinds = [
            Kind::Integer,
            Kind::Integer,
            Kind::Text,
            Kind::Text,
            Kind::Date,
            Kind::Moment,
            Kind::Number,
            Kind::Big,
        ];
        self.dice.pick(&kinds).copied().unwrap_or(Kind::Integer)
    }
}
