//! `cordon serve`: the gateway, until it is told to stop.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use crate::output::{Exit, NotUsable, Output};
use crate::serve;
use crate::verbs::load::load;

/// Which deployment.
#[derive(Args)]
#[command(
    after_help = "SIGTERM and SIGINT stop it in order: sessions end, the ledger is closed.\n\n\
Example: cordon serve policies/sample --evaluation"
)]
pub struct Arguments {
    /// The deployment's directory.
    dir: PathBuf,
    /// Serve what the directory says although nobody signed it. Every entry of the ledger and every
    /// report says so.
    #[arg(long)]
    evaluation: bool,
}

/// Runs it.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    if !arguments.evaluation {
        let text = "approvals do not exist yet, so nothing in the directory is signed; \
                    `--evaluation` serves it all the same and marks every entry";
        return Err(NotUsable(text.to_owned()).into());
    }
    let loaded = load(&arguments.dir, output)?;
    serve::ensure_secrets(&arguments.dir)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).context("signals cannot be taken")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be taken")?;
        let serving = serve::start(&arguments.dir, loaded).await?;
        output.remark(&format!(
            "listening at {}; an evaluation",
            serving.address()
        ));
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        output.remark("stopping: sessions end, the ledger is closed");
        serving.stop().await
    })?;
    Ok(Exit::Done)
}
