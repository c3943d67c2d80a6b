//! `cordon decide`: what one person may see of one dataset, and why.

mod text;
mod value;

use std::path::PathBuf;

use clap::Args;
use model::{Action, FieldName};
use policy::{Ask, Asked, DatasetAsk, FieldsAsked};

use crate::output::{Exit, Output};
use crate::verbs::load::{Loaded, dataset, load};
use crate::verbs::who::{Who, unusable};

/// Who asks for what.
#[derive(Args)]
#[command(
    after_help = "Example: cordon decide policies/sample --as mei.eligible \
--dataset public.users --purpose incident"
)]
pub struct Arguments {
    /// The deployment's directory.
    dir: PathBuf,
    #[command(flatten)]
    who: Who,
    /// The dataset, as `manifest/collection` or the collection alone.
    #[arg(long)]
    dataset: String,
    /// Fields by name, separated by commas; all that may be seen if not given.
    #[arg(long, value_delimiter = ',')]
    fields: Vec<String>,
    /// An action other than seeing: aggregate, export, train, copy, erase, write.
    #[arg(long)]
    action: Option<String>,
}

/// Runs it. A refusal is an answer: it is printed with its reasons, and the exit code is 1.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let loaded = load(&arguments.dir, output)?;
    let now = arguments.who.moment()?;
    let session = arguments.who.session(&loaded, now)?;
    let ask = ask(arguments, &loaded)?;
    let outcome = loaded
        .decider
        .decide(&session, &ask, &loaded.bundle.rights, now);
    let exit = match &outcome {
        policy::Outcome::Permitted(_) => Exit::Done,
        policy::Outcome::Refused(_) => Exit::No,
    };
    let answer = text::Answer {
        loaded: &loaded,
        session: &session,
        ask: &ask,
        outcome: &outcome,
        now,
    };
    output.answer(&answer.to_string(), &value::of(&answer))?;
    Ok(exit)
}

fn ask(arguments: &Arguments, loaded: &Loaded) -> anyhow::Result<Ask> {
    let names: Result<_, _> = arguments
        .fields
        .iter()
        .map(|name| FieldName::new(name))
        .collect();
    let fields = if arguments.fields.is_empty() {
        FieldsAsked::All
    } else {
        FieldsAsked::Named(names.map_err(unusable)?)
    };
    let asked = match arguments.action.as_deref() {
        None => Asked::View,
        Some(word) => match Action::parse(word).map_err(unusable)? {
            Action::ViewClear | Action::ViewMasked | Action::ViewRow => Asked::View,
            action @ (Action::Aggregate
            | Action::Export
            | Action::Train
            | Action::Copy
            | Action::Erase
            | Action::Write) => Asked::Act(action),
        },
    };
    let dataset = dataset(&loaded.bundle, &arguments.dataset)?;
    Ok(Ask {
        datasets: vec![DatasetAsk { dataset, fields }],
        asked,
    })
}
