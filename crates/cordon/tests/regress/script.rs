//! Takes psql scripts apart into statements: quotes, comments, COPY's lines and psql's own commands.

use std::path::Path;

/// The statements of a script, in order. `data` is where the script's data files are.
pub fn statements(script: &str, data: &Path) -> Vec<String> {
    let mut all = Vec::new();
    let mut rest = script;
    let mut file = String::new();
    while let Some((statement, after)) = next(rest, &mut file, data) {
        rest = after;
        let statement = statement
            .replace(":'filename'", &format!("'{file}'"))
            .trim()
            .to_owned();
        if statement.is_empty() {
            continue;
        }
        if let Some(table) = copied_here(&statement) {
            // The lines up to `\.` become rows.
            let end = rest.find("\n\\.").map_or(rest.len(), |at| at);
            let lines = rest.get(..end).unwrap_or_default();
            all.extend(
                lines
                    .trim_start_matches('\n')
                    .lines()
                    .map(|line| insert(&table, line)),
            );
            rest = rest.get(end..).unwrap_or_default();
            rest = rest.strip_prefix("\n\\.").unwrap_or(rest);
            continue;
        }
        all.push(statement);
    }
    all
}

/// The table, and columns if any, of `COPY t FROM stdin`.
fn copied_here(statement: &str) -> Option<String> {
    let lower = statement.to_ascii_lowercase();
    let at = lower.strip_prefix("copy ").and(lower.find(" from stdin"))?;
    statement.get(5..at).map(str::to_owned)
}

fn insert(table: &str, line: &str) -> String {
    let cells: Vec<String> = line
        .split('\t')
        .map(|cell| match cell {
            "\\N" => "NULL".to_owned(),
            cell => format!("'{}'", cell.replace('\'', "''").replace("\\\\", "\\")),
        })
        .collect();
    format!("INSERT INTO {table} VALUES ({})", cells.join(", "))
}

/// Up to the next semicolon that ends a statement, or psql's `\g...`.
fn next<'a>(text: &'a str, file: &mut String, data: &Path) -> Option<(String, &'a str)> {
    if text.trim().is_empty() {
        return None;
    }
    let mut statement = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let taken = match letter {
            ';' => return rest.get(1..).map(|after| (statement, after)),
            '\\' => {
                let end = rest.find('\n').unwrap_or(rest.len());
                let command = rest.get(..end).unwrap_or_default();
                if let Some(name) = command
                    .strip_prefix("\\set filename :abs_srcdir '/data/")
                    .and_then(|name| name.strip_suffix('\''))
                {
                    *file = data.join(name).display().to_string();
                }
                rest = rest.get(end..).unwrap_or_default();
                if command.starts_with("\\g") || command.starts_with("\\crosstab") {
                    return Some((statement, rest));
                }
                continue;
            }
            '-' if rest.starts_with("--") => {
                rest = rest
                    .get(rest.find('\n').unwrap_or(rest.len())..)
                    .unwrap_or_default();
                continue;
            }
            '/' if rest.starts_with("/*") => comment(rest),
            '\'' => {
                let escapes = statement.ends_with(['e', 'E']);
                quoted(rest, '\'', escapes)
            }
            '"' => quoted(rest, '"', false),
            '$' => dollar(rest).unwrap_or(1),
            other => other.len_utf8(),
        };
        statement.push_str(rest.get(..taken).unwrap_or(rest));
        rest = rest.get(taken..).unwrap_or_default();
    }
    Some((statement, ""))
}

fn comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if escapes && letter == '\\' {
            letters.next();
        } else if letter == quote {
            if letters.peek().is_some_and(|(_, next)| *next == quote) {
                letters.next();
            } else {
                return at + quote.len_utf8();
            }
        }
    }
    text.len()
}

/// The length of a dollar-quoted text, if one begins here.
fn dollar(text: &str) -> Option<usize> {
    let end = text.get(1..)?.find('$')? + 2;
    let tag = text.get(..end)?;
    let is_tag = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    if !tag.chars().all(is_tag) || tag.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) {
        return None;
    }
    let close = text.get(end..)?.find(tag)?;
    Some(end + close + tag.len())
}
