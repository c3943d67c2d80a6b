//! The act in front of a real gateway: Chinook in a throw-away PostgreSQL, four people with psql, the same
//! three questions, what they are told of themselves, and the ledger that is left.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use identity::certificates::{Authority, Validity};
use identity::scram::{Mock, Verifiers};
use model::{PersonId, Timestamp};
use scratch::Server;
use serde_json::{Value, json};
use verifier::{Terms, Verdict, keys_of, open, verify};

use super::acts::{Found, Stage};
use super::expected::{self, Expected, Question, SEPARATOR, is_as_expected};
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

/// One of the cast.
struct Cast {
    name: &'static str,
    who: &'static str,
    /// Whether they hold a certificate beside their password.
    is_certified: bool,
}

const CAST: [Cast; 4] = [
    Cast {
        name: "ana.home",
        who: "analyst at home, with a certificate, a grant and its purpose",
        is_certified: true,
    },
    Cast {
        name: "mei.eligible",
        who: "engineer in Singapore",
        is_certified: false,
    },
    Cast {
        name: "jun.covered",
        who: "a covered person in Singapore",
        is_certified: false,
    },
    Cast {
        name: "li.beijing",
        who: "engineer in Beijing",
        is_certified: false,
    },
];

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

    write_deployment(stage.dir, &server)?;
    write_certificates(stage.dir)?;
    let loaded = load(stage.dir, output)?;
    serve::ensure_secrets(stage.dir)?;
    write_passwords(stage.dir)?;
    let (runtime, works_for) = serve::runtime()?;
    let mut tally = Tally::default();
    let questions = expected::read()?;
    runtime.block_on(async {
        let serving = serve::start(stage.dir, loaded, &works_for).await?;
        let psql = Psql {
            program: server.psql_path(),
            dir: stage.dir,
            port: serving.address().port(),
        };
        let mut played = Ok(());
        for cast in &CAST {
            // psql waits for the gateway, which answers on the runtime's other threads.
            played = tokio::task::block_in_place(|| ask(cast, &psql, &questions, &mut tally));
            if played.is_err() {
                break;
            }
        }
        serving.stop().await?;
        played
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
            "grants.yaml" => grants_of_now(text)?,
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
        "\n# The demo's own: certificates of its own, and whoever comes from this host is at home.\n\
         [gateway]\nlisten = \"127.0.0.1:0\"\n\n\
         [tls]\ncertificate = \"tls/gate.crt\"\nkey = \"tls/gate.key\"\n\
         client_authorities = \"tls/authority.crt\"\n\n\
         [[network]]\nrange = \"127.0.0.0/8\"\ncountry = \"US\"\n",
    );
    text
}

/// Grants last hours, so their moments are moved to the present.
fn grants_of_now(text: &str) -> anyhow::Result<String> {
    const THEN: &str = "2026-06-01T10:00:00Z";
    const DAY: &str = "2026-06-01T";
    let later = now()?.seconds() - Timestamp::parse(THEN)?.seconds();
    let mut moved = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(DAY) {
        moved.push_str(before);
        let time = after.get(..9).context("grants.yaml: a moment is cut off")?;
        match Timestamp::parse(&format!("{DAY}{time}")) {
            Ok(moment) => moved.push_str(&moment.plus_seconds(later).to_string()),
            Err(_) => moved.push_str(&format!("{DAY}{time}")),
        }
        rest = after.get(9..).unwrap_or_default();
    }
    moved.push_str(rest);
    Ok(moved)
}

fn now() -> anyhow::Result<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(Timestamp::from_seconds(i64::try_from(since.as_secs())?))
}

/// An authority for this demo alone: the gateway's certificate, and those of the cast.
fn write_certificates(dir: &Path) -> anyhow::Result<()> {
    let folder = dir.join("tls");
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let validity = Validity {
        from: now()?.plus_days(-1),
        until: now()?.plus_days(1),
    };
    let authority = Authority::make("Chinook demo", validity)?;
    let file = folder.join("authority.crt");
    std::fs::write(&file, authority.certificate()).with_context(|| file.display().to_string())?;
    authority
        .server(&["127.0.0.1", "localhost"], validity)?
        .write(&folder, "gate")?;
    for cast in CAST.iter().filter(|cast| cast.is_certified) {
        authority
            .client(&PersonId::new(cast.name)?, validity)?
            .write(&folder, cast.name)?;
    }
    Ok(())
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

/// The three questions of one person, and what they are told of themselves.
fn ask(
    cast: &Cast,
    psql: &Psql<'_>,
    questions: &[Question],
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let _ = writeln!(tally.text, "{}, {}", cast.name, cast.who);
    // What they see of the customer in Norway; who sees none tries the key itself.
    let mut seen = "4".to_owned();
    let mut rows = 0;
    for question in questions {
        let answers = question.answers.iter();
        let answer = answers.clone().find(|answer| answer.who == cast.name);
        let answer = answer.with_context(|| format!("demo.txt: nothing for {}", cast.name))?;
        let sql = question.sql.replace("{seen}", &seen);
        let told = psql.run(cast, answer.purpose, &[&sql])?;
        let (what, is_right) = match (&told, &answer.expected) {
            (Ok(found), Expected::Rows(expected)) => {
                let norway = found
                    .iter()
                    .find(|row| row.last().is_some_and(|cell| cell == "Norway"));
                if let Some(key) = norway.and_then(|row| row.first()) {
                    seen.clone_from(key);
                }
                rows += found.len();
                let first = found.first().map(|row| row.join(", "));
                let what = format!("{} rows, {}", found.len(), first.unwrap_or_default());
                (what, is_as_expected(found, expected))
            }
            (Err(refused), Expected::Refused(code)) => {
                let first = refused.lines().next().unwrap_or_default().to_owned();
                (first, refused.contains(&format!("refusal code: {code}")))
            }
            (Ok(found), Expected::Refused(_)) => (format!("{} rows", found.len()), false),
            (Err(refused), Expected::Rows(_)) => (refused.clone(), false),
        };
        tally.check(&format!("{}: {what}", question.name), is_right);
    }
    let purposes = questions.iter().flat_map(|question| &question.answers);
    let purpose = purposes
        .filter(|answer| answer.who == cast.name)
        .find_map(|answer| answer.purpose);
    told(cast, purpose, psql, tally)?;
    tally
        .values
        .push(json!({ "name": cast.name, "rows": rows }));
    Ok(())
}

/// Somebody who is refused asks why; everybody else, what they may see.
fn told(
    cast: &Cast,
    purpose: Option<&str>,
    psql: &Psql<'_>,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    const ACCESS: &str = "SELECT field, verdict FROM cordon.my_access \
                          WHERE relation = 'public.customer' AND field = 'email'";
    const WHY: &str = "SELECT code, remedy FROM cordon.last_refusal";
    let found = psql.run(cast, purpose, &[ACCESS])?;
    let found = found.unwrap_or_else(|refused| vec![vec![refused]]);
    if let Some(row) = found.first() {
        let what = format!("cordon.my_access: {}", row.join(", "));
        let verdict = row.last().map_or("", String::as_str);
        let expected = match purpose {
            Some(_) => "clear",
            None => "masked: null",
        };
        tally.check(&what, verdict == expected);
        return Ok(());
    }
    let found = psql.run(cast, None, &["SELECT * FROM customer", WHY])?;
    let found = found.unwrap_or_else(|refused| vec![vec![refused]]);
    let why = found.first().cloned().unwrap_or_default();
    let what = format!("cordon.last_refusal: {}", why.join(", "));
    tally.check(&what, why.first().is_some_and(|code| code == "not-visible"));
    Ok(())
}

/// The client of the demo is everybody's client.
struct Psql<'a> {
    program: PathBuf,
    dir: &'a Path,
    port: u16,
}

/// Rows cell by cell, or what psql says of an error.
type Told = Result<Vec<Vec<String>>, String>;

impl Psql<'_> {
    /// Runs statements in one session; the rows of the last, or the error of the last.
    fn run(&self, cast: &Cast, purpose: Option<&str>, statements: &[&str]) -> anyhow::Result<Told> {
        let tls = self.dir.join("tls");
        let mut command = Command::new(&self.program);
        command
            .args(["-X", "-q", "-A", "-t", "-F", SEPARATOR])
            .env("PGHOST", "127.0.0.1")
            .env("PGPORT", self.port.to_string())
            .env("PGUSER", cast.name)
            .env("PGPASSWORD", PASSWORD)
            .env("PGDATABASE", "chinook")
            .env("PGSSLMODE", "verify-full")
            .env("PGSSLROOTCERT", tls.join("authority.crt"));
        if cast.is_certified {
            command
                .env("PGSSLCERT", tls.join(format!("{}.crt", cast.name)))
                .env("PGSSLKEY", tls.join(format!("{}.key", cast.name)));
        }
        if let Some(purpose) = purpose {
            command.env("PGOPTIONS", format!("-c cordon.purpose={purpose}"));
        }
        for statement in statements {
            command.args(["-c", statement]);
        }
        let ran = command
            .output()
            .with_context(|| format!("{} does not run", self.program.display()))?;
        if !ran.status.success() {
            return Ok(Err(String::from_utf8_lossy(&ran.stderr).trim().to_owned()));
        }
        let text = String::from_utf8_lossy(&ran.stdout);
        let cells = |line: &str| line.split(SEPARATOR).map(str::to_owned).collect();
        Ok(Ok(text.lines().map(cells).collect()))
    }
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
