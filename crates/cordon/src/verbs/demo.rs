//! `cordon demo`: everything there is, on the worked sample, narrated and checked.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use crate::demo::{ACTS, Stage, write_sample};
use crate::output::{Exit, NotUsable, Output, count};
use crate::verbs::load::{load, moment};

/// How to play.
#[derive(Args)]
#[command(after_help = "Example: cordon demo --once --dir /tmp/cordon-sample")]
pub struct Arguments {
    /// Check and exit; exit code 1 unless every check passes. (So far every run does.)
    #[arg(long)]
    once: bool,
    /// Leave the deployment that was served in this directory, with its ledger.
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// Runs it.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let temporary;
    let dir = match &arguments.dir {
        Some(dir) => dir.clone(),
        None => {
            temporary = tempfile::tempdir().context("a temporary directory")?;
            temporary.path().join("demo")
        }
    };
    refuse_what_is_in_use(&dir)?;
    let sample = dir.join("sample");
    write_sample(&sample)?;
    let loaded = load(&sample, output)?;
    let stage = Stage {
        dir: &dir,
        loaded: &loaded,
        now: moment(Some("2026-01-15"))?,
    };
    let mut text = String::new();
    let (mut passed, mut failed) = (0, 0);
    let mut values = Vec::new();
    for (number, act) in (1..).zip(ACTS) {
        let found = (act.play)(&stage, output)?;
        text.push_str(&format!("Act {number}. {}\n\n{}\n", act.title, found.text));
        passed += found.passed;
        failed += found.failed;
        values.push(json!({
            "act": act.title, "passed": found.passed, "failed": found.failed, "found": found.value,
        }));
    }
    text.push_str(&format!(
        "{} passed, {failed} failed\n",
        count(passed, "check")
    ));
    if arguments.dir.is_some() {
        text.push_str(&format!(
            "what was served is in {}, its ledger in ledger/, the sample in sample/\n",
            stage.dir.display()
        ));
    }
    if !arguments.once {
        text.push_str(
            "next: cordon decide policies/sample --as mei.eligible --dataset public.users\n",
        );
    }
    output.answer(
        &text,
        &json!({ "acts": values, "passed": passed, "failed": failed }),
    )?;
    Ok(if failed == 0 { Exit::Done } else { Exit::No })
}

/// Nothing of somebody's is written over.
fn refuse_what_is_in_use(dir: &std::path::Path) -> anyhow::Result<()> {
    if dir.is_dir() && std::fs::read_dir(dir)?.next().is_some() {
        let text = format!(
            "{} is not empty; name a directory that is, or one that is not there yet",
            dir.display()
        );
        return Err(NotUsable(text).into());
    }
    Ok(())
}
