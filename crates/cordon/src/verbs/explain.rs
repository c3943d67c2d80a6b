//! `cordon explain`: what Cordon makes of a statement.

mod text;
mod value;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use enforce::{Checked, Enforcer, Moment, Refused, Request};
use pgschema::{Schema, Snapshot, builtin};
use sql::{ParameterTypes, SessionNames};

use crate::output::{Exit, NotUsable, Output};
use crate::verbs::load::{Loaded, load};
use crate::verbs::who::{Who, unusable};

/// The statement and who sends it.
#[derive(Args)]
#[command(
    after_help = "Example: cordon explain policies/sample --as mei.eligible --purpose incident \
--schema policies/sample/schema.json 'SELECT email FROM users WHERE id = 42'"
)]
pub struct Arguments {
    /// The deployment's directory.
    dir: PathBuf,
    #[command(flatten)]
    who: Who,
    /// A schema snapshot to read names by; without it, the upstream is asked.
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// The upstream, where the deployment has several.
    #[arg(long)]
    upstream: Option<String>,
    /// The session's search path, names separated by commas.
    #[arg(long, default_value = "public", value_delimiter = ',')]
    path: Vec<String>,
    /// The types of `$1`, `$2` and so on, separated by commas, as a driver would declare them.
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    types: Vec<String>,
    /// The statement; several are judged all or nothing.
    sql: String,
}

/// Runs it. A refusal is an answer: it is printed with its remedy, and the exit code is 1.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let loaded = load(&arguments.dir, output)?;
    let now = arguments.who.moment()?;
    let session = arguments.who.session(&loaded, now)?;
    let upstream = choose_upstream(arguments.upstream.as_deref(), &loaded)?;
    let schema = schema(arguments, &loaded, &upstream)?;
    let Loaded { bundle, decider } = loaded;
    let enforcer = Enforcer::new(Arc::new(decider), &upstream, Arc::new(schema));
    for mismatch in &enforcer.binding().mismatches {
        output.remark(&format!(
            "the schema is not as the catalogue says: {mismatch}"
        ));
    }
    let request = Request {
        moment: Moment {
            session: &session,
            rights: &bundle.rights,
            now,
        },
        path: arguments.path.clone(),
        names: SessionNames {
            user: arguments.who.who.clone(),
            session_user: None,
            version: format!(
                "PostgreSQL {} (Cordon)",
                enforcer.schema().snapshot().version()
            ),
            backend_pid: 1,
        },
        types: types(&arguments.types)?,
    };
    let result = enforcer.check(&arguments.sql, &request);
    let exit = if result.is_ok() { Exit::Done } else { Exit::No };
    let answer = Answer {
        who: &arguments.who.who,
        sql: &arguments.sql,
        result: &result,
    };
    output.answer(&answer.to_string(), &value::of(&answer))?;
    Ok(exit)
}

/// A statement with what was made of it.
pub struct Answer<'a> {
    /// Who sent it.
    pub who: &'a str,
    /// The statement.
    pub sql: &'a str,
    /// What was made of it.
    pub result: &'a Result<Vec<Checked>, Refused>,
}

/// The upstream of this name, or the only one.
pub fn choose_upstream(name: Option<&str>, loaded: &Loaded) -> anyhow::Result<String> {
    let known: Vec<&String> = loaded.bundle.upstreams.keys().collect();
    match (name, known.as_slice()) {
        (Some(name), _) if loaded.bundle.upstreams.contains_key(name) => Ok(name.to_owned()),
        (None, [only]) => Ok((*only).clone()),
        (named, _) => {
            let names: Vec<&str> = known.iter().map(|name| name.as_str()).collect();
            let cause = match named {
                Some(name) => format!("there is no upstream `{name}`"),
                None => "the deployment has not exactly one upstream".to_owned(),
            };
            let remedy = format!("name one with --upstream: {}", names.join(", "));
            Err(NotUsable(format!("{cause}; {remedy}")).into())
        }
    }
}

fn schema(arguments: &Arguments, loaded: &Loaded, upstream: &str) -> anyhow::Result<Schema> {
    let snapshot = match &arguments.schema {
        Some(file) => read_snapshot(file)?,
        None => ask_upstream(loaded, upstream)?,
    };
    Ok(Schema::new(snapshot)?)
}

fn read_snapshot(file: &Path) -> anyhow::Result<Snapshot> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the schema {}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| {
        unusable(format!(
            "{}:{}:{}: not a schema snapshot: {error}; write one with `cordon schema`",
            file.display(),
            error.line(),
            error.column()
        ))
    })
}

/// Reads the schema of a running upstream.
pub fn ask_upstream(loaded: &Loaded, upstream: &str) -> anyhow::Result<Snapshot> {
    let url = loaded
        .bundle
        .upstreams
        .get(upstream)
        .with_context(|| format!("there is no upstream `{upstream}`"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let client = postgres::connect(url.reveal()).await.with_context(|| {
            format!(
                "the schema of `{upstream}` cannot be read; start it, or pass a snapshot with \
                 --schema"
            )
        })?;
        Ok(postgres::introspect(&client).await?)
    })
}

fn types(names: &[String]) -> anyhow::Result<ParameterTypes> {
    names
        .iter()
        .map(|name| {
            builtin::type_named(name.trim())
                .map(|known| Some(known.oid))
                .ok_or_else(|| unusable(format!("`{name}` is no type of pg_catalog")))
        })
        .collect::<anyhow::Result<_>>()
        .map(ParameterTypes)
}
