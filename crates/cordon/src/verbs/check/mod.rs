//! `cordon check`: everything that can be known before, and beside, a running gateway.

mod files;
mod report;
mod upstream;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::output::{Exit, Output};
use crate::verbs::load::{Loaded, load, moment};
use files::Files;
use report::Report;
use upstream::Seen;

/// Which deployment.
#[derive(Args)]
#[command(
    after_help = "Exit codes: 0 nothing to say; 1 ways past the gate, gaps or differences; 3 files have \
errors, or an upstream cannot be asked.\n\nIt writes nothing but a file in the ledger's folder that it \
removes at once, and asks upstreams with the gateway's own account.\n\n\
Example: cordon check /etc/cordon"
)]
pub struct Arguments {
    /// The deployment's directory.
    dir: PathBuf,
}

/// Runs it.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let dir = &arguments.dir;
    let Loaded { bundle, decider } = load(dir, output)?;
    let files = Files::check(dir, &bundle);
    let gaps = deployment::gaps_at(&bundle, moment(None)?);
    let decider = Arc::new(decider);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut upstreams: Vec<(String, anyhow::Result<Seen>)> = Vec::new();
    for (name, url) in &bundle.upstreams {
        let seen = runtime.block_on(upstream::look(dir, name, url, &decider));
        upstreams.push((name.clone(), seen));
    }
    let report = Report {
        bundle: &bundle,
        files,
        gaps,
        upstreams,
    };
    output.answer(&report.text(), &report.value())?;
    Ok(report.exit())
}
