//! The act in front of a real gateway: Chinook in a throw-away PostgreSQL, four people with one password
//! each, the same three questions, and the ledger that is left.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, bail};
use identity::scram::{Mock, Verifiers};
use model::PersonId;
use scratch::Server;
use serde_json::{Value, json};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};
use verifier::{Terms, Verdict, keys_of, open, verify};

use super::acts::{Found, Stage};
use crate::output::Output;
use crate::serve;
use crate::verbs::load::load;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../policies/chinook/", $name)))),*]
    };
}

const FILES: &[(&str, &str)] = files![
    "README.md",
    "cordon.toml",
    "people.yaml",
    "grants.yaml",
    "cases.txt",
    "catalog/chinook.yaml",
    "policy/rules.cedar",
];
const DATA: &str = include_str!("../../../../tests/data/chinook/Chinook_PostgreSql.sql");
/// Where the script's own commands to psql end.
const CONNECTED: &str = "\\c chinook;";
/// Invented, and good for this server of the moment alone.
const PASSWORD: &str = "chinook";

/// One of the cast, and how many of the 59 customers there are for them.
struct Cast {
    name: &'static str,
    who: &'static str,
    customers: Option<usize>,
}

const CAST: [Cast; 4] = [
    Cast {
        name: "ana.home",
        who: "analyst at home, with one factor",
        customers: Some(59),
    },
    Cast {
        name: "mei.eligible",
        who: "engineer in Singapore",
        customers: Some(59),
    },
    Cast {
        name: "jun.covered",
        who: "a covered person in Singapore",
        customers: Some(46),
    },
    Cast {
        name: "li.beijing",
        who: "engineer in Beijing",
        customers: None,
    },
];

const CUSTOMERS: &str =
    "SELECT customer_id, first_name, email, country FROM customer ORDER BY customer_id";
const TRACKS: &str = "SELECT count(*) FROM track";

/// Plays it.
pub fn play(stage: &Stage<'_>, output: &mut Output) -> anyhow::Result<Found> {
    let server = Server::start()?;
    server.create_database("chinook")?;
    let (_, script) = DATA.split_once(CONNECTED).context("Chinook's script")?;
    server.run(
        "chinook",
        &format!("SET client_min_messages = warning;{script}"),
    )?;
    let account =
        "CREATE ROLE cordon LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO cordon;";
    server.run("chinook", account)?;
    let emails = server.run("chinook", "SELECT email FROM customer")?;
    let emails: BTreeSet<&str> = emails.lines().collect();

    write_deployment(stage.dir, &server)?;
    let loaded = load(stage.dir, output)?;
    serve::ensure_secrets(stage.dir)?;
    write_passwords(stage.dir)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut tally = Tally::default();
    runtime.block_on(async {
        let serving = serve::start(stage.dir, loaded).await?;
        for cast in &CAST {
            ask(cast, serving.address(), &emails, &mut tally).await?;
        }
        serving.stop().await
    })?;
    check_ledger(stage.dir, &mut tally)?;
    let value = json!({ "people": tally.values });
    Ok(Found {
        text: tally.text,
        passed: tally.passed,
        failed: tally.failed,
        value,
    })
}

/// What was found so far.
#[derive(Default)]
struct Tally {
    text: String,
    passed: usize,
    failed: usize,
    values: Vec<Value>,
}

impl Tally {
    fn check(&mut self, what: &str, is_right: bool) {
        let mark = if is_right { "ok   " } else { "WRONG" };
        // Writing to a text does not fail.
        let _ = writeln!(self.text, "  {mark} {what}");
        if is_right {
            self.passed += 1;
        } else {
            self.failed += 1;
        }
    }
}

fn write_deployment(dir: &Path, server: &Server) -> anyhow::Result<()> {
    for (name, text) in FILES {
        let path = dir.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        }
        let text = match *name {
            "cordon.toml" => settings(text, server.port()),
            _ => (*text).to_owned(),
        };
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// The address of the throw-away server, and a gateway on this host alone.
fn settings(text: &str, port: u16) -> String {
    let lines = text.lines().map(|line| match line.strip_prefix("url = ") {
        Some(_) => format!("url = \"postgres://cordon@127.0.0.1:{port}/chinook?sslmode=disable\""),
        None => line.to_owned(),
    });
    let mut text: String = lines.map(|line| line + "\n").collect();
    text.push_str(
        "\n# The demo's own: no TLS on this host, and whoever comes from it is at home.\n\
         [gateway]\nlisten = \"127.0.0.1:0\"\nplain_loopback = true\n\n\
         [[network]]\nrange = \"127.0.0.0/8\"\ncountry = \"US\"\n",
    );
    text
}

fn write_passwords(dir: &Path) -> anyhow::Result<()> {
    let file = serve::scram_file(dir);
    let mock = Mock::load_or_make(&dir.join("secrets/mock"))?;
    let verifier = Verifiers::none(mock).make(PASSWORD)?;
    for cast in &CAST {
        Verifiers::write(&file, &PersonId::new(cast.name)?, &verifier)?;
    }
    Ok(())
}

/// The three questions of one person.
async fn ask(
    cast: &Cast,
    address: std::net::SocketAddr,
    emails: &BTreeSet<&str>,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let (client, connection) = tokio_postgres::Config::new()
        .host("127.0.0.1")
        .port(address.port())
        .user(cast.name)
        .password(PASSWORD)
        .dbname("chinook")
        .connect(NoTls)
        .await
        .with_context(|| format!("{} cannot connect", cast.name))?;
    let connection = tokio::spawn(connection);
    let _ = writeln!(tally.text, "{}, {}", cast.name, cast.who);
    let customers = rows(&client, CUSTOMERS).await;
    match (&customers, cast.customers) {
        (Ok(found), Some(expected)) => {
            let what = format!("customers: {} rows, masked: {}", found.len(), first(found));
            let leaks = found
                .iter()
                .flatten()
                .flatten()
                .any(|cell| emails.contains(cell.as_str()));
            tally.check(&what, found.len() == expected && !leaks);
        }
        (Err(refused), None) => {
            let what = format!("customers: refused, {refused}");
            tally.check(&what, refused.starts_with("42501"));
        }
        (Ok(found), None) => tally.check(&format!("customers: {} rows", found.len()), false),
        (Err(refused), Some(_)) => tally.check(&format!("customers: {refused}"), false),
    }
    let tracks = rows(&client, TRACKS).await;
    let is_right = tracks.as_ref().is_ok_and(|found| first(found) == "3503");
    tally.check("tracks: all 3,503, for music is about nobody", is_right);
    if let Ok(found) = &customers
        && let Some(Some(seen)) = found.first().and_then(|row| row.first())
    {
        // What they saw is a pseudonym; asked for, it finds the same customer's invoices.
        let text = format!("SELECT count(*) FROM invoice WHERE customer_id = {seen}");
        let invoices = rows(&client, &text).await;
        let is_right = invoices.as_ref().is_ok_and(|found| first(found) == "7");
        let what = format!("invoices of the customer they see as {seen}: 7");
        tally.check(
            &what,
            is_right && seen.parse::<i64>().is_ok_and(|id| !(1..=59).contains(&id)),
        );
    }
    tally.values.push(json!({
        "name": cast.name,
        "customers": customers.as_ref().map_or(0, Vec::len),
    }));
    drop(client);
    connection.await?.context("a connection broke")?;
    Ok(())
}

type Rows = Vec<Vec<Option<String>>>;

/// All rows in text, or the error as it is told: code, message, hint.
async fn rows(client: &Client, text: &str) -> Result<Rows, String> {
    let messages = client.simple_query(text).await.map_err(|error| {
        let Some(told) = error.as_db_error() else {
            return error.to_string();
        };
        let hint = told.hint().unwrap_or_default();
        format!("{} {} ({hint})", told.code().code(), told.message())
    })?;
    let mut rows = Rows::new();
    for message in messages {
        if let SimpleQueryMessage::Row(row) = message {
            let cells = (0..row.len()).map(|place| row.get(place).map(str::to_owned));
            rows.push(cells.collect());
        }
    }
    Ok(rows)
}

/// The first row, for people.
fn first(rows: &Rows) -> String {
    let cells = rows.first().into_iter().flatten();
    let cells: Vec<&str> = cells
        .map(|cell| cell.as_deref().unwrap_or("NULL"))
        .collect();
    cells.join(", ")
}

/// What a stranger finds in the ledger that is left.
fn check_ledger(dir: &Path, tally: &mut Tally) -> anyhow::Result<()> {
    let Some(place) = dir.to_str() else {
        bail!("the directory's name is not UTF-8");
    };
    let key = dir.join("ledger/control-1/log.vkey");
    let terms = Terms {
        keys: keys_of(&key.to_string_lossy())?,
        ..Terms::default()
    };
    let report = verify(&open(place)?, &terms, &mut |_| {})?;
    let _ = writeln!(tally.text, "the ledger");
    tally.check(
        "every entry, hash and anchor verifies; who vouches for it beside the gateway itself cannot be \
         told, because an evaluation has no witness",
        report.verdict() == Verdict::CannotTell,
    );
    for folder in ["control-1", "access-gate-1-1"] {
        let log = dir.join("ledger").join(folder);
        let names = ["checkpoint", "tile", "log.vkey"];
        let is_whole = names.iter().all(|name| log.join(name).exists());
        tally.check(
            &format!("ledger/{folder} holds {}", names.join(", ")),
            is_whole,
        );
    }
    Ok(())
}
