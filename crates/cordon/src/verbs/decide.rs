//! `cordon decide`: what one person may see of one dataset, and why.

mod text;
mod value;

use std::path::PathBuf;

use clap::Args;
use model::{
    Action, Asker, Connection, FieldName, Jurisdiction, PersonId, PurposeId, ServiceId, Session,
    SessionId, Strength, Timestamp,
};
use policy::{Ask, Asked, DatasetAsk, FieldsAsked};

use crate::output::{Exit, NotUsable, Output};
use crate::verbs::load::{Loaded, dataset, load, moment};

/// Who asks for what.
#[derive(Args)]
#[command(
    after_help = "Example: cordon decide policies/sample --as mei.eligible \
--dataset public.users --purpose incident"
)]
pub struct Arguments {
    /// The deployment's directory.
    dir: PathBuf,
    /// The person or service that asks.
    #[arg(long = "as", value_name = "PERSON")]
    who: String,
    /// The dataset, as `manifest/collection` or the collection alone.
    #[arg(long)]
    dataset: String,
    /// Fields by name, separated by commas; all that may be seen if not given.
    #[arg(long, value_delimiter = ',')]
    fields: Vec<String>,
    /// The purpose that is stated.
    #[arg(long)]
    purpose: Option<String>,
    /// An action other than seeing: aggregate, export, train, copy, erase, write.
    #[arg(long)]
    action: Option<String>,
    /// How strongly the asker signed in.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    aal: u8,
    /// The country of the connection, or `unknown`; the asker's office if not given.
    #[arg(long, value_name = "COUNTRY")]
    from: Option<String>,
    /// The moment (a date or RFC 3339); now if not given.
    #[arg(long)]
    at: Option<String>,
}

/// Runs it. A refusal is an answer: it is printed with its reasons, and the exit code is 1.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let loaded = load(&arguments.dir, output)?;
    let now = moment(arguments.at.as_deref())?;
    let session = session(arguments, &loaded, now)?;
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

fn unusable(error: impl std::fmt::Display) -> anyhow::Error {
    NotUsable(error.to_string()).into()
}

fn session(arguments: &Arguments, loaded: &Loaded, now: Timestamp) -> anyhow::Result<Session> {
    let register = &loaded.bundle.world.register;
    let asker = match ServiceId::new(&arguments.who) {
        Ok(service) if register.services.contains_key(&service) => Asker::Service(service),
        _ => Asker::Person(PersonId::new(&arguments.who).map_err(unusable)?),
    };
    let office = match &asker {
        Asker::Person(id) => register
            .people
            .get(id)
            .and_then(|person| person.office.as_ref()?.at(now).copied()),
        Asker::Service(_) => Some(loaded.bundle.home),
    };
    let connection = match arguments.from.as_deref() {
        Some("unknown") => Connection::Unknown,
        Some(place) => Connection::Country(Jurisdiction::parse(place).map_err(unusable)?),
        None => office.map_or(Connection::Unknown, Connection::Country),
    };
    let purpose = arguments
        .purpose
        .as_deref()
        .map(PurposeId::new)
        .transpose()
        .map_err(unusable)?;
    Ok(Session {
        id: SessionId::new("command-line").map_err(unusable)?,
        asker,
        strength: if arguments.aal >= 2 {
            Strength::Aal2
        } else {
            Strength::Aal1
        },
        connection,
        purpose,
        teams_at_most: None,
    })
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
