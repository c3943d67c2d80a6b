//! docs/refusals.md, from the one table of refusals.

use anyhow::{Context, Result};
use model::RefusalEntry;

use crate::house::House;

/// The document.
pub const PATH: &str = "docs/refusals.md";

const OPENING: &str = "\
# Refusals

Every refusal has one stable code. `psql` shows the SQLSTATE, the meaning and, as HINT, the remedy;
an HTTP client gets the status; the ledger and the tests cite the code.

This page is written by `./x docs` from `crates/model/data/refusals.txt`; change it there.

| code | SQLSTATE | HTTP | meaning | remedy |
|---|---|---|---|---|
";

/// Writes the document.
pub fn write(house: &House) -> Result<()> {
    let path = house.root.join(PATH);
    std::fs::write(&path, render()).with_context(|| format!("cannot write {PATH}"))?;
    println!("{PATH}: {} refusals", model::refusals().len());
    Ok(())
}

/// The whole document.
pub fn render() -> String {
    let rows = model::refusals().iter().map(row);
    std::iter::once(OPENING.to_owned()).chain(rows).collect()
}

fn row(entry: &RefusalEntry) -> String {
    format!(
        "| `{}` | {} | {} | {} | {} |\n",
        entry.code,
        entry.sqlstate,
        entry.http,
        entry.meaning.replace('|', "\\|"),
        entry.remedy.replace('|', "\\|")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_a_row() {
        let text = render();
        for entry in model::refusals() {
            assert!(text.contains(&row(entry)), "{}", entry.code);
        }
        let rows = text.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, model::refusals().len());
    }
}
