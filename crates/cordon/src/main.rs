//! The command `cordon`: reads the command line, runs one verb, answers with an exit code.

mod cases;
mod demo;
mod output;
mod serve;
mod verbs;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::{Exit, Output};

/// A gate in front of personal data: decides who may see what, and proves it.
#[derive(Parser)]
#[command(name = "cordon", version, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done; 1 the answer is no; 2 the command line is wrong; \
3 files have errors, or it cannot be told; 4 something broke.\n\nExample: cordon decide policies/sample \
--as mei.eligible --dataset public.users"
)]
struct Cli {
    /// Print JSON for programs instead of text for people.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Check, print or compare what a deployment's policies mean.
    #[command(subcommand)]
    Policy(verbs::policy::Command),
    /// Decide what one person may see, field by field, with the reasons.
    Decide(verbs::decide::Arguments),
    /// Show what Cordon makes of a statement: what it reads, what is masked, and what is sent.
    Explain(verbs::explain::Arguments),
    /// Read an upstream's schema as a snapshot for `explain --schema`.
    Schema(verbs::schema::Arguments),
    /// Check or compare the catalogue of datasets.
    #[command(subcommand)]
    Catalog(verbs::catalog::Command),
    /// Verify the ledger's logs, show their entries, make and check proofs.
    #[command(subcommand)]
    Ledger(verbs::ledger::Command),
    /// Passwords of the people of the register.
    #[command(subcommand)]
    People(verbs::people::Command),
    /// Check a whole deployment: its files, its upstreams, and every way past the gate.
    Check(verbs::check::Arguments),
    /// Serve PostgreSQL clients: the gateway.
    Serve(verbs::serve::Arguments),
    /// Show and check everything on the worked sample.
    Demo(verbs::demo::Arguments),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut output = Output::new(cli.json);
    let result = match cli.verb {
        Verb::Policy(command) => verbs::policy::run(&command, &mut output),
        Verb::Decide(arguments) => verbs::decide::run(&arguments, &mut output),
        Verb::Explain(arguments) => verbs::explain::run(&arguments, &mut output),
        Verb::Schema(arguments) => verbs::schema::run(&arguments, &mut output),
        Verb::Catalog(command) => verbs::catalog::run(&command, &mut output),
        Verb::Ledger(command) => verbs::ledger::run(&command, &mut output),
        Verb::People(command) => verbs::people::run(&command, &mut output),
        Verb::Check(arguments) => verbs::check::run(&arguments, &mut output),
        Verb::Serve(arguments) => verbs::serve::run(&arguments, &mut output),
        Verb::Demo(arguments) => verbs::demo::run(&arguments, &mut output),
    };
    match result {
        Ok(exit) => exit.code(),
        Err(error) => {
            output.failure(&error);
            Exit::of(&error).code()
        }
    }
}
