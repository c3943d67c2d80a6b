//! `./x bench guard`: queries over 500,000 rows as the database answers them itself, under
//! row-level security, through a security-barrier view, and as Cordon guards them, in the same
//! rounds; with the indexes that the plans use.
//!
//! `CORDON_BENCH_ROWS` changes the number of rows; a word picks the cases whose name has it.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops loudly when it cannot run"
)]

mod cases;
mod way;
mod world;

use sql::KeyKind;
use testkit::{Contender, interleave};
use tokio_postgres::Statement;

use cases::{CASES, Case, Who};
use way::{Text, Way, parameter_type, pg_type};
use world::{KEY, Keys, World, schema};

fn main() {
    let rows: u32 = std::env::var("CORDON_BENCH_ROWS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(500_000);
    println!("{rows} rows in each table; building");
    let settings = [
        ("shared_buffers", "1GB"),
        ("max_parallel_workers_per_gather", "0"),
    ];
    let server = scratch::Server::start_with(&settings).unwrap();
    server.create_database("bench").unwrap();
    server.run("bench", &schema(rows)).unwrap();
    let world = World::new(&server);
    println!("PostgreSQL {}\n", server.version());
    let word = std::env::args()
        .skip(1)
        .find(|word| !word.starts_with("--"));
    for case in CASES {
        if word.as_ref().is_some_and(|word| !case.name.contains(word)) {
            continue;
        }
        measure(&world, case);
    }
}

fn measure(world: &World, case: &Case) {
    // `@250001` is the pseudonym of 250001 for who sees pseudonyms, the value itself for others.
    let value = |text: &str, masked: bool| match text.strip_prefix('@') {
        Some(raw) if masked => KEY.pseudonym(raw, KeyKind::Int4),
        Some(raw) => Some(raw.to_owned()),
        None => Some(text.to_owned()),
    };
    let plain = |schema: &str, client| Way {
        client,
        text: ["subj", "ord"]
            .iter()
            .fold(case.text.to_owned(), |text, table| {
                text.replace(&format!("FROM {table}"), &format!("FROM {schema}.{table}"))
                    .replace(&format!("JOIN {table}"), &format!("JOIN {schema}.{table}"))
            }),
        values: case
            .values
            .iter()
            .map(|(_, text)| Text(value(text, false)))
            .collect(),
        types: case.values.iter().map(|(name, _)| pg_type(name)).collect(),
    };
    let guarded = world.guard(case);
    let client: Vec<Option<String>> = case
        .values
        .iter()
        .map(|(_, text)| value(text, case.who == Who::Masked))
        .collect();
    let values = enforce::bind(guarded.parameters(), &client, &Keys).unwrap();
    let ours = Way {
        client: &world.owner,
        text: guarded.text().to_owned(),
        values: values.into_iter().map(Text).collect(),
        types: guarded
            .parameters()
            .iter()
            .map(|p| parameter_type(p, case))
            .collect(),
    };
    let mut ways = vec![("raw", plain("public", &world.owner))];
    if case.who == Who::Filtered {
        ways.push(("row-level security", plain("rls", &world.reader)));
        ways.push(("barrier view", plain("barrier", &world.reader)));
    }
    let shapes: Vec<String> = guarded
        .shapes()
        .iter()
        .map(|shape| format!("{} {:?}+{}", shape.alias, shape.form, shape.pushed))
        .collect();
    for (name, text) in case.by_hand {
        let mut way = plain("public", &world.owner);
        (*text).clone_into(&mut way.text);
        ways.push((name, way));
    }
    ways.push(("ours", ours));
    println!(
        "{}: {}  [{}]  goal: {}",
        case.name,
        case.text,
        shapes.join(", "),
        case.goal
    );
    for (name, way) in &ways {
        println!(
            "  {name:<20} {:?}, {} rows",
            way.indexes(&world.runtime),
            way.simple(&world.runtime)
        );
    }
    // Each round gives the slowest way about a fifth of a second.
    let slowest = ways
        .iter()
        .map(|(_, way)| {
            let once = std::time::Instant::now();
            way.simple(&world.runtime);
            once.elapsed().as_secs_f64()
        })
        .fold(0.0, f64::max);
    let runs = match 0.2 / slowest {
        runs if runs >= 40.0 => 40,
        runs if runs >= 10.0 => 10,
        _ => 1,
    };
    let statements: Vec<Statement> = ways
        .iter()
        .map(|(_, way)| way.prepare(&world.runtime))
        .collect();
    let mut contenders: Vec<Contender<'_>> = Vec::new();
    for (name, way) in &ways {
        let runtime = &world.runtime;
        contenders.push(Contender {
            name,
            run: Box::new(move || {
                way.simple(runtime);
            }),
        });
    }
    println!("{}", interleave(7, runs, &mut contenders));
    let mut contenders: Vec<Contender<'_>> = Vec::new();
    for ((name, way), statement) in ways.iter().zip(&statements) {
        let runtime = &world.runtime;
        contenders.push(Contender {
            name,
            run: Box::new(move || {
                way.prepared(runtime, statement);
            }),
        });
    }
    println!("prepared\n{}", interleave(7, runs, &mut contenders));
}
