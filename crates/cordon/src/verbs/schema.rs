//! `cordon schema`: the schema of an upstream as a snapshot, to explain statements by later.

use std::path::PathBuf;

use clap::Args;

use crate::output::{Exit, Output};
use crate::verbs::explain::{ask_upstream, choose_upstream};
use crate::verbs::load::load;

/// Whose schema.
#[derive(Args)]
#[command(after_help = "Example: cordon schema /etc/cordon > schema.json")]
pub struct Arguments {
    /// The deployment's directory.
    dir: PathBuf,
    /// The upstream, where the deployment has several.
    #[arg(long)]
    upstream: Option<String>,
}

/// Runs it. The snapshot is JSON with and without `--json`.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let loaded = load(&arguments.dir, output)?;
    let upstream = choose_upstream(arguments.upstream.as_deref(), &loaded)?;
    let snapshot = ask_upstream(&loaded, &upstream)?;
    let value = serde_json::to_value(&snapshot)?;
    let text = serde_json::to_string_pretty(&value)?;
    output.answer(&format!("{text}\n"), &value)?;
    Ok(Exit::Done)
}
