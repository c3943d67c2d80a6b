//! `cordon serve`: the gateway, until it is told to stop.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::output::{Exit, NotUsable, Output};
use crate::serve::events::{self, Level};
use crate::serve::{self, Reloaded, Serving};
use crate::verbs::load::load;

/// Which deployment.
#[derive(Args)]
#[command(
    after_help = "SIGHUP takes over what the directory says now: people, catalogue, policies, grants, \
passwords, certificates. If it has errors, they are told and everything stays. SIGTERM and SIGINT stop \
it in order: sessions end, the ledger is closed.\n\n\
Example: cordon serve policies/sample --evaluation"
)]
pub struct Arguments {
    /// The deployment's directory.
    dir: PathBuf,
    /// Serve what the directory says although nobody signed it. Every entry of the ledger and every
    /// report says so.
    #[arg(long)]
    evaluation: bool,
    /// Which events are written to standard error. `debug` may name people.
    #[arg(long, value_enum, default_value_t = Level::Info, value_name = "LEVEL")]
    log: Level,
    /// Write events as JSON, one object a line.
    #[arg(long)]
    log_json: bool,
}

/// Runs it.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    if !arguments.evaluation {
        let text = "approvals do not exist yet, so nothing in the directory is signed; \
                    `--evaluation` serves it all the same and marks every entry";
        return Err(NotUsable(text.to_owned()).into());
    }
    events::write(arguments.log, arguments.log_json);
    let loaded = load(&arguments.dir, output)?;
    serve::ensure_secrets(&arguments.dir)?;
    let (runtime, works_for) = serve::runtime()?;
    runtime.block_on(async {
        // Taken before anything is promised, so that none is lost.
        let mut signals = Signals::take()?;
        let mut serving = serve::start(&arguments.dir, loaded, &works_for).await?;
        let mut teller = Teller { arguments, output };
        if let Some(http) = serving.http_address() {
            teller.tell(&format!("health, metrics and logs over http at {http}"));
        }
        teller.tell(&format!(
            "listening at {}; an evaluation",
            serving.address()
        ));
        while signals.next().await == Wish::Reload {
            reload(&mut serving, &mut teller).await;
        }
        teller.tell("stopping: sessions end, the ledger is closed");
        serving.stop().await
    })?;
    Ok(Exit::Done)
}

async fn reload(serving: &mut Serving, teller: &mut Teller<'_>) {
    let reloaded = match load(&teller.arguments.dir, teller.output) {
        Ok(loaded) => serving.reload(loaded).await,
        Err(error) => Err(error),
    };
    match reloaded {
        Ok(Reloaded {
            changes,
            control_size,
        }) => {
            let what = match changes.as_slice() {
                [] => "nothing in force has changed".to_owned(),
                changes => changes.join(", "),
            };
            teller.tell(&format!(
                "reloaded: {what}; the control log has {control_size} entries"
            ));
        }
        Err(error) => {
            teller.output.failure(&error);
            teller.tell("not reloaded: what was in force stays");
        }
    }
}

/// Says what an operator waits for, whatever the level of events.
struct Teller<'a> {
    arguments: &'a Arguments,
    output: &'a mut Output,
}

impl Teller<'_> {
    fn tell(&mut self, text: &str) {
        if self.arguments.log_json {
            let line = serde_json::json!({ "level": "INFO", "message": text });
            self.output.remark(&line.to_string());
        } else {
            self.output.remark(text);
        }
    }
}

/// What the system is asked to tell.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Stop,
    Reload,
}

impl Signals {
    fn take() -> anyhow::Result<Self> {
        let take = |kind| signal(kind).context("signals cannot be taken");
        Ok(Self {
            terminate: take(SignalKind::terminate())?,
            interrupt: take(SignalKind::interrupt())?,
            hang_up: take(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Wish {
        tokio::select! {
            biased;
            _ = self.terminate.recv() => Wish::Stop,
            _ = self.interrupt.recv() => Wish::Stop,
            _ = self.hang_up.recv() => Wish::Reload,
        }
    }
}
