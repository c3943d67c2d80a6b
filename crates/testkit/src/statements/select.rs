//! SELECT: plain, grouped, windowed.

use super::{Kind, Maker, Source};

type Columns = Vec<(String, Kind)>;

impl Maker<'_> {
    /// A SELECT, with these types of output where they are asked for.
    pub(crate) fn select(
        &mut self,
        outer: &[Source],
        depth: usize,
        kinds: Option<&[Kind]>,
    ) -> (String, Columns) {
        let (from, sources) = self.from(outer, depth);
        let mut scope = outer.to_vec();
        scope.extend(sources);
        let filter = if self.dice.once_in(2) {
            String::new()
        } else {
            format!(" where {}", self.condition(&scope, 2))
        };
        let wanted: Vec<Kind> = match kinds {
            Some(kinds) => kinds.to_vec(),
            None => (0..=self.dice.below(3)).map(|_| self.kind()).collect(),
        };
        let (targets, tail) = match self.dice.below(6) {
            0 | 1 if kinds.is_none() => self.grouped(&scope),
            2 => (self.windowed(&wanted, &scope), String::new()),
            _ => {
                let values = wanted
                    .iter()
                    .map(|kind| (self.value(*kind, &scope, 2), *kind))
                    .collect();
                (values, String::new())
            }
        };
        let mut columns = Vec::new();
        let mut list = Vec::new();
        for (value, kind) in targets {
            let name = self.name("o");
            list.push(format!("{value} as {name}"));
            columns.push((name, kind));
        }
        let distinct = if tail.is_empty() && self.dice.once_in(8) {
            "distinct "
        } else {
            ""
        };
        let list = list.join(", ");
        (
            format!("select {distinct}{list} from {from}{filter}{tail}"),
            columns,
        )
    }

    fn grouped(&mut self, scope: &[Source]) -> (Vec<(String, Kind)>, String) {
        let mut keys: Vec<(String, Kind)> = Vec::new();
        for _ in 0..=self.dice.below(2) {
            let kind = self.kind();
            let column = self.plain(kind, scope);
            // A bare literal in GROUP BY is a position.
            if column.contains('.')
                && !column.contains('\'')
                && !column.starts_with(|c: char| c.is_ascii_digit())
            {
                keys.push((column, kind));
            }
        }
        keys.dedup();
        let mut targets = keys.clone();
        for _ in 0..=self.dice.below(2) {
            targets.push(self.aggregate(scope));
        }
        let names: Vec<&str> = keys.iter().map(|(text, _)| text.as_str()).collect();
        let names = names.join(", ");
        let mut tail = match (keys.len(), self.dice.below(6)) {
            (0, _) => String::new(),
            (_, 0) => format!(" group by grouping sets (({names}), ())"),
            (_, 1) => format!(" group by rollup ({names})"),
            (_, 2) => format!(" group by cube ({names})"),
            _ => format!(" group by {names}"),
        };
        if self.dice.once_in(3) {
            let (aggregate, kind) = self.aggregate(scope);
            tail.push_str(&match kind {
                Kind::Truth => format!(" having {aggregate}"),
                Kind::Integer
                | Kind::Big
                | Kind::Number
                | Kind::Text
                | Kind::Date
                | Kind::Moment
                | Kind::Uuid => format!(" having {aggregate} is not null"),
            });
        }
        (targets, tail)
    }

    fn aggregate(&mut self, scope: &[Source]) -> (String, Kind) {
        let int = self.value(Kind::Integer, scope, 1);
        let text = self.value(Kind::Text, scope, 1);
        let (call, kind) = match self.dice.below(11) {
            0 | 1 => ("count(*)".to_owned(), Kind::Big),
            2 => (format!("count(distinct {text})"), Kind::Big),
            3 => (format!("sum({int}::bigint)"), Kind::Number),
            4 => (format!("max({text})"), Kind::Text),
            5 => (format!("min({int})"), Kind::Integer),
            6 => (
                format!("avg({})", self.value(Kind::Number, scope, 1)),
                Kind::Number,
            ),
            7 => (
                format!("string_agg({text}, ',' order by {text})"),
                Kind::Text,
            ),
            8 => {
                let condition = self.condition(scope, 1);
                (format!("bool_or({condition})"), Kind::Truth)
            }
            9 => (
                format!("array_to_string(array_agg(distinct {int}), ',')"),
                Kind::Text,
            ),
            _ => (
                format!("max({})", self.value(Kind::Date, scope, 1)),
                Kind::Date,
            ),
        };
        let is_bare = !call.starts_with("array_to_string");
        if is_bare && self.dice.once_in(4) {
            let condition = self.condition(scope, 1);
            return (format!("{call} filter (where {condition})"), kind);
        }
        (call, kind)
    }

    fn windowed(&mut self, kinds: &[Kind], scope: &[Source]) -> Vec<(String, Kind)> {
        let mut targets: Vec<(String, Kind)> = Vec::new();
        for kind in kinds {
            targets.push((self.value(*kind, scope, 1), *kind));
        }
        let Some((_, kind)) = targets.pop() else {
            return targets;
        };
        let key = self.value(Kind::Text, scope, 0);
        let part = self.value(Kind::Integer, scope, 0);
        let value = self.value(kind, scope, 1);
        let call = match (kind, self.dice.below(5)) {
            (Kind::Big, 0) => format!("count(*) over (partition by {part})"),
            (Kind::Big, 1) => format!("rank() over (order by {key}, {part})"),
            (Kind::Big, 2) => {
                format!("dense_rank() over (partition by {part} order by {key} desc)")
            }
            (Kind::Big, 3) => {
                self.loose = Some("row_number over ties");
                format!("row_number() over (order by {key})")
            }
            (Kind::Number, 0 | 1) => {
                format!("sum({value}) over (partition by {part} order by {key})")
            }
            (Kind::Number, 2) => format!(
                "sum({value}) over (order by {key} groups between 1 preceding and current row)"
            ),
            (_, 0) => {
                self.loose = Some("rows of a frame over ties");
                format!(
                    "max({value}) over (order by {part} rows between 1 preceding and 1 following)"
                )
            }
            (_, 1) => format!("first_value({value}) over (partition by {part} order by {value})"),
            (_, 2) => {
                self.loose = Some("lag over ties");
                format!("lag({value}) over (order by {key}, {part})")
            }
            _ => format!("max({value}) over (partition by {key})"),
        };
        targets.push((call, kind));
        targets
    }
}
