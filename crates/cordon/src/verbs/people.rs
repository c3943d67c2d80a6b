//! `cordon people ..`: what an operator does for people of the register.

mod delegate;

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use identity::scram::{Mock, Verifiers};
use model::PersonId;
use serde_json::json;

use crate::output::{Exit, NotUsable, Output};
use crate::serve;

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Keep a verifier of somebody's password, which is read from standard input.
    Password(Password),
    /// Write the document by which a service may act for somebody, to be signed.
    Delegate(delegate::Delegate),
}

/// Whose password.
#[derive(Args)]
#[command(
    after_help = "The password itself is kept nowhere: what is written lets the gateway check it, as \
PostgreSQL's own SCRAM verifiers do. A running gateway reads it at its next start.\n\n\
Example: cordon people password DIR mei.eligible < password.txt"
)]
pub struct Password {
    /// The deployment's directory.
    dir: PathBuf,
    /// The person or service, as the people register names them.
    name: String,
}

/// Runs it.
pub fn run(command: &Command, output: &mut Output) -> anyhow::Result<Exit> {
    match command {
        Command::Password(arguments) => password(arguments, output),
        Command::Delegate(arguments) => delegate::run(arguments, output),
    }
}

fn password(arguments: &Password, output: &mut Output) -> anyhow::Result<Exit> {
    let name = PersonId::new(&arguments.name).map_err(|error| NotUsable(error.to_string()))?;
    let mut text = String::new();
    // LIMIT: longer ones are no passwords.
    std::io::stdin()
        .take(4096)
        .read_to_string(&mut text)
        .context("the password cannot be read from standard input")?;
    let password = text.trim_end_matches(['\n', '\r']);
    if password.is_empty() {
        let text = "there is no password on standard input; write it there, on one line";
        return Err(NotUsable(text.to_owned()).into());
    }
    serve::ensure_secrets(&arguments.dir)?;
    let file = serve::scram_file(&arguments.dir);
    let mock = Mock::load_or_make(&arguments.dir.join("secrets/mock"))?;
    let verifier = Verifiers::load(&file, mock)?.make(password)?;
    Verifiers::write(&file, &name, &verifier)?;
    let text = format!("kept a verifier for {name} in {}", file.display());
    output.answer(&text, &json!({ "name": name.as_str() }))?;
    Ok(Exit::Done)
}
