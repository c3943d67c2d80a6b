//! `cordon ledger export`.

use std::path::PathBuf;

use clap::Args;
use verifier::Reader;

use super::payloads;
use crate::output::{Exit, NotUsable, Output};

/// Which entries, or which payloads.
#[derive(Args)]
#[command(
    after_help = "Nothing is verified; for that there is `verify`. Without --payloads no payload is in it: \
they lie encrypted beside the log. With it, the payloads of all logs in DIR are decrypted and written as \
`cordon ledger verify --payloads` reads them; give it to nobody who may not read what it discloses.\n\n\
Examples:\n  cordon ledger export copy/ledger/control-1 > control.jsonl\n  \
cordon ledger export DIR --payloads --key DIR/secrets/payload.key --withhold literal > payloads.jsonl"
)]
pub struct Arguments {
    /// The directory or `http://` address of one log; with --payloads a directory of any number.
    #[arg(value_name = "DIR|URL")]
    place: String,
    /// The first entry.
    #[arg(long, default_value_t = 0, conflicts_with = "payloads")]
    from: u64,
    /// The entry to stop before; all if it is not said.
    #[arg(long, conflicts_with = "payloads")]
    to: Option<u64>,
    /// Write the payloads instead of the entries.
    #[arg(long, requires = "key")]
    payloads: bool,
    /// The file with the deployment's payload key.
    #[arg(long, value_name = "FILE", requires = "payloads")]
    key: Option<PathBuf>,
    /// Leave out a retention class as a whole, such as `literal`. May be given again.
    #[arg(long, value_name = "CLASS", requires = "payloads")]
    withhold: Vec<String>,
}

/// Runs it. Each line is JSON, with and without `--json`.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    if arguments.payloads {
        let key = arguments.key.as_deref();
        let key = key.ok_or_else(|| NotUsable("give the payload key with `--key`".into()))?;
        return payloads::export(&arguments.place, key, &arguments.withhold, output);
    }
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
