//! `cordon people delegate`: the document by which a service may act for people, in its one form. It
//! counts once somebody has signed it.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use deployment::{DELEGATION_NAMESPACE, DelegationTerms, Layout};
use model::{PersonId, PurposeId, ServiceId, TeamId};
use serde_json::json;

use crate::output::{Exit, NotUsable, Output};
use crate::verbs::load::{load, moment};

/// Who may act for whom, for what, and when.
#[derive(Args)]
#[command(
    after_help = "The document is written to DIR/delegations/ and must be signed by the person, or by \
home security, with a key that stands under `keys` in people.yaml. Until it is signed, DIR does not \
load; a gateway that runs goes on with what it has.\n\n\
Example: cordon people delegate DIR metabase ana.home --purpose incident --until 2026-12-31"
)]
pub struct Delegate {
    /// The deployment's directory.
    dir: PathBuf,
    /// The service.
    service: String,
    /// The people it may act for.
    people: Vec<String>,
    /// The teams for whose members it may act.
    #[arg(long = "team", value_name = "TEAM")]
    teams: Vec<String>,
    /// A purpose that may be stated meanwhile; at least one.
    #[arg(long = "purpose", value_name = "PURPOSE", required = true)]
    purposes: Vec<String>,
    /// The first moment it is in force (a date or RFC 3339); now if not given.
    #[arg(long)]
    from: Option<String>,
    /// The first moment it is no longer in force (a date or RFC 3339).
    #[arg(long)]
    until: String,
}

/// Runs it.
pub fn run(arguments: &Delegate, output: &mut Output) -> anyhow::Result<Exit> {
    let loaded = load(&arguments.dir, output)?;
    let terms = terms(arguments, &loaded.bundle.name)?;
    let register = &loaded.bundle.world.register;
    if !register.services.contains_key(&terms.service) {
        let text = format!("there is no service `{}` in people.yaml", terms.service);
        return Err(NotUsable(text).into());
    }
    if let Some(unknown) = terms
        .people
        .iter()
        .find(|person| !register.people.contains_key(*person))
    {
        let text = format!("there is no person `{unknown}` in people.yaml");
        return Err(NotUsable(text).into());
    }
    let first = terms.people.first().map(PersonId::as_str);
    let first = first.or_else(|| terms.teams.first().map(TeamId::as_str));
    let first = first.ok_or_else(|| NotUsable("name a person or a --team".to_owned()))?;
    let folder = Layout::new(&arguments.dir).delegations();
    let file = folder.join(format!("{}-{first}.yaml", terms.service));
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let text = terms.to_string();
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&file)
        .and_then(|mut open| open.write_all(text.as_bytes()))
        .with_context(|| {
            format!(
                "cannot write {}; remove what is there, with its signature",
                file.display()
            )
        })?;
    let command = format!(
        "ssh-keygen -Y sign -f KEY -n {DELEGATION_NAMESPACE} {}",
        file.display()
    );
    let words = format!(
        "{text}\nwritten to {}; sign it with\n  {command}",
        file.display()
    );
    let value = json!({ "file": file, "document": text, "sign": command });
    output.answer(&words, &value)?;
    Ok(Exit::Done)
}

fn terms(arguments: &Delegate, deployment: &str) -> anyhow::Result<DelegationTerms> {
    let unusable = |error: &dyn std::fmt::Display| NotUsable(error.to_string());
    let until = moment(Some(&arguments.until))?;
    let from = moment(arguments.from.as_deref())?;
    if until <= from {
        let text = format!("it would end at {until}, before it begins at {from}");
        return Err(NotUsable(text).into());
    }
    Ok(DelegationTerms {
        deployment: deployment.to_owned(),
        service: ServiceId::new(&arguments.service).map_err(|error| unusable(&error))?,
        people: ids(&arguments.people, PersonId::new)?,
        teams: ids(&arguments.teams, TeamId::new)?,
        purposes: ids(&arguments.purposes, PurposeId::new)?,
        from,
        until,
    })
}

fn ids<T: Ord>(
    names: &[String],
    make: impl Fn(&str) -> Result<T, model::BadId>,
) -> anyhow::Result<BTreeSet<T>> {
    let ids: Result<BTreeSet<T>, model::BadId> = names.iter().map(|name| make(name)).collect();
    ids.map_err(|error| NotUsable(error.to_string()).into())
}
