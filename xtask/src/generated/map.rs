//! The table of crates in docs/architecture.md, from the manifests and the first sentence of each
//! crate.

use anyhow::{Context, Result};

use crate::house::{House, Member};

/// The document the table is in.
pub const PATH: &str = "docs/architecture.md";
/// The line before the table.
pub const BEGIN: &str = "<!-- crates: written by `./x map`, not by hand -->";
/// The line after it.
pub const END: &str = "<!-- end of crates -->";

/// From the inside out, so that a reader meets a word before the crate that uses it.
const ORDER: &[&str] = &[
    "model", "pure", "port", "plane", "tool", "binary", "test", "build",
];

/// Writes the table into the document and prints it.
pub fn write(house: &House) -> Result<()> {
    let document = house
        .text(PATH)
        .with_context(|| format!("{PATH} is missing"))?;
    let text = inserted(document, house)?;
    std::fs::write(house.root.join(PATH), text).with_context(|| format!("cannot write {PATH}"))?;
    print!("{}", table(house));
    Ok(())
}

/// The document with the table of today between its markers.
pub fn inserted(document: &str, house: &House) -> Result<String> {
    let missing = |marker: &str| format!("{PATH} has no line `{marker}`");
    let (before, rest) = document.split_once(BEGIN).with_context(|| missing(BEGIN))?;
    let (_, after) = rest.split_once(END).with_context(|| missing(END))?;
    Ok(format!("{before}{BEGIN}\n{}{END}{after}", table(house)))
}

fn table(house: &House) -> String {
    let place = |member: &Member| {
        let ring = member.ring.as_deref().unwrap_or_default();
        ORDER.iter().position(|name| *name == ring)
    };
    let mut members: Vec<&Member> = house.members.iter().collect();
    members.sort_by_key(|member| (place(member), member.name.clone()));
    let mut text =
        String::from("| crate | ring | what it holds | depends on |\n|---|---|---|---|\n");
    for member in members {
        let mut depends: Vec<&str> = member
            .dependencies
            .iter()
            .filter(|dependency| dependency.ours && !dependency.dev)
            .map(|dependency| dependency.name.as_str())
            .collect();
        depends.sort_unstable();
        text.push_str(&format!(
            "| `{}` | {} | {} | {} |\n",
            member.name,
            member.ring.as_deref().unwrap_or("none"),
            first_sentence(house, member),
            depends.join(", ")
        ));
    }
    text
}

/// What the crate says of itself first.
fn first_sentence(house: &House, member: &Member) -> String {
    let root = |name: &str| house.text(&format!("{}/src/{name}", member.folder));
    let Some(text) = root("lib.rs").or_else(|| root("main.rs")) else {
        return "nothing yet".to_owned();
    };
    let paragraph: Vec<&str> = text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    // Links between items mean something to rustdoc only.
    let paragraph = paragraph
        .join(" ")
        .replace("[`", "`")
        .replace("`]", "`")
        .replace('|', "\\|");
    match paragraph.split_once(". ") {
        Some((sentence, _)) => format!("{sentence}."),
        None => paragraph,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{member, with_files};

    #[test]
    fn the_table_goes_from_the_inside_out_and_keeps_the_rest() {
        let mut house = with_files(&[
            (
                "crates/model/src/lib.rs",
                "//! Plain types: people,\n//! [`Mask`]s. No IO.\n//!\n//! More.\n",
            ),
            ("crates/cordon/src/main.rs", "//! Reads the command line.\n"),
        ]);
        house.members = vec![
            member("cordon", "binary", &["policy", "model"]),
            member("model", "model", &[]),
            member("policy", "pure", &["model"]),
        ];
        let document = format!("above\n{BEGIN}\nold\n{END}\nbelow\n");
        let expected = format!(
            "above\n{BEGIN}\n\
             | crate | ring | what it holds | depends on |\n\
             |---|---|---|---|\n\
             | `model` | model | Plain types: people, `Mask`s. |  |\n\
             | `policy` | pure | nothing yet | model |\n\
             | `cordon` | binary | Reads the command line. | model, policy |\n\
             {END}\nbelow\n"
        );
        let written = inserted(&document, &house).unwrap();
        assert_eq!(written, expected);
        assert_eq!(inserted(&written, &house).unwrap(), expected);
        assert!(inserted("no markers", &house).is_err());
    }
}
