//! The worked sample as it comes with the binary.

use std::path::Path;

use anyhow::Context;

use crate::output::NotUsable;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../policies/sample/", $name)))),*]
    };
}

/// Each file of the sample with its text.
const FILES: &[(&str, &str)] = files![
    "README.md",
    "cordon.toml",
    "people.yaml",
    "grants.yaml",
    "assessments.yaml",
    "cases.txt",
    "catalog/app.yaml",
    "policy/rules.cedar",
];

/// What the sample's cast must get.
pub const CASES: &str = include_str!("../../../../policies/sample/cases.txt");

/// Writes the sample into a directory that is empty or not there yet.
pub fn write_sample(dir: &Path) -> anyhow::Result<()> {
    if dir.is_dir() && std::fs::read_dir(dir)?.next().is_some() {
        let text = format!(
            "{} is not empty; name a directory that is, or one that is not there yet",
            dir.display()
        );
        return Err(NotUsable(text).into());
    }
    for (name, text) in FILES {
        let path = dir.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("{}", parent.display()))?;
        }
        std::fs::write(&path, text).with_context(|| format!("{}", path.display()))?;
    }
    Ok(())
}
