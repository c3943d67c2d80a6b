//! From text to a type, or to the one thing that is wrong with it.

use model::Diagnostic;
use serde::de::DeserializeOwned;

/// LIMIT: a manifest of 10,000 fields is about 1 MiB; past this a file is a mistake or an attack.
pub const LENGTH_MAX: usize = 8 * 1024 * 1024;

/// Reads one YAML document. Repeated keys, unknown anchors and runaway aliases are errors.
///
/// # Errors
/// One [`Diagnostic`] with file, line, path in the document, cause and remedy.
pub fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Box<Diagnostic>> {
    if text.len() > LENGTH_MAX {
        let cause = format!("the file has {} bytes, more than {LENGTH_MAX}", text.len());
        return Err(Box::new(Diagnostic::error(
            file,
            cause,
            "split it into several files",
        )));
    }
    let mut path = String::new();
    let result = serde_saphyr::with_deserializer_from_str(text, |deserializer| {
        serde_path_to_error::deserialize(deserializer).map_err(|error| {
            path = error.path().to_string();
            error.into_inner()
        })
    });
    result.map_err(|error| {
        let (line, column) = error
            .location()
            .map_or((0, 0), |at| (at.line(), at.column()));
        let path = path.trim_end_matches(".value").trim_end_matches(".?");
        let path = if path == "." || path == "?" { "" } else { path };
        Box::new(
            Diagnostic::error(file, cause_of(&error), remedy_for(&error))
                .at(line, column)
                .under(path),
        )
    })
}

/// The parser's own words, without its picture of the source, its repetition of the place and the
/// names of Rust types and YAML events.
fn cause_of(error: &serde_saphyr::Error) -> String {
    let whole = error.without_snippet().to_string();
    let first = whole.lines().next().unwrap_or_default();
    let cut = first.find(" at line ").or_else(|| first.find(" (line "));
    let text = cut.and_then(|at| first.get(..at)).unwrap_or(first);
    let text = text
        .split(", set DuplicateKeyPolicy")
        .next()
        .unwrap_or(text);
    let text = text
        .trim()
        .trim_end_matches(['.', ',', ':'])
        .replace('\t', " ");
    match text.as_str() {
        "expected sequence start" => "expected a list".to_owned(),
        "expected mapping start" => "expected `key: value` lines".to_owned(),
        "expected string scalar" => "expected a text".to_owned(),
        _ if text.starts_with("invalid u") || text.starts_with("invalid i") => {
            "not a whole number in range".to_owned()
        }
        _ => text,
    }
}

fn remedy_for(error: &serde_saphyr::Error) -> &'static str {
    let text = error.without_snippet().to_string();
    if text.contains("unknown field") {
        "remove the key or correct its spelling"
    } else if text.contains("missing field") {
        "add the key that is missing"
    } else if text.contains("duplicate") {
        "keep one of the two"
    } else if text.contains("alias") || text.contains("anchor") {
        "in YAML `*` and `&` begin an alias or anchor; lists begin with `-`, texts with `*` need quotes"
    } else {
        "correct the YAML at this place"
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::Located;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[serde(default)]
        items: Vec<Item>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Item {
        name: Located<String>,
        count: Option<Located<u8>>,
    }

    fn fault(text: &str) -> String {
        read::<Sample>("a.yaml", text).unwrap_err().to_string()
    }

    #[test]
    fn values_know_their_place() {
        let sample: Sample = read("a.yaml", "items:\n  - name: x\n    count: 3\n").unwrap();
        let item = &sample.items[0];
        assert_eq!(
            (item.name.value.as_str(), item.name.line, item.name.column),
            ("x", 2, 11)
        );
        assert_eq!(item.count.as_ref().map(|c| (c.value, c.line)), Some((3, 3)));
    }

    #[test]
    fn each_mistake_is_named_with_its_place_and_remedy() {
        let faults: Vec<String> = [
            "items:\n  * name: x\n",
            "items:\n  - name: x\n    colour: red\n",
            "items:\n  - count: 1\n",
            "items:\n  - name: x\n    count: many\n",
            "items:\n  - name: x\n    name: y\n",
            "items: [\n",
            "items: 7\n",
            "items:\n  - name: *nobody\n",
        ]
        .into_iter()
        .map(fault)
        .collect();
        insta::assert_snapshot!(faults.join("\n"));
    }

    #[test]
    fn a_billion_laughs_is_refused() {
        let mut text = String::from("a0: &a0 [x]\n");
        for level in 1..40 {
            let below = format!("*a{}", level - 1);
            text.push_str(&format!(
                "a{level}: &a{level} [{below}, {below}, {below}, {below}]\n"
            ));
        }
        assert!(read::<serde::de::IgnoredAny>("a.yaml", &text).is_err());
    }

    #[test]
    fn depth_and_length_are_limited() {
        assert!(read::<serde::de::IgnoredAny>("a.yaml", &"[".repeat(100_000)).is_err());
        let long = " ".repeat(LENGTH_MAX + 1);
        assert!(read::<serde::de::IgnoredAny>("a.yaml", &long).is_err());
    }
}
