//! What tools send, directly and guarded.

use super::world::{Asked, Outcome, Row, World, asked};

pub const SCHEMA: &str = include_str!("../../../../../tests/data/catalogue/schema.sql");
pub const EXTRA: &str = include_str!("../../../../../tests/data/catalogue/extra.sql");
/// Why an answer is not the server's own, by tool and statement.
const DIFFERENCES: &str = include_str!("../../../../../tests/tools/differences.txt");

/// What each tool asks, by its name.
pub const TOOLS: [(&str, &str); 10] = [
    (
        "psql",
        include_str!("../../../../../tests/tools/psql-15.sql"),
    ),
    (
        "sqlalchemy",
        include_str!("../../../../../tests/tools/sqlalchemy-2.1.sql"),
    ),
    (
        "psycopg",
        include_str!("../../../../../tests/tools/psycopg-3.3.sql"),
    ),
    (
        "pandas",
        include_str!("../../../../../tests/tools/pandas-3.1.sql"),
    ),
    (
        "pgjdbc",
        include_str!("../../../../../tests/tools/pgjdbc-42.5.sql"),
    ),
    (
        "pgadmin",
        include_str!("../../../../../tests/tools/pgadmin-9.18.sql"),
    ),
    (
        "dbeaver",
        include_str!("../../../../../tests/tools/dbeaver-25.sql"),
    ),
    (
        "metabase",
        include_str!("../../../../../tests/tools/metabase-57.sql"),
    ),
    (
        "node-postgres",
        include_str!("../../../../../tests/tools/node-postgres-8.23.sql"),
    ),
    (
        "tokio-postgres",
        include_str!("../../../../../tests/tools/tokio-postgres-0.7.sql"),
    ),
];

/// The statement with numbers of this database.
fn here(world: &World, one: &Asked) -> (String, Vec<Option<String>>) {
    let values = one
        .values
        .iter()
        .map(|value| value.as_ref().map(|value| world.numbered(value)));
    (world.numbered(&one.text), values.collect())
}

/// Statements about transactions and about data are tested elsewhere.
fn is_other(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["savepoint", "release", "set ", "show "]
        .iter()
        .any(|word| lower.starts_with(word))
}

#[test]
fn who_sees_everything_gets_what_the_server_answers() {
    let world = World::new("tools_full", &[SCHEMA]);
    let mut report = String::new();
    let mut slow = Vec::new();
    for (tool, file) in TOOLS {
        let all = asked(file);
        assert!(all.len() > 4);
        let (mut same, mut named) = (0, 0);
        for (number, one) in all.iter().enumerate() {
            if is_other(&one.text) {
                same += 1;
                continue;
            }
            let (text, values) = here(&world, one);
            let direct = world.direct(&text, &values);
            let began = std::time::Instant::now();
            let guarded = world.run("full", &text, &values);
            slow.push((
                began.elapsed().as_millis(),
                format!("{tool} {}", number + 1),
            ));
            if sorted(&direct) == sorted(&guarded) {
                same += 1;
                continue;
            }
            let key = format!("{tool} {} ", number + 1);
            if DIFFERENCES.lines().any(|line| line.starts_with(&key)) {
                named += 1;
                continue;
            }
            report.push_str(&format!(
                "== {tool} {} {}\n{text}\n{}\n",
                number + 1,
                one.title,
                difference(&direct, &guarded)
            ));
        }
        println!(
            "{tool}: {} statements, {same} equal, {named} differ as named",
            all.len()
        );
    }
    slow.sort();
    println!(
        "slowest, in ms: {:?}",
        slow.iter().rev().take(12).collect::<Vec<_>>()
    );
    println!("median {} ms", slow[slow.len() / 2].0);
    assert!(report.is_empty(), "{report}");
}

#[test]
fn nothing_hidden_is_named_to_any_tool() {
    let world = World::new("tools_part", &[SCHEMA, EXTRA]);
    let mut report = String::new();
    for who in ["part", "nobody"] {
        for (tool, file) in TOOLS {
            let (mut rows_seen, mut refused, mut open) = (0, 0, 0);
            for (number, one) in asked(file).iter().enumerate() {
                if is_other(&one.text) {
                    continue;
                }
                let (text, values) = here(&world, one);
                if who == "part" && format!("{:?}", world.direct(&text, &values)).contains("canary")
                {
                    open += 1;
                }
                let outcome = world.run(who, &text, &values);
                let said = match &outcome {
                    Outcome::Rows(_, rows) => {
                        rows_seen += rows.len();
                        format!("{rows:?}")
                    }
                    Outcome::Failed(message) => {
                        report.push_str(&format!(
                            "== {who} {tool} {} failed\n{text}\n{message}\n",
                            number + 1
                        ));
                        message.clone()
                    }
                    Outcome::Refused(_) => {
                        refused += 1;
                        String::new()
                    }
                };
                let asked_for = text.contains("canary")
                    || values.iter().flatten().any(|v| v.contains("canary"));
                if said.contains("canary") && !asked_for {
                    let hit = said.find("canary").unwrap();
                    report.push_str(&format!(
                        "== {who} {tool} {} {}\n{text}\n{}\n",
                        number + 1,
                        one.title,
                        said.chars()
                            .skip(hit.saturating_sub(80))
                            .take(200)
                            .collect::<String>()
                    ));
                }
            }
            println!(
                "{who} {tool}: {rows_seen} rows, {refused} refused; {open} name what is hidden without the guard"
            );
            assert!(who != "part" || tool != "psql" || open > 50, "{open}");
        }
    }
    assert!(report.is_empty(), "{report}");
}

fn sorted(outcome: &Outcome) -> Option<(Vec<String>, Vec<Row>)> {
    match outcome {
        Outcome::Rows(names, rows) => {
            let mut rows = rows.clone();
            rows.sort();
            Some((names.clone(), rows))
        }
        _ => None,
    }
}

fn difference(direct: &Outcome, guarded: &Outcome) -> String {
    match (sorted(direct), sorted(guarded)) {
        (Some((a, mine)), Some((b, theirs))) => {
            let missing: Vec<_> = mine.iter().filter(|row| !theirs.contains(row)).collect();
            let added: Vec<_> = theirs.iter().filter(|row| !mine.contains(row)).collect();
            let names = if a == b {
                String::new()
            } else {
                format!("{a:?} {b:?}\n")
            };
            format!(
                "{names}missing {} of {}: {:?}\nadded {}: {:?}",
                missing.len(),
                mine.len(),
                missing.iter().take(3).collect::<Vec<_>>(),
                added.len(),
                added.iter().take(3).collect::<Vec<_>>()
            )
        }
        (direct, _) => format!("direct {} / {guarded:?}", direct.is_some()),
    }
}
