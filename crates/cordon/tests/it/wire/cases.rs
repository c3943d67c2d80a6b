//! What the ways of sending a case may differ in, each with its reason.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The list `tests/data/wire/differences.txt`.
pub struct Differences(Vec<Difference>);

struct Difference {
    way: String,
    guard: String,
    wire: String,
    text: String,
    line: String,
    met: AtomicUsize,
}

impl Differences {
    /// Reads the list: `WAY | what the guard says | what the wire says | a text of the statement`.
    pub fn read() -> Self {
        let lines = include_str!("../../../../../tests/data/wire/differences.txt").lines();
        let lines = lines.filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        Self(
            lines
                .map(|line| {
                    let mut parts = line.split('|').map(|part| part.trim().to_owned());
                    let mut part = || parts.next().expect(line);
                    Difference {
                        way: part(),
                        guard: part(),
                        wire: part(),
                        text: part(),
                        line: line.to_owned(),
                        met: AtomicUsize::new(0),
                    }
                })
                .collect(),
        )
    }

    /// Whether a difference is in the list. `runs` stands for no failure.
    pub fn allows(&self, way: &str, guard: Option<&str>, wire: Option<&str>, text: &str) -> bool {
        let lower = text.to_lowercase();
        let is = |pattern: &str, word: &str| pattern == "any" || pattern == word;
        let found = self.0.iter().find(|known| {
            is(&known.way, way)
                && is(&known.guard, guard.unwrap_or("runs"))
                && is(&known.wire, wire.unwrap_or("runs"))
                && (known.text == "any" || lower.contains(&known.text))
        });
        if let Some(known) = found {
            known.met.fetch_add(1, Ordering::Relaxed);
        }
        found.is_some()
    }

    /// A difference that is gone leaves the list.
    pub fn assert_each_was_met(&self) {
        let unmet = self
            .0
            .iter()
            .filter(|one| one.met.load(Ordering::Relaxed) == 0);
        let unmet: Vec<&str> = unmet.map(|one| one.line.as_str()).collect();
        assert!(unmet.is_empty(), "not met any more: {unmet:#?}");
    }
}

/// A statement with the constants behind comparisons made parameters; `None` where there is none.
/// Constants elsewhere (LIKE patterns, casts, intervals) are left: as parameters they mean something
/// else.
pub fn constants_lifted(text: &str) -> Option<(String, Vec<String>)> {
    let mut out = String::new();
    let mut values = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.find(['=', '<', '>', '\'', '$', '"']) {
        let (before, found) = rest.split_at(place);
        out.push_str(before);
        if found.starts_with(['\'', '$', '"']) {
            // A text, quoted as it is: to its end, or none of it where its end is hard to tell.
            let quote = &found[..1];
            let end = found[1..].find(quote).filter(|_| quote != "$")? + 2;
            out.push_str(&found[..end]);
            rest = &found[end..];
            continue;
        }
        let operator = found.len() - found.trim_start_matches(['=', '<', '>']).len();
        let (symbol, after) = found.split_at(operator);
        out.push_str(symbol);
        let spaces = after.len() - after.trim_start().len();
        let (space, after) = after.split_at(spaces);
        out.push_str(space);
        rest = after;
        let is_arrow = out.ends_with("->>") || out.ends_with("->") || symbol.len() > 2;
        if is_arrow {
            continue;
        }
        if let Some(inner) = after.strip_prefix('\'') {
            let end = inner.find('\'')?;
            let follows = &inner[end + 1..];
            if follows.starts_with(['\'', ':']) {
                continue;
            }
            values.push(inner[..end].to_owned());
            rest = follows;
        } else {
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let follows = &after[digits..];
            if digits == 0
                || digits > 9
                || !(follows.is_empty() || follows.starts_with([' ', ')', ',']))
            {
                continue;
            }
            values.push(after[..digits].to_owned());
            rest = follows;
        }
        out.push_str(&format!("${}", values.len()));
    }
    out.push_str(rest);
    (!values.is_empty() && !text.contains('$')).then_some((out, values))
}

#[test]
fn constants_behind_comparisons_are_parameters() {
    let lifted = |text: &str| constants_lifted(text);
    assert_eq!(
        lifted("select 'x=1' from t where a = 'b' and c>=2"),
        Some((
            "select 'x=1' from t where a = $1 and c>=$2".to_owned(),
            vec!["b".to_owned(), "2".to_owned()]
        ))
    );
    for text in [
        "select 1",
        "select a = b",
        "select doc->'x'",
        "select a = '1'::int",
        "select a = $1",
    ] {
        assert_eq!(lifted(text), None, "{text}");
    }
}
