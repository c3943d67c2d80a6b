//! docs/ledger-format.md says what the code does.

use std::fmt::Write as _;

use crate::vectors::{all, lines_of_hex};
use crate::write::{holds, in_repository};

const PATH: &str = "docs/ledger-format.md";

/// The document with one part, between its markers, as the code has it.
fn with_part(document: &str, name: &str, part: &str) -> String {
    let begin = format!("<!-- {name}: written by `./x docs`, not by hand -->\n");
    let end = format!("<!-- end of {name} -->");
    let (before, rest) = document.split_once(&begin).expect(&begin);
    let (_, after) = rest.split_once(&end).expect(&end);
    format!("{before}{begin}\n{}\n\n{end}{after}", part.trim())
}

fn vectors() -> String {
    let mut text = String::new();
    for vector in all() {
        let bytes = lines_of_hex(&vector.bytes());
        let (title, diagnostic) = (vector.title, vector.diagnostic);
        writeln!(
            text,
            "**{title}**\n\n```\n{diagnostic}\n```\n\n```\n{bytes}\n```\n"
        )
        .unwrap();
    }
    text
}

#[test]
fn the_document_says_what_the_code_does() {
    let document = std::fs::read_to_string(in_repository(PATH)).expect(PATH);
    let document = with_part(&document, "kinds", &record::describe());
    let document = with_part(&document, "retention", &record::retention_table());
    let document = with_part(&document, "states", &record::describe_states());
    let document = with_part(&document, "vectors", &vectors());
    holds(PATH, &document);
}
