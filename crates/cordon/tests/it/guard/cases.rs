//! The attack corpus: `tests/data/guard/cases/*.txt`, each statement guarded as a gate would guard it
//! and run on a real PostgreSQL.
//!
//! ```text
//! case: A01 every spelling of a table is the table
//! who: analyst
//! ask: select id from public.subj
//! see: rows 5
//! ```
//! A case is one session in one transaction, rolled back at its end. Several `ask` lines run in
//! order; `see` lines are about the `ask` above them. An `ask` with no `see` must run. `see` says:
//!
//! - `runs`: it passes and the server does not fail. Implied by `rows`, `row`, `same as`.
//! - `refused CODE`: the guard refuses it with this code of the refusal table.
//! - `fails SQLSTATE`: it passes and the server fails so.
//! - `rows N`: that many rows.
//! - `row a | b | NULL`: one row; all such lines together are all rows, in any order.
//! - `same as STATEMENT`: the same rows as this statement gives the same person.
//! - `twin`: the answer is the same, rows and SQLSTATE, where the rows that the analyst does not see
//!   are not there and the values that are masked for them are others. Implied where the analyst
//!   asks once and something is sent.
//! - `shape ALIAS inline`, `fence`, `union`: how a relation was guarded.
//! - `kept back`: the guard allows it and nothing is sent to the server.
//! - `sends TEXT`, `never sends TEXT`: what is sent holds the text, or does not.
//!
//! Of every case it is also asserted that no value which is hidden from the person is in anything
//! that comes back (rows, errors with all their parts, notices): as it is, in any case, reversed, in
//! hex and in base64.
// SIZE: the one case format: its words, how a session plays them, and the scan of what came back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use model::{DatasetId, FieldName, Residency, RowClass, Rows, Verdict};
use sql::tree::{Constant, Expression, SetValue};
use sql::{Action, Form, Guarded, ParameterTypes, Refused};

use super::views;
use super::world::{Outcome, ROWS, SERVER, World};

pub struct Case {
    pub title: String,
    pub who: String,
    pub steps: Vec<Step>,
}

pub struct Step {
    pub ask: String,
    see: Vec<String>,
}

/// The cases of a file.
pub fn read(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (word, rest) = line.split_once(':').expect(line);
        let rest = rest.trim().to_owned();
        if word == "case" {
            cases.push(Case {
                title: rest,
                who: String::new(),
                steps: Vec::new(),
            });
            continue;
        }
        let case = cases.last_mut().expect(line);
        match word {
            "who" => case.who = rest,
            "ask" => case.steps.push(Step {
                ask: rest,
                see: Vec::new(),
            }),
            "see" => case.steps.last_mut().expect(line).see.push(rest),
            _ => panic!("`{line}`: begin with case, who, ask or see"),
        }
    }
    for case in &cases {
        let is_whole = !case.who.is_empty() && !case.steps.is_empty();
        assert!(is_whole, "`{}`: a case has who and ask", case.title);
    }
    cases
}

/// What came of one `ask`.
pub struct Found {
    pub outcome: Outcome,
    /// What was sent to the server.
    pub sent: Vec<String>,
    shapes: Vec<sql::Shape>,
}

impl Found {
    fn short(&self) -> String {
        match &self.outcome {
            Outcome::Refused(refused) => format!("refused {} ({})", refused.code, refused.about),
            Outcome::Failed(code, message) => format!("fails {code}: {message}"),
            Outcome::Rows(_, rows) => format!("{} rows: {}", rows.len(), written(rows).join(" / ")),
        }
    }
}

fn written(rows: &[Vec<Option<String>>]) -> Vec<String> {
    let mut all: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells: Vec<&str> = row
                .iter()
                .map(|cell| cell.as_deref().unwrap_or("NULL"))
                .collect();
            cells.join(" | ")
        })
        .collect();
    all.sort();
    all
}

/// What everybody sees.
pub fn everybody() -> views::People {
    let catalog = catalog::read(
        &[("catalog.yaml", super::world::CATALOG)],
        &catalog::Options::default(),
    );
    views::read(super::world::VIEWS, &catalog.unwrap().datasets)
}

/// What a gate keeps of a session.
pub struct Session<'w> {
    world: &'w World,
    notices: Arc<Mutex<Vec<String>>>,
    who: String,
    path: Vec<String>,
    prepared: BTreeMap<String, Arc<Guarded>>,
    last: String,
}

/// What makes another database of the same answers for the analyst.
const TWIN: &str = "
    DELETE FROM public.msg WHERE id <> 101;
    DELETE FROM public.post WHERE owner_id NOT IN (1, 2, 4, 7, 8);
    DELETE FROM public.ord WHERE subj_id IS NULL OR subj_id NOT IN (1, 2, 4, 7, 8);
    DELETE FROM public.subj WHERE id NOT IN (1, 2, 4, 7, 8);
    DELETE FROM public.plog WHERE id IN (2, 102);
    UPDATE public.subj SET ssn = id::pg_catalog.text, hidden = NULL, unlabelled = NULL;
    UPDATE public.plog SET ssn = NULL;
    UPDATE public.msg SET body = NULL;
    DELETE FROM public.vip";

impl<'w> Session<'w> {
    /// A session of somebody, without anything that was asked.
    pub fn new(world: &'w World, who: &str) -> Self {
        Self {
            world,
            notices: Arc::default(),
            who: who.to_owned(),
            path: vec!["public".to_owned()],
            prepared: BTreeMap::new(),
            last: String::new(),
        }
    }

    fn guard(&self, text: &str) -> Result<Vec<Guarded>, Refused> {
        let types = ParameterTypes::default();
        self.world
            .guard_on_path(&self.who, text, &types, &self.path)
    }

    /// The last text again, on the twin.
    fn ask_twin(&mut self) -> Found {
        assert_eq!(self.who, "analyst");
        self.world.direct("SAVEPOINT cordon_twin");
        let made = self.world.direct(TWIN);
        assert!(matches!(made, Outcome::Rows(_, _)), "{made:?}");
        let text = self.last.clone();
        let found = self.ask(&text);
        self.world.direct("ROLLBACK TO cordon_twin");
        found
    }

    /// Asks, as a gate would.
    pub fn ask(&mut self, text: &str) -> Found {
        text.clone_into(&mut self.last);
        let mut found = Found {
            outcome: Outcome::Rows(Vec::new(), Vec::new()),
            sent: Vec::new(),
            shapes: Vec::new(),
        };
        let all = match self.guard(text) {
            Ok(all) => all,
            Err(refused) => {
                found.outcome = Outcome::Refused(refused);
                return found;
            }
        };
        for guarded in all {
            found.shapes.extend_from_slice(guarded.shapes());
            found.outcome = self.run(guarded, &mut found.sent);
            if matches!(found.outcome, Outcome::Failed(_, _)) {
                break;
            }
        }
        found
    }

    fn run(&mut self, guarded: Guarded, sent: &mut Vec<String>) -> Outcome {
        let nothing = Outcome::Rows(Vec::new(), Vec::new());
        match guarded.action() {
            Action::SetVirtual(setting) => {
                if setting.name == "search_path" {
                    self.path = match &setting.value {
                        SetValue::Values(list) => list.iter().map(plain).collect(),
                        _ => vec!["public".to_owned()],
                    };
                }
                nothing
            }
            Action::Prepare(name, _) => {
                self.prepared.insert(name.clone(), Arc::new(guarded));
                nothing
            }
            Action::Deallocate(_) | Action::Show(_) | Action::Discard(_) => nothing,
            Action::Execute(execute) => {
                let Some(kept) = self.prepared.get(&execute.name).cloned() else {
                    return Outcome::Failed("26000".to_owned(), String::new());
                };
                let values: Vec<Option<String>> = execute
                    .arguments
                    .iter()
                    .map(|argument| match argument {
                        Expression::Constant(Constant::Null) => None,
                        Expression::Constant(constant) => Some(plain(constant)),
                        other => panic!("{other:?}"),
                    })
                    .collect();
                self.send(&kept, &values, sent)
            }
            _ => self.send(&guarded, &[], sent),
        }
    }

    /// A statement that fails takes itself back and leaves the session's transaction as it was.
    fn send(
        &self,
        guarded: &Guarded,
        values: &[Option<String>],
        sent: &mut Vec<String>,
    ) -> Outcome {
        if !guarded.text().is_empty() {
            sent.push(guarded.text().to_owned());
        }
        self.world.direct("SAVEPOINT cordon_step");
        let outcome = match guarded.action() {
            // SQL has no other way to run these with values than to write them out.
            Action::Declare { .. } | Action::Explain { .. } => {
                self.world.direct(&written_out(guarded, values))
            }
            _ => self.world.send(guarded, values),
        };
        if matches!(outcome, Outcome::Failed(_, _)) {
            self.world.direct("ROLLBACK TO cordon_step");
            self.world.direct("DEALLOCATE ALL");
        }
        outcome
    }
}

/// A guarded text with its values in it.
fn written_out(guarded: &Guarded, values: &[Option<String>]) -> String {
    let values = enforce::bind(guarded.parameters(), values, &super::world::Keys).unwrap();
    let mut text = guarded.text().to_owned();
    for (index, value) in values.iter().enumerate().rev() {
        let value = match value {
            None => "NULL".to_owned(),
            Some(value) => format!("'{}'", value.replace('\'', "''")),
        };
        text = text.replace(&format!("${}", index + 1), &value);
    }
    text
}

fn plain(constant: &Constant) -> String {
    match constant {
        Constant::Text(text) | Constant::Number(text) => text.clone(),
        Constant::Integer(number) => number.to_string(),
        other => panic!("{other:?}"),
    }
}

/// A world whose notices are kept.
fn world(name: &str) -> (World, Arc<Mutex<Vec<String>>>) {
    let mut world = World::new(&format!("cases_{name}"), ROWS);
    let notices = Arc::new(Mutex::new(Vec::new()));
    let config: tokio_postgres::Config = SERVER
        .socket_url(&format!("cases_{name}"))
        .parse()
        .expect("a URL");
    let (client, mut connection) = world
        .runtime
        .block_on(config.connect(tokio_postgres::NoTls))
        .expect("a connection");
    let kept = Arc::clone(&notices);
    world.runtime.spawn(async move {
        loop {
            match std::future::poll_fn(|context| connection.poll_message(context)).await {
                Some(Ok(tokio_postgres::AsyncMessage::Notice(notice))) => {
                    kept.lock().unwrap().push(format!("{notice:?}"));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break,
            }
        }
    });
    world.client = client;
    world.direct("SET search_path = pg_catalog; SET client_min_messages = debug1");
    (world, notices)
}

/// Runs a file; every failure in one list.
fn run(name: &str, text: &str) -> Vec<(String, Vec<String>)> {
    let (world, notices) = world(name);
    let hidden: BTreeMap<String, Vec<String>> = world
        .people
        .keys()
        .map(|who| (who.clone(), canaries(&world, who)))
        .collect();
    let mut results = Vec::new();
    for case in read(text) {
        let mut failures = Vec::new();
        let mut session = Session {
            notices: Arc::clone(&notices),
            ..Session::new(&world, &case.who)
        };
        world.direct("BEGIN");
        for step in &case.steps {
            session.notices.lock().unwrap().clear();
            let found = session.ask(&step.ask);
            let mut expected = step.see.clone();
            if expected.is_empty() {
                expected.push("runs".to_owned());
            }
            let is_alone = case.steps.len() == 1 && !found.sent.is_empty();
            if case.who == "analyst" && is_alone {
                expected.push("twin".to_owned());
            }
            for wrong in check(&mut session, &expected, &found) {
                failures.push(format!("{}\n      {wrong}", step.ask));
            }
            let mut back = match &found.outcome {
                Outcome::Refused(refused) => refused.to_string(),
                Outcome::Failed(_, message) => message.clone(),
                Outcome::Rows(names, rows) => {
                    let cells = rows.iter().flatten().flatten();
                    let all: Vec<&str> = names.iter().chain(cells).map(String::as_str).collect();
                    all.join("\n")
                }
            };
            back.push_str(&session.notices.lock().unwrap().join("\n"));
            for token in leaks(&back, &hidden[&case.who]) {
                // What the asker wrote themselves tells them nothing.
                if !step.ask.contains(&token) {
                    failures.push(format!(
                        "{}\n      `{token}` came back: {}",
                        step.ask,
                        found.short()
                    ));
                }
            }
        }
        world.direct("ROLLBACK");
        results.push((format!("{} ({})", case.title, case.who), failures));
    }
    results
}

fn check(session: &mut Session<'_>, expected: &[String], found: &Found) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut rows: Vec<String> = Vec::new();
    for see in expected {
        let (word, rest) = see.split_once(' ').unwrap_or((see, ""));
        let is_met = match word {
            "refused" => {
                matches!(&found.outcome, Outcome::Refused(refused) if refused.code.as_str() == rest)
            }
            "fails" => matches!(&found.outcome, Outcome::Failed(code, _) if code == rest),
            "runs" => matches!(&found.outcome, Outcome::Rows(_, _)),
            "rows" => {
                matches!(&found.outcome, Outcome::Rows(_, rows) if rows.len().to_string() == rest)
            }
            "row" => {
                rows.push(rest.to_owned());
                true
            }
            "same" => {
                let other = session.ask(rest.strip_prefix("as ").expect(see));
                let same = other.outcome.multiset() == found.outcome.multiset();
                if !same {
                    wrong.push(format!("the other gives {}", other.short()));
                }
                same && other.outcome.multiset().is_some()
            }
            "twin" => {
                let twin = session.ask_twin();
                let same = match (&twin.outcome, &found.outcome) {
                    (Outcome::Failed(a, _), Outcome::Failed(b, _)) => a == b,
                    (a, b) => a.multiset() == b.multiset() && a.multiset().is_some(),
                };
                if !same {
                    wrong.push(format!("the twin gives {}", twin.short()));
                }
                same
            }
            "shape" => {
                let (alias, form) = rest.split_once(' ').expect(see);
                let form = match form {
                    "inline" => Form::Inline,
                    "fence" => Form::Fence,
                    "union" => Form::Union,
                    other => panic!("`{other}` is no form"),
                };
                let mut of = found.shapes.iter().filter(|shape| shape.alias == alias);
                of.next().is_some_and(|shape| shape.form == form)
            }
            "kept" => matches!(&found.outcome, Outcome::Rows(_, _)) && found.sent.is_empty(),
            "sends" => found.sent.iter().any(|text| text.contains(rest)),
            "never" => {
                let text = rest.strip_prefix("sends ").expect(see);
                !found.sent.iter().any(|sent| sent.contains(text))
            }
            other => panic!("`{other}` is not understood in `see`"),
        };
        if !is_met {
            wrong.push(format!("expected `{see}`, found {}", found.short()));
        }
    }
    rows.sort();
    let got = match &found.outcome {
        Outcome::Rows(_, rows) => written(rows),
        Outcome::Refused(_) | Outcome::Failed(_, _) => Vec::new(),
    };
    if !rows.is_empty() && rows != got {
        wrong.push(format!(
            "expected {}, found {}",
            rows.join(" / "),
            found.short()
        ));
    }
    wrong
}

/// The texts that a person may not see: of rows that are left out, of fields that are masked there or
/// absent, unless the same text is clear to them elsewhere.
pub fn canaries(world: &World, who: &str) -> Vec<String> {
    let mut clear = BTreeSet::new();
    let mut hidden = BTreeSet::new();
    let rows = |text: &str| match world.direct(text) {
        Outcome::Rows(names, rows) => (names, rows),
        other => panic!("{other:?}"),
    };
    // Where each subject lives.
    let homes: BTreeMap<String, Residency> = rows("SELECT id, country FROM public.subj")
        .1
        .into_iter()
        .map(|row| (row[0].clone().unwrap(), home(row[1].as_deref())))
        .collect();
    let of_subject = |key: Option<&String>| {
        key.and_then(|key| homes.get(key).cloned())
            .unwrap_or(Residency::Unknown)
    };
    for table in [
        "subj",
        "ord",
        "msg",
        "post",
        "vip",
        "open_t",
        "plog",
        "uncatalogued",
    ] {
        let dataset = DatasetId::new(&format!("guard/public.{table}")).unwrap();
        let view = world.people[who].get(&dataset);
        let (names, all) = rows(&format!("SELECT * FROM public.{table}"));
        for row in all {
            let cell = |name: &str| {
                let place = names.iter().position(|known| known == name).unwrap();
                row[place].as_ref()
            };
            let residency = match table {
                "subj" | "plog" => home(cell("country").map(String::as_str)),
                "ord" => of_subject(cell("subj_id")),
                "post" => of_subject(cell("owner_id")),
                "msg" => match (of_subject(cell("from_id")), of_subject(cell("to_id"))) {
                    (from, to) if from == to => from,
                    _ => Residency::Unknown,
                },
                _ => Residency::NoSubject,
            };
            let public = table == "post"
                && cell("visibility").is_some_and(|word| word == "public")
                && cell("deleted").is_none();
            let class = RowClass { residency, public };
            for (name, value) in names.iter().zip(&row) {
                let Some(value) = value else { continue };
                let is_text = value.len() > 3 && value.chars().any(char::is_alphabetic);
                let is_clear = view.is_some_and(|view| {
                    view.rows.get(&class) == Some(&Rows::Seen)
                        && FieldName::new(name)
                            .ok()
                            .and_then(|field| view.fields.get(&field)?.cells.get(&class))
                            .is_some_and(|cell| cell.verdict == Verdict::Clear)
                });
                // The words of `visibility` are words of PostgreSQL too.
                if is_text && name != "visibility" {
                    if is_clear { &mut clear } else { &mut hidden }.insert(value.clone());
                }
            }
        }
    }
    hidden.difference(&clear).cloned().collect()
}

fn home(country: Option<&str>) -> Residency {
    views::residency(match country {
        Some("DE" | "FR" | "Germany") => "eu",
        Some("US" | "usa") => "us",
        Some("CN") => "other",
        _ => "unknown",
    })
}

/// Which of the tokens are in the text, in any of the spellings an attacker could read back.
pub fn leaks(text: &str, tokens: &[String]) -> Vec<String> {
    let lower = text.to_lowercase();
    tokens
        .iter()
        .filter(|token| {
            let hex: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
            let reversed: String = token.to_lowercase().chars().rev().collect();
            lower.contains(&token.to_lowercase())
                || lower.contains(&reversed)
                || lower.contains(&hex)
                || (0..3).any(|shift| text.contains(&base64(token, shift)))
        })
        .cloned()
        .collect()
}

/// The part of a base64 text that the token alone decides, with so many bytes before it.
fn base64(token: &str, shift: usize) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = vec![0_u8; shift * 8];
    for byte in token.bytes() {
        bits.extend((0..8).rev().map(|bit| byte >> bit & 1));
    }
    let first = (shift * 8).div_ceil(6) * 6;
    bits[first..]
        .chunks_exact(6)
        .map(|six| {
            let digit = six.iter().fold(0_u8, |sum, bit| sum << 1 | bit);
            char::from(DIGITS[usize::from(digit)])
        })
        .collect()
}

#[test]
fn the_scan_sees_every_spelling() {
    let tokens = ["tok_ssn_1".to_owned()];
    for text in [
        "x tok_ssn_1 y",
        "TOK_SSN_1",
        "1_nss_kot",
        "\\x746f6b5f73736e5f31",
        "746F6B5F73736E5F31",
        "dG9rX3Nzbl8x",
        "YXRva19zc25fMQ==",
        "YWF0b2tfc3NuXzE=",
    ] {
        assert_eq!(leaks(text, &tokens), tokens, "{text}");
    }
    assert!(leaks("tok_ssn_2", &tokens).is_empty());
}

/// The text of a file of cases.
pub fn file(name: &str) -> String {
    let path = format!(
        "{}/../../tests/data/guard/cases/{name}.txt",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(&path).expect(&path)
}

/// Everything in a file holds.
fn holds(name: &str, text: &str) {
    let mut report = String::new();
    for (title, failures) in run(name, text) {
        for failure in failures {
            report.push_str(&format!("{title}\n   {failure}\n"));
        }
    }
    assert!(report.is_empty(), "{report}");
}

macro_rules! files {
    ($($test:ident $file:literal)*) => {
        /// All files whose cases hold.
        pub const FILES: &[&str] = &[$($file),*];
        $(
        #[test]
        fn $test() {
            holds(stringify!($test), &file($file));
        }
        )*
    };
}

files! {
    naming "naming"
    composite "composite"
    statements "statements"
    functions "functions"
    inference "inference"
    settings "settings"
    own_clauses "own-clauses"
    own_functions "own-functions"
    own_scopes "own-scopes"
    own_fields "own-fields"
    own_types "own-types"
    own_statements "own-statements"
    own_inference "own-inference"
    own_writes "own-writes"
}

/// The list of what does not hold yet shrinks honestly: a case that holds moves to its file.
#[test]
fn what_is_open_still_fails() {
    for (title, failures) in run("open", &file("open")) {
        assert!(!failures.is_empty(), "{title} holds now: move it");
    }
}

/// What no line of a text file can say.
#[test]
fn texts_that_are_no_statements_are_refused() {
    let limits = sql::Limits::default();
    let code = |text: &[u8]| {
        sql::read_bytes(text, &limits)
            .map(|all| all.len())
            .map_err(|refused| refused.code.as_str().to_owned())
    };
    assert_eq!(code(b"select '\xff'"), Err("text-not-valid".to_owned()));
    assert_eq!(
        code(b"select 1\0; drop table subj"),
        Err("text-not-valid".to_owned())
    );
    let deep = format!("select {}1{}", "(".repeat(30_000), ")".repeat(30_000));
    assert_eq!(code(deep.as_bytes()), Err("statement-too-large".to_owned()));
    let nots = format!("select {} true", "not ".repeat(8_000));
    assert_eq!(code(nots.as_bytes()), Err("statement-too-large".to_owned()));
    let sum = format!("select 1{}", " + 1".repeat(5_000));
    assert_eq!(code(sum.as_bytes()), Err("statement-too-large".to_owned()));
    let long = format!("select '{}'", "x".repeat(64 << 20));
    assert_eq!(code(long.as_bytes()), Err("statement-too-large".to_owned()));
}

/// A database in which texts are not UTF-8 is not guarded at all.
#[test]
fn a_database_that_is_not_utf8_is_guard_not_possible() {
    let mut world = World::new("cases_latin", ROWS);
    let mut snapshot = world.schema.snapshot().clone();
    "LATIN1".clone_into(&mut snapshot.server_encoding);
    world.schema = pgschema::Schema::new(snapshot).unwrap();
    let refused = world.guard("analyst", "select id from subj").unwrap_err();
    assert_eq!(refused.code.as_str(), "guard-not-possible");
}

/// Who may write but sees masks writes nothing that was read through one.
#[test]
fn a_write_through_a_mask_is_write_reads_masked() {
    let mut world = World::new("cases_writer", ROWS);
    // `full` is the one who may write.
    let masked = world.people["masked"].clone();
    world.people.insert("full".to_owned(), masked);
    for text in [
        "update open_t set label = (select email from subj limit 1)",
        "update subj set note = 'x'",
        "insert into open_t (id, label) select oid, card from ord",
    ] {
        let refused = world.guard("full", text).unwrap_err();
        assert_eq!(refused.code.as_str(), "write-reads-masked", "{text}");
    }
}

/// Each code with which a statement can be refused for its form has a case.
#[test]
fn every_refusal_of_a_form_has_a_case() {
    let all: String = FILES.iter().map(|name| file(name)).collect();
    for code in [
        "syntax-error",
        "statement-not-allowed",
        "syntax-not-supported",
        "function-not-allowed",
        "operator-not-allowed",
        "type-not-allowed",
        "setting-not-allowed",
        "name-ambiguous",
        "row-access-not-allowed",
        "write-down",
        "action-not-allowed",
        "field-not-visible",
        "not-visible",
    ] {
        assert!(all.contains(&format!("see: refused {code}\n")), "{code}");
    }
}
