//! PostgreSQL's own regression scripts through the guard, with full rights: what runs must answer as
//! the database does.
//!
//! Not a part of `./x test`, because the scripts are not ours to ship: `./x regress` fetches
//! PostgreSQL's source package and runs this over it. Tables of the scripts are all catalogued as
//! public and seen clear.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    reason = "it prints, and stops loudly when it cannot run"
)]

#[path = "../it/guard/views.rs"]
#[allow(dead_code, reason = "shared with the other tests")]
mod views;
#[path = "../it/guard/world.rs"]
#[allow(dead_code, reason = "shared with the other tests")]
mod world;

mod script;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{Cell, Dataset, FieldView, Residency, RowClass, Rows, Verdict, View};
use pgschema::{RelationKind, Schema, Snapshot};
use sql::Binding;
use world::{Outcome, World, homes};

/// The scripts that are about queries and the types they show.
const SCRIPTS: &str = "boolean char name varchar text int2 int4 int8 oid float4 float8 bit numeric uuid \
    enum money rangetypes strings date time timetz timestamp timestamptz interval inet macaddr point \
    lseg line box path polygon circle geometry horology regex unicode comments expressions case \
    select select_into select_distinct select_distinct_on select_implicit select_having subselect \
    union join aggregates arrays groupingsets window with limit tsrf rowtypes rangefuncs \
    functional_deps inherit generated domain incremental_sort equivclass memoize partition_join \
    partition_prune portals json jsonb jsonb_jsonpath multirangetypes create_view updatable_views \
    misc tsearch tstypes tsdicts conversion random select_views tidscan";

fn main() {
    let folder = std::env::var_os("CORDON_REGRESS").map(PathBuf::from);
    let Some(folder) = folder else {
        panic!("CORDON_REGRESS names no folder; `./x regress` sets it");
    };
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let mut sum = Counts::default();
    for name in SCRIPTS.split_whitespace() {
        if !words.is_empty() && !words.iter().any(|word| word == name) {
            continue;
        }
        let counts = run(&folder, name);
        println!("{name:<20} {}", counts.line());
        for one in &counts.different {
            println!("    {one}");
        }
        sum.add(counts);
    }
    println!("{:<20} {}", "all", sum.line());
    for (code, (count, example)) in &sum.refused {
        println!("    refused {code}: {count}, as {example}");
    }
    let applicable = sum.equal + sum.different.len();
    assert!(
        sum.equal * 100 >= applicable * 95,
        "{} of {applicable} queries that run answer as the database does",
        sum.equal
    );
}

/// What came of the queries of a script.
#[derive(Default)]
struct Counts {
    queries: usize,
    /// The database itself refuses them, or answers differently each time.
    beside: usize,
    equal: usize,
    different: Vec<String>,
    /// By code: how many, and one of them.
    refused: BTreeMap<String, (usize, String)>,
}

impl Counts {
    fn line(&self) -> String {
        let refused: usize = self.refused.values().map(|(count, _)| count).sum();
        format!(
            "{} queries: {} beside the point, {refused} refused, {} equal, {} different",
            self.queries,
            self.beside,
            self.equal,
            self.different.len()
        )
    }

    fn add(&mut self, other: Self) {
        self.queries += other.queries;
        self.beside += other.beside;
        self.equal += other.equal;
        self.different.extend(other.different);
        for (code, (count, example)) in other.refused {
            self.refused.entry(code).or_insert((0, example)).0 += count;
        }
    }

    fn refuse(&mut self, refused: &sql::Refused, text: &str) {
        let line = one_line(text);
        self.refused
            .entry(format!("{:?} {}", refused.code, refused.about))
            .or_insert((0, line))
            .0 += 1;
    }
}

fn run(folder: &Path, name: &str) -> Counts {
    let read = |name: &str| {
        let path = folder.join("sql").join(format!("{name}.sql"));
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let database = format!("regress_{name}");
    let mut world = World::new(&database, "");
    world.direct("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    let pin = "SET statement_timeout = '20s'; SET jit = off";
    world.direct(pin);
    let own_path = "SET search_path = public, pg_catalog";
    world.direct(own_path);
    for text in script::statements(&read("test_setup"), &folder.join("data")) {
        world.direct(&text);
    }
    let mut counts = Counts::default();
    let (mut is_stale, mut in_transaction) = (true, false);
    for text in script::statements(&read(name), &folder.join("data")) {
        let first = text
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let is_query = matches!(
            first.as_str(),
            "select" | "with" | "values" | "table" | "(select" | "((select"
        );
        let own = world.direct(&lasting(&text));
        if !is_query {
            match first.as_str() {
                "begin" | "start" => in_transaction = true,
                "commit" | "rollback" | "end" | "abort" => {
                    in_transaction = text.to_ascii_lowercase().contains(" to ")
                }
                _ => is_stale = true,
            }
            continue;
        }
        counts.queries += 1;
        if in_transaction || matches!(own, Outcome::Failed(_, _)) {
            counts.beside += 1;
            continue;
        }
        let again = world.direct(&text);
        if own.multiset() != again.multiset() {
            counts.beside += 1;
            is_stale = true;
            continue;
        }
        if is_stale {
            look(&mut world);
            is_stale = false;
        }
        world.direct("SET search_path = pg_catalog");
        let guarded = world.run("full", &text, &[]);
        world.direct(own_path);
        match &guarded {
            Outcome::Refused(refused) => counts.refuse(refused, &text),
            Outcome::Rows(names, _)
                if own.multiset() == guarded.multiset() && is_named(&own, names) =>
            {
                counts.equal += 1;
            }
            Outcome::Rows(_, _) | Outcome::Failed(_, _) => counts.different.push(format!(
                "{}\n      own     {}\n      guarded {}",
                one_line(&text),
                short(&own),
                short(&guarded)
            )),
        }
    }
    counts
}

/// Temporary tables are nobody's catalogue; the scripts do not need theirs to be.
fn lasting(text: &str) -> String {
    let words: Vec<&str> = text.splitn(3, char::is_whitespace).collect();
    match words.as_slice() {
        [create, temp, rest]
            if create.eq_ignore_ascii_case("create")
                && (temp.eq_ignore_ascii_case("temp")
                    || temp.eq_ignore_ascii_case("temporary")) =>
        {
            format!("CREATE {}", rest.replacen("on commit drop", "", 1))
        }
        _ => text.to_owned(),
    }
}

fn is_named(own: &Outcome, names: &[String]) -> bool {
    matches!(own, Outcome::Rows(own, _) if own == names)
}

fn one_line(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(300).collect()
}

fn short(outcome: &Outcome) -> String {
    format!("{outcome:?}").chars().take(300).collect()
}

/// Reads the schema again, catalogues every table, and lets everything of it be seen.
fn look(world: &mut World) {
    let snapshot = world
        .runtime
        .block_on(postgres::introspect(&world.client))
        .unwrap();
    let text = manifest(&snapshot);
    world.schema = Schema::new(snapshot).unwrap();
    let catalog = catalog::read(&[("catalog.yaml", &text)], &catalog::Options::default())
        .unwrap_or_else(|faults| panic!("{faults:?}\n{text}"));
    world.datasets = catalog.datasets;
    world.binding = Binding::new(&world.datasets, "guard", &homes(), &world.schema);
    let views = world
        .datasets
        .values()
        .map(|dataset| (dataset.id.clone(), Arc::new(clear(dataset))));
    world.people = BTreeMap::from([("full".to_owned(), views.collect())]);
}

fn manifest(snapshot: &Snapshot) -> String {
    let mut text = "dataset:\n  - fides_key: guard\n    name: Regression\n    cordon: { upstream: guard }\n    collections:\n"
        .to_owned();
    let quoted = |name: &str| format!("'{}'", name.replace('\'', "''"));
    for relation in &snapshot.relations {
        let is_table = matches!(
            relation.kind,
            RelationKind::Table | RelationKind::PartitionedTable
        );
        if relation.schema != "public" || !is_table || relation.columns.is_empty() {
            continue;
        }
        let name = quoted(&format!("public.{}", relation.name));
        let _ = writeln!(
            text,
            "      - name: {name}\n        cordon: {{ subjects: none }}\n        fields:"
        );
        for column in &relation.columns {
            let _ = writeln!(
                text,
                "          - {{ name: {}, data_categories: [system.operations], cordon: {{ level: public }} }}",
                quoted(&column.name)
            );
        }
    }
    text
}

fn clear(dataset: &Dataset) -> View {
    let class = RowClass {
        residency: Residency::NoSubject,
        public: false,
    };
    let cell = Cell {
        verdict: Verdict::Clear,
        clear_for: std::collections::BTreeSet::new(),
    };
    View {
        dataset: dataset.id.clone(),
        rows: BTreeMap::from([(class.clone(), Rows::Seen)]),
        fields: dataset
            .fields
            .iter()
            .map(|field| {
                let cells = BTreeMap::from([(class.clone(), cell.clone())]);
                (
                    field.name.clone(),
                    FieldView {
                        mask: field.mask.clone(),
                        cells,
                    },
                )
            })
            .collect(),
    }
}
