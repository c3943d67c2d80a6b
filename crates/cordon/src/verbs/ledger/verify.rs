//! `cordon ledger verify`.

use std::fs::File;
use std::io::BufReader;

use anyhow::Context;
use clap::Args;
use verifier::{
    Export, Policy, Progress, Terms, VerifierKey, checkpoint_of, keys_of, open, policy_of, verify,
};

use crate::output::{Exit, Output, Progress as Shown};

/// Which logs, and on whose word.
#[derive(Args)]
#[command(
    after_help = "Exit codes: 0 everything that was asked is proved; 1 a violation; 2 the command \
line is wrong; 3 nothing is wrong as far as can be told, but something could not be told (without a \
witness that is always so); 4 something broke.\n\n\
Example: cordon ledger verify copy/ledger --log control.vkey --witness witness.vkey"
)]
pub struct Arguments {
    /// Directories or `http://` addresses of logs, or a deployment's directory. When copying a
    /// running deployment, copy the control log first.
    #[arg(required = true, value_name = "DIR|URL")]
    places: Vec<String>,
    /// A log's key, or a file of keys. That of the control log suffices: it names the others.
    #[arg(long, required = true, value_name = "VKEY|FILE")]
    log: Vec<String>,
    #[command(flatten)]
    witnesses: Witnesses,
    /// A checkpoint that you kept: the log must go on from it.
    #[arg(long, value_name = "CHECKPOINT")]
    from: Vec<String>,
    /// Payloads that were disclosed (docs/ledger-format.md, Payload exports).
    #[arg(long, value_name = "EXPORT")]
    payloads: Option<String>,
    /// How many threads work; one for each core if it is not said.
    #[arg(long, default_value_t = 0)]
    threads: usize,
}

/// Whose cosignatures count.
#[derive(Args)]
pub struct Witnesses {
    /// A witness's key, or a file of keys; any one of them suffices.
    #[arg(long, value_name = "VKEY|FILE", conflicts_with = "policy")]
    witness: Vec<String>,
    /// Witnesses and how many of them are needed (C2SP tlog-policy).
    #[arg(long, value_name = "FILE")]
    policy: Option<String>,
}

impl Witnesses {
    /// The policy that was asked for, if any was.
    pub fn policy(&self) -> anyhow::Result<Option<Policy>> {
        if let Some(file) = &self.policy {
            return Ok(Some(policy_of(file)?));
        }
        let keys = all_keys(&self.witness)?;
        Ok(match keys.is_empty() {
            true => None,
            false => Some(Terms::any_of(&keys)?),
        })
    }
}

/// Runs it.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let mut terms = Terms {
        keys: all_keys(&arguments.log)?,
        witnesses: arguments.witnesses.policy()?,
        workers: arguments.threads,
        ..Terms::default()
    };
    for file in &arguments.from {
        terms.earlier.push(checkpoint_of(file)?);
    }
    if let Some(file) = &arguments.payloads {
        let opened = File::open(file).with_context(|| format!("`{file}` cannot be read"))?;
        terms.payloads = Some(Export::read(&mut BufReader::new(opened))?);
    }
    let mut sources = Vec::new();
    for place in &arguments.places {
        sources.extend(open(place)?);
    }
    let mut shown: Option<(u64, Shown)> = None;
    let mut tell = |progress: Progress<'_>| {
        let percent = progress.done * 100 / progress.size.max(1);
        if shown.as_ref().is_none_or(|(told, _)| *told != percent) {
            shown = None;
            let what = format!("{} {percent} %", progress.log);
            shown = Some((percent, Shown::begin(&what, output.is_json())));
        }
    };
    let report = verify(&sources, &terms, &mut tell)?;
    drop(shown);
    output.answer(&report.to_text(), &report.to_value())?;
    Ok(super::exit_of(report.verdict()))
}

/// The keys of all arguments.
pub fn all_keys(arguments: &[String]) -> anyhow::Result<Vec<VerifierKey>> {
    let mut keys = Vec::new();
    for argument in arguments {
        keys.extend(keys_of(argument)?);
    }
    Ok(keys)
}
