//! docs/catalogue-relations.md, from the file that says what may be read of PostgreSQL's catalogue.

use anyhow::{Context, Result};

use crate::house::House;

/// The document.
pub const PATH: &str = "docs/catalogue-relations.md";

const SOURCE: &str = include_str!("../../../crates/sql/data/catalogue/relations.txt");
const VIEWS: &str = include_str!("../../../crates/sql/data/catalogue/views-15.sql");

const OPENING: &str = "\
# What may be read of PostgreSQL's own catalogue

A statement that reads relations of `pg_catalog` and `information_schema` and nothing else is run by
the server, with each of them replaced by a query that shows what the person may know of. Beside data
these relations are refused. A relation that is not listed here is refused.

This page is written by `./x docs` from `crates/sql/data/catalogue/relations.txt`; change it there.
`rows` is the condition on a row (`~t`), where `{..}` are the macros of that file; `replaced` are
columns that do not pass as they are, with what stands there instead.

| relation | what is seen | rows | columns that pass | replaced |
|---|---|---|---|---|
";

/// Writes the document.
pub fn write(house: &House) -> Result<()> {
    let text = render();
    std::fs::write(house.root.join(PATH), &text).with_context(|| format!("cannot write {PATH}"))?;
    let rows = text.lines().filter(|line| line.starts_with("| `")).count();
    println!("{PATH}: {rows} relations");
    Ok(())
}

/// The whole document.
pub fn render() -> String {
    let mut text = OPENING.to_owned();
    for block in SOURCE.split("\nrelation ").skip(1) {
        text.push_str(&row(block.split("\n\n").next().unwrap_or_default()));
    }
    text.push_str("\n## Views\n\nRead by their own definitions over the relations above: ");
    let views: Vec<String> = VIEWS
        .lines()
        .filter_map(|line| Some(format!("`{}`", line.strip_prefix("-- view ")?)))
        .collect();
    text.push_str(&views.join(", "));
    text.push_str(".\n");
    text
}

fn row(block: &str) -> String {
    let mut lines = block.lines();
    let name = lines
        .next()
        .and_then(|line| line.split(' ').next())
        .unwrap_or_default();
    let (mut say, mut rows) = ("", String::new());
    let (mut pass, mut replaced) = (Vec::new(), Vec::new());
    for line in lines.map(str::trim) {
        if let Some(text) = line.strip_prefix("say ") {
            say = text;
        } else if let Some(text) = line.strip_prefix("rows ") {
            rows = format!("`{text}`");
        } else if let Some(text) = line.strip_prefix("query ") {
            rows = format!("a query: `{text}`");
        } else if let Some((column, text)) = line.split_once(" = ") {
            replaced.push(format!("`{column}`: `{text}`"));
        } else {
            pass.extend(line.split(' ').map(|column| match column.split_once(':') {
                Some((column, _)) => format!("({column})"),
                None => column.trim_end_matches('*').to_owned(),
            }));
        }
    }
    let cells = [say.to_owned(), rows, pass.join(" "), replaced.join("<br>")]
        .map(|cell| cell.replace('|', "\\|"));
    format!("| `{name}` | {} |\n", cells.join(" | "))
}
