//! `cordon ledger ..`: logs verified, shown, proved. All of it is crate `verifier`; the gate is
//! not needed.

mod check_proof;
mod export;
mod payloads;
mod prove;
mod show;
mod tail;
mod verify;

use clap::Subcommand;
use verifier::{Error, Source, Verdict, open};

use crate::output::{Exit, NotUsable, Output};

/// What to do with logs.
#[derive(Subcommand)]
pub enum Command {
    /// Verify logs: every hash, every entry, every anchor; on a copied directory or over HTTP.
    Verify(verify::Arguments),
    /// Show one entry with every field by its name.
    Show(show::Arguments),
    /// Print the last entries, one a line; `--follow` goes on as they are published.
    Tail(tail::Arguments),
    /// Write entries as JSON lines.
    Export(export::Arguments),
    /// Write a proof that an entry is in its log (C2SP tlog-proof).
    Prove(prove::Arguments),
    /// Check such a proof against the entry, without the log.
    CheckProof(check_proof::Arguments),
}

/// Runs it.
pub fn run(command: &Command, output: &mut Output) -> anyhow::Result<Exit> {
    let answer = match command {
        Command::Verify(arguments) => verify::run(arguments, output),
        Command::Show(arguments) => show::run(arguments, output),
        Command::Tail(arguments) => tail::run(arguments, output),
        Command::Export(arguments) => export::run(arguments, output),
        Command::Prove(arguments) => prove::run(arguments, output),
        Command::CheckProof(arguments) => check_proof::run(arguments, output),
    };
    answer.map_err(|error| {
        // What was given cannot be used; only what cannot be read is broken.
        let is_given = error
            .downcast_ref::<Error>()
            .is_some_and(|error| !matches!(error, Error::Read { .. }));
        match is_given {
            true => NotUsable(format!("{error:#}")).into(),
            false => error,
        }
    })
}

const fn exit_of(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Ok => Exit::Done,
        Verdict::Violation => Exit::No,
        Verdict::CannotTell => Exit::CannotTell,
    }
}

/// The one log in a place.
fn open_one(place: &str) -> anyhow::Result<Box<dyn Source>> {
    let mut sources = open(place)?;
    match (sources.pop(), sources.is_empty()) {
        (Some(source), true) => Ok(source),
        (Some(_), false) => {
            let text = format!("`{place}` holds several logs; give the folder of one of them");
            Err(NotUsable(text).into())
        }
        (None, _) => Err(Error::NotALog {
            place: place.to_owned(),
        }
        .into()),
    }
}
