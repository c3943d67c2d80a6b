//! `cordon ledger tail`.

use std::time::Duration;

use clap::Args;
use verifier::Tail;

use crate::output::{Exit, Output};

/// How often the checkpoint is looked at; a log publishes once a second.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Which log.
#[derive(Args)]
#[command(
    after_help = "Nothing is verified; for that there is `verify`. With --json each line is \
an entry as `export` writes it.\n\nExample: cordon ledger tail DIR/ledger/access-gate-1-1 --follow"
)]
pub struct Arguments {
    /// The directory or `http://` address of one log.
    #[arg(value_name = "DIR|URL")]
    place: String,
    /// How many of the last entries.
    #[arg(long, short = 'n', default_value_t = 10)]
    lines: u64,
    /// Go on as entries are published, at most a second after they are durable.
    #[arg(long, short)]
    follow: bool,
}

/// Runs it. With `--follow` it ends when its reader goes away, or by a signal.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let source = super::open_one(&arguments.place)?;
    let mut tail = Tail::new(source.as_ref(), arguments.lines)?;
    loop {
        let ready = tail.ready()?;
        for shown in &ready {
            let line = match output.is_json() {
                true => shown.to_export_line(),
                false => shown.to_line(),
            };
            if !output.line(&line)? {
                return Ok(Exit::Done);
            }
        }
        if ready.is_empty() {
            if !arguments.follow {
                return Ok(Exit::Done);
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }
}
