//! `cordon ledger export`.

use clap::Args;
use verifier::Reader;

use crate::output::{Exit, Output};

/// Which entries.
#[derive(Args)]
#[command(
    after_help = "Nothing is verified; for that there is `verify`. Payloads are not in it: \
they lie encrypted beside the log.\n\n\
Example: cordon ledger export copy/ledger/control-1 > control.jsonl"
)]
pub struct Arguments {
    /// The directory or `http://` address of one log.
    #[arg(value_name = "DIR|URL")]
    place: String,
    /// The first entry.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// The entry to stop before; all if it is not said.
    #[arg(long)]
    to: Option<u64>,
}

/// Runs it. Each line is JSON, with and without `--json`.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let source = super::open_one(&arguments.place)?;
    let mut reader = Reader::new(source.as_ref())?;
    let end = arguments.to.unwrap_or(u64::MAX).min(reader.size());
    for index in arguments.from..end {
        if !output.line(&reader.show(index)?.to_export_line())? {
            break;
        }
    }
    Ok(Exit::Done)
}
