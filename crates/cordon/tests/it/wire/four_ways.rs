//! Every case of the corpus and of our own (`tests/data/guard/cases`), sent through a real gateway in
//! each way that the protocol has. Each way ends as the guard alone says, with the same rows, and no
//! byte of any message holds what the asker may not see.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use wire::{Format, Formats, Subject};

use super::cases::{Differences, constants_lifted};
use super::line::{Line, Message, failure, words};
use super::stage::{Stage, session};
use crate::guard::cases::{self, Case, FILES, Session, file};
use crate::guard::world::{Outcome, ROWS, World};

/// How a statement is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// One Query.
    Simple,
    /// Parse, Bind and Execute without names, in text.
    Unnamed,
    /// A named statement and portal, results in binary, executed twice.
    Binary,
    /// Its constants are parameters.
    Parameters,
    /// PREPARE and EXECUTE in SQL.
    Prepared,
    /// DECLARE and FETCH in SQL.
    Cursor,
}

const WAYS: [Way; 6] = [
    Way::Simple,
    Way::Unnamed,
    Way::Binary,
    Way::Parameters,
    Way::Prepared,
    Way::Cursor,
];

/// What a client got.
struct Got {
    messages: Vec<Message>,
    failure: Option<String>,
    /// The rows of the last answer; none where they are not rows in text.
    rows: Option<Vec<Vec<Option<String>>>>,
}

impl Way {
    /// Sends a statement; `None` where the way is none for it.
    fn send(self, line: &mut Line, text: &str) -> Option<Got> {
        let is_query = is_query(text);
        let messages = match self {
            Self::Simple => line.query(text),
            Self::Unnamed => {
                line.parse("", text)
                    .bind("", "", &[], &Formats::Unsaid)
                    .describe(Subject::Portal(""))
                    .execute("", 0);
                line.sync()
            }
            Self::Binary => binary(line, text, if is_query { 2 } else { 1 }),
            Self::Parameters => {
                let (text, values) = constants_lifted(text).filter(|_| is_query)?;
                let values: Vec<Option<&str>> =
                    values.iter().map(|value| Some(value.as_str())).collect();
                line.parse("", &text)
                    .bind("", "", &values, &Formats::Unsaid)
                    .execute("", 0);
                line.sync()
            }
            Self::Prepared if is_query => {
                let mut messages = line.query(&format!("prepare wire_p as {text}"));
                if failure(&messages).is_none() {
                    messages.extend(line.query("execute wire_p"));
                }
                messages
            }
            Self::Cursor if is_query => {
                let mut messages = line.query(&format!("declare wire_c cursor for {text}"));
                if failure(&messages).is_none() {
                    messages.extend(line.query("fetch all from wire_c"));
                }
                messages
            }
            Self::Prepared | Self::Cursor => return None,
        };
        let is_copy = messages.iter().any(|message| message.tag == b'H');
        let is_text = self != Self::Binary && !is_copy;
        Some(Got {
            failure: failure(&messages),
            rows: is_text.then(|| last_rows(&messages)),
            messages,
        })
    }
}

fn binary(line: &mut Line, text: &str, times: usize) -> Vec<Message> {
    let all = Formats::All(Format::Binary);
    line.parse("wire_s", text)
        .describe(Subject::Statement("wire_s"));
    for _ in 0..times {
        line.bind("wire_b", "wire_s", &[], &all)
            .describe(Subject::Portal("wire_b"))
            .execute("wire_b", 0);
        wire::frontend::close(&mut line.out, Subject::Portal("wire_b")).unwrap();
    }
    let messages = line.sync();
    // After an error a Close in the same pipeline would be passed over.
    wire::frontend::close(&mut line.out, Subject::Statement("wire_s")).unwrap();
    line.sync();
    messages
}

/// Whether it can stand after PREPARE ... AS and DECLARE ... FOR, as far as its first word says.
fn is_query(text: &str) -> bool {
    let first = text.trim_start_matches('(').split_whitespace().next();
    let first = first.unwrap_or_default().to_ascii_lowercase();
    let lower = text.to_lowercase();
    let writes = ["insert into", "update ", "delete from"];
    matches!(first.as_str(), "select" | "with" | "values" | "table")
        && is_one(text)
        && !writes.iter().any(|word| lower.contains(word))
}

/// Whether it is one statement, as far as its characters say.
fn is_one(text: &str) -> bool {
    !text.trim_end_matches([';', ' ']).contains(';')
}

/// Pseudonyms that stand in cases are made with the keys of the guard's tests; the gateway has its own.
struct Keys(Vec<(String, String)>);

impl Keys {
    fn of(world: &World, address: SocketAddr) -> Self {
        let mut line = session(address, "masked");
        let mut pairs = Vec::new();
        for text in [
            "select id from subj",
            "select oid from ord",
            "select id from msg",
            "select id from post",
        ] {
            let Outcome::Rows(_, guard) = world.run("masked", text, &[]) else {
                panic!("{text}");
            };
            let gateway = last_rows(&line.query(text));
            assert_eq!(guard.len(), gateway.len());
            // Both lie in the order in which they were inserted.
            let both = guard
                .into_iter()
                .flatten()
                .zip(gateway.into_iter().flatten());
            pairs.extend(both.filter_map(|(guard, gateway)| guard.zip(gateway)));
        }
        Self(pairs)
    }

    fn at_the_gateway(&self, who: &str, text: &str) -> String {
        let mut text = text.to_owned();
        for (guard, gateway) in self.0.iter().filter(|_| who == "masked") {
            text = text.replace(guard, gateway);
        }
        text
    }

    fn at_the_guard(&self, who: &str, text: &str) -> String {
        let mut text = text.to_owned();
        for (guard, gateway) in self.0.iter().filter(|_| who == "masked") {
            text = text.replace(gateway, guard);
        }
        text
    }
}

/// The rows after the last description of columns.
fn last_rows(messages: &[Message]) -> Vec<Vec<Option<String>>> {
    let start = messages.iter().rposition(|message| message.tag == b'T');
    let rows = messages.iter().skip(start.unwrap_or(0));
    let rows = rows.filter(|message| message.tag == b'D');
    rows.map(|row| {
        let cells = row.cells().into_iter();
        cells
            .map(|cell| cell.map(|cell| String::from_utf8(cell).unwrap()))
            .collect()
    })
    .collect()
}

/// What the guard alone says of each step of a case.
fn expected(world: &World, case: &Case) -> Vec<(Outcome, bool)> {
    let mut session = Session::new(world, &case.who);
    world.direct("BEGIN");
    let outcomes = case.steps.iter().map(|step| {
        let found = session.ask(&step.ask);
        let is_sent = !found.sent.is_empty();
        (found.outcome, is_sent)
    });
    let outcomes = outcomes.collect();
    world.direct("ROLLBACK");
    outcomes
}

fn class(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Refused(refused) => Some(refused.code.to_string()),
        Outcome::Failed(sqlstate, _) => Some(sqlstate.clone()),
        Outcome::Rows(_, _) => None,
    }
}

/// Plays one file of cases and says what is wrong.
fn play(address: SocketAddr, name: &str, differences: &Differences) -> Vec<String> {
    let world = World::new(&format!("four_ways_{}", name.replace('-', "_")), ROWS);
    let mut hidden: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for who in world.people.keys() {
        hidden.insert(who.clone(), cases::canaries(&world, who));
    }
    let keys = Keys::of(&world, address);
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (number, case) in cases::read(&file(name)).iter().enumerate() {
        let expected = expected(&world, case);
        let line = lines
            .entry(case.who.clone())
            .or_insert_with(|| session(address, &case.who));
        for (place, way) in WAYS.into_iter().enumerate() {
            // Each case one way beside the simple one; all ways in a long run.
            let is_turn = way == Way::Simple || number % (WAYS.len() - 1) == place - 1;
            if !testkit::is_long() && !is_turn {
                continue;
            }
            line.query("begin");
            for (step, (outcome, is_sent)) in case.steps.iter().zip(&expected) {
                line.query("savepoint wire_step");
                let ask = keys.at_the_gateway(&case.who, &step.ask);
                // What the way is none for still counts for what comes after it.
                let way = if is_one(&ask) { way } else { Way::Simple };
                let got = way
                    .send(line, &ask)
                    .or_else(|| Way::Simple.send(line, &ask));
                let got = got.unwrap();
                let about = format!(
                    "{name}: {} ({}), {way:?}\n   {}",
                    case.title, case.who, step.ask
                );
                let heard: Vec<u8> = got.messages.iter().flat_map(|m| m.body.clone()).collect();
                let heard = String::from_utf8_lossy(&heard);
                for token in cases::leaks(&heard, &hidden[&case.who]) {
                    if !ask.contains(&token) {
                        wrong.push(format!(
                            "{about}\n   `{token}` came: {}",
                            words(&got.messages)
                        ));
                    }
                }
                let class = class(outcome);
                if got.failure != class {
                    if !differences.allows(
                        &format!("{way:?}"),
                        class.as_deref(),
                        got.failure.as_deref(),
                        &step.ask,
                    ) {
                        wrong.push(format!(
                            "{about}\n   the guard: {class:?}, the wire: {}",
                            words(&got.messages)
                        ));
                    }
                } else if let (Outcome::Rows(_, _), Some(mut rows)) = (outcome, got.rows) {
                    for cell in rows.iter_mut().flatten().flatten() {
                        *cell = keys.at_the_guard(&case.who, cell);
                    }
                    rows.sort();
                    let is_plan = step.ask.trim_start().to_lowercase().starts_with("explain");
                    let is_listed = || {
                        differences.allows(
                            &format!("{way:?}"),
                            Some("rows"),
                            Some("other rows"),
                            &step.ask,
                        )
                    };
                    if *is_sent
                        && !is_plan
                        && is_one(&ask)
                        && outcome.multiset() != Some(rows)
                        && !is_listed()
                    {
                        wrong.push(format!(
                            "{about}\n   the guard: {outcome:?}, the wire: {}",
                            words(&got.messages)
                        ));
                    }
                }
                if got.failure.is_some() {
                    line.query("rollback to wire_step");
                }
            }
            line.query("rollback");
            let cleaned = line.query("discard all");
            assert_eq!(failure(&cleaned), None, "{}", words(&cleaned));
        }
    }
    wrong
}

#[test]
fn each_case_ends_the_same_in_every_way() {
    let stage = Stage::start("wire_ways", ROWS);
    let address = stage.gateway.address();
    let differences = Differences::read();
    let next = std::sync::Mutex::new(FILES.iter());
    let wrong = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let Some(name) = next.lock().unwrap().next() else {
                        break;
                    };
                    let found = play(address, name, &differences);
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    differences.assert_each_was_met();
}
