//! The house's own tools: the rules that `./x check` keeps and the documents that are generated. This
//! file reads the command line and knows no rule itself.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool for builders speaks on its terminal"
)]

mod bugs;
mod generated;
mod house;
#[cfg(test)]
mod made_up;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::house::House;

/// The house's own tools; `./x` calls them.
#[derive(Parser)]
#[command(name = "xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check the rules of the house: arrows, bans, licences, files, generated documents.
    Tidy,
    /// Write the table of crates into docs/architecture.md.
    Map,
    /// Write docs/refusals.md and docs/catalogue-relations.md from their data files.
    Docs,
    /// Make each seeded bug of the guard in a copy, and say which no test notices.
    Bugs {
        /// Only those whose title has this word.
        word: Option<String>,
    },
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let house = House::read()?;
    match arguments.command {
        Command::Tidy => return Ok(report(&house)),
        Command::Map => generated::map::write(&house)?,
        Command::Docs => {
            generated::refusals::write(&house)?;
            generated::catalogue::write(&house)?;
        }
        Command::Bugs { word } => {
            let all_caught = bugs::run(&house.root, word.as_deref())?;
            return Ok(ExitCode::from(u8::from(!all_caught)));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what every check found. Warnings do not fail the build, problems do.
fn report(house: &House) -> ExitCode {
    let mut problems = 0;
    for (name, check) in tidy::CHECKS {
        for finding in check(house) {
            match finding {
                tidy::Finding::Problem(text) => {
                    problems += 1;
                    eprintln!("tidy: {name}: {text}");
                }
                tidy::Finding::Warning(text) => eprintln!("tidy: {name}: warning: {text}"),
            }
        }
    }
    if problems > 0 {
        eprintln!("tidy: {problems} problems");
        return ExitCode::FAILURE;
    }
    println!(
        "tidy: {} checks over {} crates, {} packages and {} files found no problem",
        tidy::CHECKS.len(),
        house.members.len(),
        house.packages.len(),
        house.files.len()
    );
    ExitCode::SUCCESS
}
