//! Somebody who proved who they are gets a session, and its start is recorded before they hear of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use identity::{Authenticated, COUNTRY_SOURCE, Factor, country_of};
use model::{Asker, Connection, Refusal, SessionId};
use record::{AskerKind, CountryEvidence, Line, Proof, SessionStart, Strength};
use wire::client::StartupMessage;
use wire::{Minor, TransactionStatus, server};

use super::Stranger;
use crate::database::Database;
use crate::gate::Gate;
use crate::live::Live;
use crate::problem::Problem;
use crate::session::{Client, REPORTED, Session, Settings, Who};

type Turned = (Box<Stranger>, Box<Problem>);

/// LIMIT: the length of a cancel key in protocol 3.2; 3.0 has four bytes.
const KEY_BYTES: usize = 32;
const KEY_BYTES_3_0: usize = 4;

pub(super) async fn welcome(
    gate: &Arc<Gate>,
    stranger: Stranger,
    wish: &StartupMessage,
    authenticated: Authenticated,
) -> Result<Session, Turned> {
    let is_long = wish.version().agreed() != Minor::Zero;
    let made = prepare(gate, &stranger, wish, authenticated, is_long).await;
    let (database, who, settings, live, number) = match made {
        Ok(made) => made,
        Err(problem) => return Err((Box::new(stranger), problem)),
    };
    let limits = gate.limits();
    let mut client = Client::new(
        stranger.stream,
        limits.wire,
        limits.write,
        gate.watch_stopping(),
    );
    client.inbox = stranger.inbox;
    let out = &mut client.out;
    server::authentication_ok(out);
    for name in REPORTED {
        let value = settings.value(name).unwrap_or_default();
        // Values are kept free of NUL.
        let _ = server::parameter_status(out, name, value);
    }
    let version = database.version();
    let _ = server::parameter_status(out, "server_version", &version);
    let _ = server::parameter_status(out, "session_authorization", who.name());
    server::backend_key_data(out, live.cancel());
    server::ready_for_query(out, TransactionStatus::Idle);
    let gate = Arc::clone(gate);
    Ok(Session::new(
        gate, database, client, who, live, settings, number,
    ))
}

type Made = (Arc<Database>, Who, Settings, Live, u64);

async fn prepare(
    gate: &Arc<Gate>,
    stranger: &Stranger,
    wish: &StartupMessage,
    authenticated: Authenticated,
    is_long: bool,
) -> Result<Made, Box<Problem>> {
    let refused = |code, about: &str| Box::new(Problem::refusal(code, about));
    let database = gate.database(wish.database()).map(Arc::clone);
    let database = database.ok_or_else(|| refused(Refusal::DatabaseUnknown, ""))?;
    let settings = settings(&database, wish)?;
    let key_bytes = if is_long { KEY_BYTES } else { KEY_BYTES_3_0 };
    let limits = gate.limits();
    let most = (limits.sessions_max, limits.asker_sessions_max);
    let live = gate
        .sessions()
        .enter(authenticated.asker(), most, key_bytes);
    let live = live.ok_or_else(|| refused(Refusal::TooManySessions, ""))?;
    let (country, source) = match gate.doors().networks.country_of(stranger.address) {
        Some(country) => (Some(country), "cordon.toml"),
        None => (country_of(stranger.address), COUNTRY_SOURCE),
    };
    let id = format!("s{}", live.cancel().process());
    let id = SessionId::new(&id).map_err(|_| refused(Refusal::TooManySessions, ""))?;
    let facts = model::Session {
        id,
        asker: authenticated.asker().clone(),
        strength: authenticated.strength(),
        connection: country.map_or(Connection::Unknown, Connection::Country),
        purpose: settings.purpose(),
        teams_at_most: authenticated.teams_at_most().cloned(),
    };
    let world = database.world();
    let body = start(gate, &authenticated, &facts, (country, source), &world);
    let identity: Vec<String> = authenticated
        .factors()
        .iter()
        .map(ToString::to_string)
        .collect();
    let payloads = vec![
        (SessionStart::ASKER, asker_id(&facts.asker).into_bytes()),
        (
            SessionStart::CLIENT_PROGRAM,
            settings
                .value("application_name")
                .unwrap_or_default()
                .as_bytes()
                .to_vec(),
        ),
        (
            SessionStart::CLIENT_ADDRESS,
            stranger.address.to_string().into_bytes(),
        ),
        (SessionStart::IDENTITY, identity.join("\n").into_bytes()),
    ];
    let number = gate
        .recorder()
        .session_start(world.control_size(), body, payloads)
        .await
        .map_err(|error| refused(error.refusal(), ""))?;
    let who = Who::new(authenticated, facts, wish.user().to_owned());
    Ok((database, who, settings, live, number))
}

fn start(
    gate: &Gate,
    authenticated: &Authenticated,
    facts: &model::Session,
    (country, source): (Option<model::Jurisdiction>, &str),
    world: &crate::world::World,
) -> SessionStart {
    let proofs: BTreeSet<Proof> = authenticated
        .factors()
        .iter()
        .map(|factor| match factor {
            Factor::Password { .. } => Proof::Scram,
            Factor::Certificate { .. } => Proof::ClientCertificate,
            Factor::Token { .. } => Proof::Token,
        })
        .collect();
    let evidence = Line::new(source)
        .ok()
        .map(|source| CountryEvidence { source, country });
    SessionStart {
        // Given when it is appended.
        session: 0,
        asker: gate.keys().asker(&facts.asker),
        asker_kind: match facts.asker {
            Asker::Person(_) => AskerKind::Person,
            Asker::Service(_) | Asker::OnBehalf(..) => AskerKind::Service,
        },
        proofs,
        strength: Strength::from(facts.strength),
        country,
        country_evidence: evidence.into_iter().collect(),
        purpose: facts.purpose.clone(),
        teams_at_most: facts.teams_at_most.clone(),
        people: *world.people(),
        build: gate.build().clone(),
    }
}

fn asker_id(asker: &Asker) -> String {
    match asker {
        Asker::Person(id) => id.to_string(),
        Asker::Service(id) | Asker::OnBehalf(id, _) => id.to_string(),
    }
}

/// What the client set in its first message, `options` included.
fn settings(database: &Database, wish: &StartupMessage) -> Result<Settings, Box<Problem>> {
    let mut settings = Settings::new(&database.version(), database.version_number());
    for (name, value) in wish.parameters() {
        match name {
            "user" | "database" | "replication" => {}
            "options" => {
                for (name, value) in options(value)? {
                    settings.begin_with(&name, &value)?;
                }
            }
            name => settings.begin_with(name, value)?,
        }
    }
    Ok(settings)
}

/// `-c name=value` and `--name=value`, as PostgreSQL splits them: at spaces, with backslashes to keep
/// one. Anything else is no setting and is refused.
fn options(text: &str) -> Result<Vec<(String, String)>, Problem> {
    let refused = || Problem::refusal(Refusal::SettingNotAllowed, "`options`");
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => word.get_or_insert_default().extend(rest.next()),
            c if c.is_ascii_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    let mut settings = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let setting = match word.strip_prefix("--") {
            Some(setting) => setting.to_owned(),
            None => match word.strip_prefix("-c").ok_or_else(refused)? {
                "" => words.next().ok_or_else(refused)?,
                setting => setting.to_owned(),
            },
        };
        let (name, value) = setting.split_once('=').ok_or_else(refused)?;
        settings.push((name.replace('-', "_"), value.to_owned()));
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_settings_or_refused() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            options("-c search_path=a,b --statement-timeout=5s  -cdatestyle=ISO\\ MDY"),
            Ok(vec![
                pair("search_path", "a,b"),
                pair("statement_timeout", "5s"),
                pair("datestyle", "ISO MDY"),
            ])
        );
        for bad in ["-d 5", "-c", "x", "-csearch_path"] {
            assert!(options(bad).is_err(), "{bad}");
        }
    }
}
