//! `cordon ledger prove`.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use verifier::{Reader, prove};

use crate::output::{Exit, Output};

/// Which entry, and where the proof goes.
#[derive(Args)]
#[command(
    after_help = "The proof leads to the checkpoint that witnesses cosigned, if it covers the \
entry.\n\nExample: cordon ledger prove copy/ledger/control-1 42 --entry entry.bin --proof 42.tlog-proof"
)]
pub struct Arguments {
    /// The directory or `http://` address of one log.
    #[arg(value_name = "DIR|URL")]
    place: String,
    /// The entry, counted from 0.
    index: u64,
    /// Where the proof is written; printed if it is not said.
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// Where the entry's bytes are written, which the proof is about.
    #[arg(long, value_name = "FILE")]
    entry: Option<PathBuf>,
}

/// Runs it.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let source = super::open_one(&arguments.place)?;
    let proof = prove(source.as_ref(), arguments.index)?.to_string();
    if let Some(file) = &arguments.entry {
        let bytes = Reader::new(source.as_ref())?.bytes(arguments.index)?;
        write(file, &bytes)?;
    }
    match &arguments.proof {
        Some(file) => {
            write(file, proof.as_bytes())?;
            let text = format!("the proof of entry {} is written", arguments.index);
            output.answer(&text, &json!({ "index": arguments.index, "proof": proof }))?;
        }
        None => output.answer(&proof, &json!({ "index": arguments.index, "proof": proof }))?,
    }
    Ok(Exit::Done)
}

fn write(file: &PathBuf, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(file, bytes).with_context(|| {
        format!(
            "`{}` cannot be written; choose another file",
            file.display()
        )
    })
}
