//! `cordon ledger check-proof`.

use clap::Args;
use serde_json::json;
use verifier::{Error, check_proof, keys_of};

use super::verify::Witnesses;
use crate::output::{Exit, NotUsable, Output};

/// What to check, and on whose word.
#[derive(Args)]
#[command(
    after_help = "Exit codes: 0 proved; 1 the proof does not hold; 2 the command line is wrong; 3 \
proved as far as the log's own key goes, and no witness was asked for; 4 something broke.\n\n\
Example: cordon ledger check-proof 42.tlog-proof entry.bin --log control.vkey --witness witness.vkey"
)]
pub struct Arguments {
    /// The proof file.
    #[arg(value_name = "FILE")]
    proof: String,
    /// The entry's bytes.
    #[arg(value_name = "ENTRYFILE")]
    entry: String,
    /// The log's key, or a file with it.
    #[arg(long, value_name = "VKEY|FILE")]
    log: String,
    #[command(flatten)]
    witnesses: Witnesses,
}

/// Runs it.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let keys = keys_of(&arguments.log)?;
    let [key] = keys.as_slice() else {
        return Err(NotUsable("give one key with `--log`: that of the proof's log".into()).into());
    };
    let proof = read(&arguments.proof)?;
    let entry = read(&arguments.entry)?;
    let policy = arguments.witnesses.policy()?;
    match check_proof(&proof, &entry, key, policy.as_ref()) {
        Ok(proved) => {
            let value = json!({
                "verdict": proved.verdict().as_str(),
                "log": proved.log,
                "index": proved.index,
                "size": proved.size,
                "witnesses": proved.witnesses,
            });
            output.answer(&proved.to_text(), &value)?;
            Ok(super::exit_of(proved.verdict()))
        }
        Err(Error::Proof(why)) => {
            let value = json!({ "verdict": "violation", "why": why.to_string() });
            output.answer(&format!("VIOLATION: {why}"), &value)?;
            Ok(Exit::No)
        }
        Err(error) => Err(error.into()),
    }
}

fn read(file: &str) -> anyhow::Result<Vec<u8>> {
    let read = std::fs::read(file);
    read.map_err(|error| NotUsable(format!("`{file}` cannot be read: {error}")).into())
}
