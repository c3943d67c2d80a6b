//! `cordon catalog check|diff`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use catalog::{Catalog, Options};
use clap::Subcommand;
use serde_json::json;

use crate::output::{
    Exit, Faults, NotUsable, Output, count, diagnostic_value, gap_value, gaps_text,
};

/// What to do with a catalogue.
#[derive(Subcommand)]
pub enum Command {
    /// Read manifests and say what is wrong and what is open.
    #[command(after_help = "Example: cordon catalog check policies/sample/catalog")]
    Check {
        /// Manifests, directories of manifests, or a deployment's directory.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Say what changes between two catalogues; exit 1 if anything loosens.
    #[command(after_help = "Example: cordon catalog diff deployed/catalog draft/catalog")]
    Diff {
        /// A manifest or directory as it was.
        old: PathBuf,
        /// A manifest or directory as it is to be.
        new: PathBuf,
    },
}

/// Runs it.
pub fn run(command: &Command, output: &mut Output) -> anyhow::Result<Exit> {
    match command {
        Command::Check { paths } => check(paths, output),
        Command::Diff { old, new } => diff(old, new, output),
    }
}

fn check(paths: &[PathBuf], output: &mut Output) -> anyhow::Result<Exit> {
    let read = read(paths)?;
    output.warnings(&read.warnings);
    let fields: usize = read
        .datasets
        .values()
        .map(|dataset| dataset.fields.len())
        .sum();
    let labelled = read
        .datasets
        .values()
        .flat_map(|dataset| &dataset.fields)
        .filter(|field| field.label.is_some())
        .count();
    let text = format!(
        "{}, {}, {labelled} of {fields} labelled\n{}",
        count(read.datasets.len(), "dataset"),
        count(fields, "field"),
        gaps_text(&read.gaps)
    );
    let value = json!({
        "datasets": read.datasets.keys().map(ToString::to_string).collect::<Vec<_>>(),
        "fields": fields,
        "labelled": labelled,
        "warnings": read.warnings.iter().map(diagnostic_value).collect::<Vec<_>>(),
        "gaps": read.gaps.iter().map(gap_value).collect::<Vec<_>>(),
    });
    output.answer(&text, &value)?;
    Ok(Exit::Done)
}

fn diff(old: &Path, new: &Path, output: &mut Output) -> anyhow::Result<Exit> {
    let before = read(&[old.to_path_buf()])?;
    let after = read(&[new.to_path_buf()])?;
    let changes = catalog::diff(&before.datasets, &after.datasets);
    let loosens = changes.iter().any(|change| change.loosens);
    let mut text: String = changes.iter().map(|change| format!("{change}\n")).collect();
    text.push_str(match (changes.is_empty(), loosens) {
        (true, _) => "no difference\n",
        (false, true) => "protection is loosened: this needs the policy quorum and a reason\n",
        (false, false) => "nothing is loosened\n",
    });
    let value = json!({
        "changes": changes
            .iter()
            .map(|change| json!({ "text": change.to_string(), "loosens": change.loosens }))
            .collect::<Vec<_>>(),
        "loosens": loosens,
    });
    output.answer(&text, &value)?;
    Ok(if loosens { Exit::No } else { Exit::Done })
}

fn read(paths: &[PathBuf]) -> anyhow::Result<Catalog> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    if files.is_empty() {
        let names: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let text = format!("no manifests (`*.yaml`, `*.yml`) in {}", names.join(", "));
        return Err(NotUsable(text).into());
    }
    let texts: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    Ok(catalog::read(&texts, &Options::default()).map_err(Faults)?)
}

/// Manifests of a path: the file, the directory's files, or a deployment's `catalog`.
fn collect(path: &Path, files: &mut Vec<(String, String)>) -> anyhow::Result<()> {
    if path.join("cordon.toml").is_file() {
        return collect(&path.join("catalog"), files);
    }
    if path.is_dir() {
        let entries = std::fs::read_dir(path).with_context(|| format!("{}", path.display()))?;
        let mut inside: Vec<PathBuf> = entries
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .map(|e| e.path())
            .collect();
        inside.sort();
        for file in inside {
            let is_yaml = file
                .extension()
                .is_some_and(|ext| ext == "yaml" || ext == "yml");
            if is_yaml && file.is_file() {
                collect(&file, files)?;
            }
        }
        return Ok(());
    }
    let name = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|error| NotUsable(format!("{name} cannot be read: {error}")))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| NotUsable(format!("{name} is not UTF-8 text; save it as UTF-8")))?;
    files.push((name, text));
    Ok(())
}
