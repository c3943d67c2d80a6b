//! The same conversations with PostgreSQL itself and through Cordon, as somebody who sees everything:
//! the same answers, message for message (`tests/data/wire/conversations.txt`).

use std::net::SocketAddr;

use wire::{Format, Formats, Subject, frontend};

use super::line::{Line, Login, Message, error, words};
use super::stage::{SERVER, Stage};
use crate::gateway::Entries;
use crate::guard::world::ROWS;

const CONVERSATIONS: &str = include_str!("../../../../../tests/data/wire/conversations.txt");

struct Conversation<'t> {
    name: &'t str,
    lines: Vec<&'t str>,
}

fn conversations(text: &str) -> Vec<Conversation<'_>> {
    let mut all: Vec<Conversation<'_>> = Vec::new();
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    for line in lines {
        match line.strip_prefix("case: ") {
            Some(name) => all.push(Conversation {
                name,
                lines: Vec::new(),
            }),
            None => all.last_mut().expect(line).lines.push(line),
        }
    }
    all
}

/// Says one line; the answers, where it is one after which they are read.
fn say(to: &mut Line, line: &str) -> Option<Vec<Message>> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let name = |word: &str| {
        if word == "-" {
            String::new()
        } else {
            word.to_owned()
        }
    };
    let mut words = rest.split(' ');
    let mut word_at = || name(words.next().unwrap_or_default());
    match word {
        "Q" => return Some(to.query(rest)),
        "S" => return Some(to.sync()),
        "H" => {
            frontend::flush(&mut to.out);
            to.send();
            let count: usize = rest.parse().expect(line);
            let heard = std::iter::from_fn(|| to.next()).take(count).collect();
            return Some(heard);
        }
        "P" => {
            let (head, sql) = rest.split_once(' ').unwrap_or((rest, ""));
            let (head, types) = head.split_once('(').unwrap_or((head, ""));
            let types = types.trim_end_matches(')').split(',');
            let types: Vec<u32> = types.filter_map(|oid| oid.parse().ok()).collect();
            to.parse_typed(&name(head), sql, &types);
        }
        "B" => {
            let (head, values) = rest.split_once(':').expect(line);
            let mut head = head.split(' ').map(name);
            let mut next = || head.next().expect(line);
            let (portal, statement, forms) = (next(), next(), next());
            let forms = match forms.as_str() {
                "b" => Formats::All(Format::Binary),
                "t" => Formats::All(Format::Text),
                _ => Formats::Unsaid,
            };
            let values = values.trim();
            let values = values.split(';').filter(|_| !values.is_empty());
            let values: Vec<Option<&str>> = values
                .map(|value| (value != "\\N").then_some(value))
                .collect();
            to.bind(&portal, &statement, &values, &forms);
        }
        "D" | "C" => {
            let (kind, of) = (word_at(), word_at());
            let subject = match kind.as_str() {
                "S" => Subject::Statement(&of),
                _ => Subject::Portal(&of),
            };
            if word == "D" {
                to.describe(subject);
            } else {
                frontend::close(&mut to.out, subject).unwrap();
            }
        }
        "E" => {
            let (portal, rows) = (word_at(), word_at());
            to.execute(&portal, rows.parse().expect(line));
        }
        other => panic!("`{other}` is no message"),
    }
    None
}

/// What counts of a message: of errors and notices severity, SQLSTATE and message.
fn told(message: &Message, is_about_data: bool) -> (u8, Vec<u8>) {
    match message.tag {
        // Of what fails on data the words may hold values.
        b'E' if is_about_data => {
            let text = ['V', 'C'].map(|code| message.field(code)).join("|");
            (message.tag, text.into_bytes())
        }
        b'E' | b'N' => {
            let text = ['V', 'C', 'M'].map(|code| message.field(code)).join("|");
            (message.tag, text.into_bytes())
        }
        tag => (tag, message.body.clone()),
    }
}

fn play(
    conversation: &Conversation<'_>,
    direct: &mut Line,
    gateway: &mut Line,
    is_about_data: bool,
) -> Vec<String> {
    let told = |message: &Message| told(message, is_about_data);
    let mut wrong = Vec::new();
    let mut reason = None;
    let mut since: Vec<&str> = Vec::new();
    for line in &conversation.lines {
        if let Some(why) = line.strip_prefix("differs: ") {
            reason = Some(why);
            continue;
        }
        since.push(line);
        let (Some(expected), Some(found)) = (say(direct, line), say(gateway, line)) else {
            continue;
        };
        let is_same = expected.iter().map(told).eq(found.iter().map(told));
        let about = format!("{}: {}", conversation.name, since.join(" / "));
        match reason.take() {
            None if !is_same => wrong.push(format!(
                "{about}\n-- PostgreSQL:\n{}\n-- Cordon:\n{}",
                short(&expected),
                short(&found)
            )),
            Some(why) if is_same => wrong.push(format!("{about}: no difference any more ({why})")),
            None | Some(_) => {}
        }
        since.clear();
    }
    wrong
}

fn short(messages: &[Message]) -> String {
    let text = words(messages);
    text.chars().take(1200).collect()
}

const MORE: [(&str, &str); 4] = [
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO"),
    ("application_name", "wire"),
    ("options", "-c default_transaction_read_only=on"),
];

/// Whoever sees everything, with the server itself and through the gateway.
fn both(stage: &Stage, more: &[(&str, &str)]) -> (Line, Line) {
    let direct = SocketAddr::from(([127, 0, 0, 1], SERVER.port()));
    let database = stage.database("full");
    let login = Login {
        more,
        ..Login::new("full", &database)
    };
    let direct = Line::login(direct, &login);
    let login = Login {
        database: "full",
        ..login
    };
    let gateway = Line::login(stage.gateway.address(), &login);
    (direct, gateway)
}

/// Whoever sees everything, as a role of the server itself.
const ROLE: &str = "DO $$ BEGIN CREATE ROLE \"full\" LOGIN; EXCEPTION WHEN duplicate_object OR \
                    unique_violation THEN NULL; END $$; \
                    GRANT ALL ON ALL TABLES IN SCHEMA public TO \"full\"";

const WRITES: &str = include_str!("../../../../../tests/data/wire/writes.txt");

#[test]
fn changes_are_answered_as_by_postgresql() {
    let stage = Stage::start("wire_writes", ROWS);
    // Each side changes a database of its own; the numbers of their objects are the same.
    let own = Stage::database_like("wire_writes_direct", ROWS);
    SERVER.run(&own, ROLE).unwrap();
    let more = [
        MORE[0],
        MORE[1],
        MORE[2],
        (
            "options",
            "-c default_transaction_read_only=off -c cordon.purpose=support",
        ),
    ];
    let mut wrong = Vec::new();
    for conversation in conversations(WRITES) {
        let login = Login {
            more: &more,
            ..Login::new("full", &own)
        };
        let server = SocketAddr::from(([127, 0, 0, 1], SERVER.port()));
        let mut direct = Line::login(server, &login);
        let address = stage.gateway.address();
        let mut gateway = stage.certificates.connect(address, "full");
        gateway.enter(&Login {
            database: "full",
            ..login
        });
        assert_eq!(
            gateway.said().last().unwrap(),
            "Ready I",
            "{:?}",
            gateway.said()
        );
        wrong.extend(play(&conversation, &mut direct, &mut gateway, true));
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    let mut line = stage.certificates.connect(stage.gateway.address(), "full");
    line.enter(&Login {
        more: &more,
        ..Login::new("full", "full")
    });
    for text in [
        "begin",
        "insert into open_t values (30, 'x', 'y')",
        "savepoint a",
        "insert into open_t values (31, 'x', 'y'), (32, 'x', 'y')",
        "rollback to a",
        "update open_t set label = 'z' where id = 30",
        "delete from open_t where id = 30",
        "commit",
    ] {
        assert_eq!(error(&line.query(text)).map(Message::words), None, "{text}");
    }
    drop(line);
    let (_, setup) = stage.gateway.stop();
    assert_eq!(
        last_writes(&Entries::of(&setup), 4),
        [("insert", 1), ("insert", 0), ("update", 1), ("delete", 1)]
            .map(|(verb, rows)| (verb.to_owned(), rows)),
        "a savepoint's end undoes what came after it"
    );
}

/// The verbs of the last writes of the last session that wrote, and how many rows each changed.
fn last_writes(entries: &Entries, count: usize) -> Vec<(String, u64)> {
    let decisions = entries.of_kind("decision");
    let writes: Vec<_> = decisions
        .iter()
        .map(|entry| &entry["body"])
        .filter(|body| body["verb"] != "select")
        .collect();
    let outcomes = entries.of_kind("outcome");
    writes[writes.len() - count..]
        .iter()
        .map(|write| {
            let is_its = |outcome: &&&serde_json::Value| {
                ["session", "number"]
                    .iter()
                    .all(|key| outcome["body"][key] == write[key])
            };
            let outcome = outcomes.iter().find(is_its).unwrap();
            let rows = outcome["body"]["rows_changed"].as_u64().unwrap();
            (write["verb"].as_str().unwrap().to_owned(), rows)
        })
        .collect()
}

#[test]
fn conversations_are_the_same_with_postgresql_and_through_cordon() {
    // Before the gateway reads the schema: a change that it notices later ends what is under way.
    let stage = Stage::start("wire_direct", &format!("{ROWS};{ROLE}"));
    let mut wrong = Vec::new();
    let (direct, gateway) = both(&stage, &MORE);
    let greeting = |line: &Line| -> std::collections::BTreeSet<(u8, Vec<u8>)> {
        // Key data are each side's own, and the name of the server's operating system is not told.
        let kept = line.greeting.iter().filter(|message| {
            message.tag != b'K' && !message.body.starts_with(b"server_version\0")
        });
        kept.map(|message| told(message, false)).collect()
    };
    if greeting(&direct) != greeting(&gateway) {
        wrong.push(format!(
            "the greeting\n-- PostgreSQL:\n{}\n-- Cordon:\n{}",
            direct.said().join("\n"),
            gateway.said().join("\n")
        ));
    }
    for conversation in conversations(CONVERSATIONS) {
        let (mut direct, mut gateway) = both(&stage, &MORE);
        wrong.extend(play(&conversation, &mut direct, &mut gateway, false));
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}
