//! `cordon ledger show`.

use clap::Args;
use verifier::Reader;

use crate::output::{Exit, Output};

/// Which entry.
#[derive(Args)]
#[command(after_help = "Nothing is verified; for that there is `verify`.\n\n\
Example: cordon ledger show copy/ledger/control-1 42")]
pub struct Arguments {
    /// The directory or `http://` address of one log.
    #[arg(value_name = "DIR|URL")]
    place: String,
    /// The entry, counted from 0.
    index: u64,
}

/// Runs it.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let source = super::open_one(&arguments.place)?;
    let shown = Reader::new(source.as_ref())?.show(arguments.index)?;
    output.answer(&shown.to_text(), &shown.to_value())?;
    Ok(Exit::Done)
}
