//! Small houses for the tests of the checks.

use crate::house::{Dependency, File, House, Member};
use crate::tidy::Finding;

/// A crate in a ring, with the crates of ours it depends on.
pub fn member(name: &str, ring: &str, ours: &[&str]) -> Member {
    Member {
        name: name.to_owned(),
        folder: format!("crates/{name}"),
        ring: Some(ring.to_owned()),
        dependencies: ours.iter().map(|ours| on(ours, true, false)).collect(),
        ..Member::default()
    }
}

/// A line of a manifest.
pub fn on(name: &str, ours: bool, dev: bool) -> Dependency {
    Dependency {
        name: name.to_owned(),
        ours,
        dev,
    }
}

/// A house of files only.
pub fn with_files(files: &[(&str, &str)]) -> House {
    House {
        files: files
            .iter()
            .map(|(path, text)| File {
                path: (*path).to_owned(),
                text: (*text).to_owned(),
            })
            .collect(),
        ..House::default()
    }
}

/// The problems as text, without the warnings.
pub fn problems(findings: Vec<Finding>) -> Vec<String> {
    findings
        .into_iter()
        .filter_map(|finding| match finding {
            Finding::Problem(text) => Some(text),
            Finding::Warning(_) => None,
        })
        .collect()
}
