//! `./x bench guard`: queries over 500,000 rows as the database answers them itself, under
//! row-level security, through a security-barrier view, and as Cordon guards them, in the same
//! rounds; with the indexes that the plans use.
//!
//! `CORDON_BENCH_ROWS` changes the number of rows.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops loudly when it cannot run"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::Arc;

use enforce::Secrets;
use model::{
    Cell, Dataset, DatasetId, DomainId, FieldName, FieldView, GrantId, Jurisdiction, RegimeId,
    Residency, RowClass, Rows, Verdict, View,
};
use pgschema::Schema;
use sql::{
    Binding, Context, KeyKind, Limits, Parameter, ParameterTypes, PseudonymKey, SessionNames,
};
use testkit::{Contender, interleave};
use tokio::runtime::Runtime;
use tokio_postgres::types::{Format, IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use tokio_postgres::{Client, Statement};

const CATALOG: &str = "
dataset:
  - fides_key: bench
    name: Bench
    cordon: { upstream: bench }
    collections:
      - name: public.subj
        cordon: { subjects: [ { key: [id], residency: { column: country } } ] }
        fields:
          - { name: id, data_categories: [user.unique_id], fides_meta: { primary_key: true }, cordon: { level: protected, type: integer, mask: { pseudonym: person } } }
          - { name: name, data_categories: [user.name], cordon: { level: protected, type: text, mask: \"null\" } }
          - { name: email, data_categories: [user.contact.email], cordon: { level: sensitive, type: text, mask: \"null\" } }
          - { name: country, data_categories: [user.contact.address.country], cordon: { level: protected, type: text, mask: { constant: \"??\" } } }
          - { name: salary, data_categories: [user.financial], cordon: { level: protected, type: integer, mask: { bucket: 1000 } } }
          - { name: created, data_categories: [system.operations], cordon: { level: protected, type: timestamptz, mask: { truncate: day } } }
      - name: public.ord
        cordon: { subjects: [ { key: [subj_id], through: public.subj } ] }
        fields:
          - { name: oid, data_categories: [system.operations], fides_meta: { primary_key: true }, cordon: { level: protected, type: integer, mask: { pseudonym: order } } }
          - { name: subj_id, data_categories: [user.unique_id], fides_meta: { references: [ { dataset: bench, field: public.subj.id, direction: from } ] }, cordon: { level: protected, type: integer, mask: { pseudonym: person } } }
          - { name: amt, data_categories: [user.payment], cordon: { level: protected, type: integer, mask: { bucket: 100 } } }
";

/// Four rows of five are of the homes that the filtered view shows.
fn schema(rows: u32) -> String {
    format!(
        "CREATE TABLE public.subj (id integer PRIMARY KEY, name text, email text, country text,
             salary integer, created timestamptz);
         INSERT INTO public.subj SELECT i, 'name ' || md5(i::text), 'mail' || i || '@example.org',
             (ARRAY['DE', 'FR', 'US', 'CN', 'DE'])[1 + i % 5], 20000 + (i::bigint * 7919) % 80000,
             '2024-01-01 00:00Z'::timestamptz + i * interval '1 minute'
         FROM generate_series(1, {rows}) i;
         CREATE INDEX subj_created ON public.subj (created);
         CREATE INDEX subj_name ON public.subj (name text_pattern_ops);
         CREATE INDEX subj_lower ON public.subj (lower(name));
         CREATE INDEX subj_email ON public.subj (email);
         CREATE TABLE public.ord (oid integer PRIMARY KEY, subj_id integer NOT NULL REFERENCES public.subj, amt integer);
         INSERT INTO public.ord SELECT i, 1 + (i::bigint * 7) % {rows}, i % 1000 FROM generate_series(1, {rows}) i;
         CREATE INDEX ord_subj ON public.ord (subj_id);
         CREATE SCHEMA barrier;
         CREATE VIEW barrier.subj WITH (security_barrier) AS
             SELECT id, name, NULL::text AS email, country, salary, created FROM public.subj
             WHERE country IN ('DE', 'FR', 'US');
         CREATE VIEW barrier.ord AS SELECT * FROM public.ord;
         CREATE SCHEMA rls;
         CREATE TABLE rls.subj (LIKE public.subj INCLUDING ALL);
         INSERT INTO rls.subj SELECT * FROM public.subj;
         CREATE TABLE rls.ord (LIKE public.ord INCLUDING ALL);
         INSERT INTO rls.ord SELECT * FROM public.ord;
         ALTER TABLE rls.subj ENABLE ROW LEVEL SECURITY;
         CREATE ROLE reader LOGIN;
         CREATE POLICY homes ON rls.subj FOR SELECT TO reader USING (country IN ('DE', 'FR', 'US'));
         GRANT USAGE ON SCHEMA rls, barrier TO reader;
         GRANT SELECT ON ALL TABLES IN SCHEMA rls, barrier, public TO reader;
         VACUUM ANALYZE;"
    )
}

/// A query with its parameters: name, text, types, values.
struct Case {
    name: &'static str,
    text: &'static str,
    values: &'static [(&'static str, &'static str)],
    /// Which of the views it is asked under.
    who: Who,
    /// What the goal says, against the raw query.
    goal: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
enum Who {
    /// Rows of two homes, e-mail masked: the shape of row filters.
    Filtered,
    /// All rows, keys pseudonymised.
    Masked,
    /// All rows, e-mail clear for one home.
    Conditional,
}

const INDEXED: &str = "same index, 2 x raw + 0.3 ms";
const CASES: &[Case] = &[
    Case {
        name: "id = ?",
        text: "SELECT name, country FROM subj WHERE id = $1",
        values: &[("int4", "250001")],
        who: Who::Filtered,
        goal: INDEXED,
    },
    Case {
        name: "id between",
        text: "SELECT name FROM subj WHERE id BETWEEN $1 AND $2",
        values: &[("int4", "250000"), ("int4", "250020")],
        who: Who::Filtered,
        goal: INDEXED,
    },
    Case {
        name: "created > ?",
        text: "SELECT id FROM subj WHERE created > $1",
        values: &[("timestamptz", "2024-12-13 05:00Z")],
        who: Who::Filtered,
        goal: INDEXED,
    },
    Case {
        name: "name like 'x%'",
        text: "SELECT id FROM subj WHERE name LIKE 'name abcd%'",
        values: &[],
        who: Who::Filtered,
        goal: INDEXED,
    },
    Case {
        name: "lower(name) = ?",
        text: "SELECT id FROM subj WHERE lower(name) = $1",
        values: &[("text", "name d81f9c1be2e08964bf9f24b15f0e4900")],
        who: Who::Filtered,
        goal: INDEXED,
    },
    Case {
        name: "join on pk, 21 rows",
        text: "SELECT s.name, o.amt FROM ord o JOIN subj s ON s.id = o.subj_id WHERE o.oid BETWEEN $1 AND $2",
        values: &[("int4", "250000"), ("int4", "250020")],
        who: Who::Filtered,
        goal: INDEXED,
    },
    Case {
        name: "order by id limit 10",
        text: "SELECT id, name FROM subj ORDER BY id LIMIT 10",
        values: &[],
        who: Who::Filtered,
        goal: INDEXED,
    },
    Case {
        name: "keyset page",
        text: "SELECT id, name FROM subj WHERE id > $1 ORDER BY id LIMIT 20",
        values: &[("int4", "250000")],
        who: Who::Filtered,
        goal: "index",
    },
    Case {
        name: "id = ? with a division",
        text: "SELECT 1000000 / salary FROM subj WHERE id = $1 AND 1000000 / salary > 0",
        values: &[("int4", "250001")],
        who: Who::Filtered,
        goal: "index within the fence",
    },
    Case {
        name: "count(*)",
        text: "SELECT count(*) FROM subj",
        values: &[],
        who: Who::Filtered,
        goal: "-",
    },
    Case {
        name: "count(*) through a parent",
        text: "SELECT count(*) FROM ord",
        values: &[],
        who: Who::Filtered,
        goal: "the LEFT JOIN form + 20 %",
    },
    Case {
        name: "group by day",
        text: "SELECT date_trunc('day', created) AS day, count(*) FROM subj GROUP BY 1",
        values: &[],
        who: Who::Filtered,
        goal: "-",
    },
    Case {
        name: "conditional mask, email = ?",
        text: "SELECT id, email FROM subj WHERE email = $1",
        values: &[("text", "mail250001@example.org")],
        who: Who::Conditional,
        goal: "index",
    },
    Case {
        name: "pseudonymised key = ?",
        text: "SELECT name, country FROM subj WHERE id = $1",
        values: &[("int4", "@250001")],
        who: Who::Masked,
        goal: "3 x raw",
    },
    Case {
        name: "pseudonymised key, 21 rows joined",
        text: "SELECT s.country, o.amt FROM ord o JOIN subj s ON s.id = o.subj_id WHERE o.subj_id = $1",
        values: &[("int4", "@250001")],
        who: Who::Masked,
        goal: "3 x raw",
    },
    Case {
        name: "100 pseudonyms shown",
        text: "SELECT s.id, s.country FROM subj s JOIN ord o ON o.subj_id = s.id LIMIT 100",
        values: &[],
        who: Who::Masked,
        goal: "-",
    },
];

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
    for case in CASES {
        measure(&world, case);
    }
}

struct World {
    runtime: Runtime,
    owner: Client,
    reader: Client,
    schema: Schema,
    datasets: BTreeMap<DatasetId, Dataset>,
    binding: Binding,
}

impl World {
    fn new(server: &scratch::Server) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let url = server.socket_url("bench");
        let owner = runtime.block_on(postgres::connect(&url)).unwrap();
        let reader = runtime
            .block_on(postgres::connect(
                &url.replace("postgres@", "reader@")
                    .replace("user=postgres", "user=reader"),
            ))
            .unwrap();
        let schema = Schema::new(runtime.block_on(postgres::introspect(&owner)).unwrap()).unwrap();
        let datasets = catalog::read(&[("catalog", CATALOG)], &catalog::Options::default())
            .unwrap_or_else(|faults| std::panic::panic_any(format!("{faults:?}")))
            .datasets;
        let homes = BTreeMap::from([
            (regime("eu-clover"), places(&["DE", "FR"])),
            (regime("us-dsp"), places(&["US"])),
        ]);
        let binding = Binding::new(&datasets, "bench", &homes, &schema);
        assert!(binding.mismatches.is_empty(), "{:?}", binding.mismatches);
        runtime
            .block_on(owner.batch_execute(
                "SET search_path = pg_catalog; SET plan_cache_mode = force_custom_plan",
            ))
            .unwrap();
        Self {
            runtime,
            owner,
            reader,
            schema,
            datasets,
            binding,
        }
    }

    fn guard(&self, case: &Case) -> sql::Guarded {
        let views = sql::Views {
            datasets: self
                .datasets
                .values()
                .map(|dataset| (dataset.id.clone(), Arc::new(view(dataset, case.who))))
                .collect(),
            ..sql::Views::default()
        };
        let context = Context {
            schema: &self.schema,
            binding: &self.binding,
            path: vec!["public".to_owned()],
            names: SessionNames::default(),
        };
        let types = ParameterTypes(
            case.values
                .iter()
                .map(|(name, _)| pgschema::builtin::type_named(name).map(|t| t.oid))
                .collect(),
        );
        let mut statement = sql::read(case.text, &Limits::default()).unwrap().remove(0);
        let resolution = sql::resolve(&mut statement, &context, &mut Seen(&views)).unwrap();
        sql::guard(statement, &resolution, &context, &views, &types).unwrap()
    }
}

fn regime(name: &str) -> RegimeId {
    RegimeId::new(name).unwrap()
}

fn places(codes: &[&str]) -> BTreeSet<Jurisdiction> {
    codes
        .iter()
        .map(|code| Jurisdiction::parse(code).unwrap())
        .collect()
}

fn view(dataset: &Dataset, who: Who) -> View {
    let home = |name: &str| Residency::Home(BTreeSet::from([regime(name)]));
    let classes = [
        home("eu-clover"),
        home("us-dsp"),
        Residency::Other,
        Residency::Unknown,
    ]
    .map(|residency| RowClass {
        residency,
        public: false,
    });
    let rows = classes
        .iter()
        .map(|class| {
            let is_home = matches!(class.residency, Residency::Home(_));
            let seen = who != Who::Filtered || is_home;
            (class.clone(), if seen { Rows::Seen } else { Rows::Unseen })
        })
        .collect();
    let fields = dataset
        .fields
        .iter()
        .map(|field| {
            let cells = classes
                .iter()
                .map(|class| {
                    let is_key = field.mask.as_ref().and_then(model::Mask::domain).is_some();
                    let clear = match who {
                        Who::Filtered => field.name.as_str() != "email",
                        Who::Masked => !is_key,
                        Who::Conditional => {
                            field.name.as_str() != "email" || class.residency == home("eu-clover")
                        }
                    };
                    let verdict = if clear {
                        Verdict::Clear
                    } else {
                        Verdict::Masked
                    };
                    (
                        class.clone(),
                        Cell {
                            verdict,
                            clear_for: BTreeSet::new(),
                        },
                    )
                })
                .collect();
            (
                field.name.clone(),
                FieldView {
                    mask: field.mask.clone(),
                    cells,
                },
            )
        })
        .collect();
    View {
        dataset: dataset.id.clone(),
        rows,
        fields,
    }
}

struct Seen<'a>(&'a sql::Views);

impl sql::Sight for Seen<'_> {
    fn fields(&mut self, dataset: &DatasetId) -> Result<BTreeMap<FieldName, bool>, sql::Refused> {
        let view = &self.0.datasets[dataset];
        let clear = |field: &FieldView| field.cells.values().all(|c| c.verdict == Verdict::Clear);
        Ok(view
            .fields
            .iter()
            .map(|(name, field)| (name.clone(), clear(field)))
            .collect())
    }
}

struct Keys;

const KEY: PseudonymKey = PseudonymKey::new([3; 32]);

impl Secrets for Keys {
    fn key(&self, _: &DomainId) -> Option<PseudonymKey> {
        Some(KEY)
    }
    fn subjects(&self, _: &GrantId) -> Option<Vec<String>> {
        None
    }
}

/// A value in PostgreSQL's text format, whatever its type.
#[derive(Debug)]
struct Text(Option<String>);

impl ToSql for Text {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match &self.0 {
            None => Ok(IsNull::Yes),
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                Ok(IsNull::No)
            }
        }
    }
    fn accepts(_: &Type) -> bool {
        true
    }
    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }
    to_sql_checked!();
}

fn pg_type(name: &str) -> Type {
    Type::from_oid(pgschema::builtin::type_named(name).unwrap().oid.0).unwrap()
}

fn parameter_type(parameter: &Parameter, case: &Case) -> Type {
    let key = |kind: &KeyKind, is_array: bool| {
        pg_type(if is_array {
            kind.array_name()
        } else {
            kind.name()
        })
    };
    match parameter {
        Parameter::Client(number) => pg_type(case.values[*number as usize - 1].0),
        Parameter::Raw { kind, is_array, .. } => key(kind, *is_array),
        Parameter::RawConstant { kind, .. } => key(kind, false),
        Parameter::Key(_) => Type::BYTEA,
        Parameter::Texts(_) => Type::TEXT_ARRAY,
        Parameter::Subjects { kind, .. } => key(kind, true),
    }
}

/// One way to ask, with what to bind.
struct Way<'a> {
    client: &'a Client,
    text: String,
    values: Vec<Text>,
    types: Vec<Type>,
}

impl Way<'_> {
    fn simple(&self, runtime: &Runtime) -> usize {
        let typed: Vec<(&(dyn ToSql + Sync), Type)> = self
            .values
            .iter()
            .zip(&self.types)
            .map(|(value, ty)| (value as &(dyn ToSql + Sync), ty.clone()))
            .collect();
        runtime
            .block_on(self.client.query_typed(&self.text, &typed))
            .unwrap()
            .len()
    }

    fn prepare(&self, runtime: &Runtime) -> Statement {
        runtime
            .block_on(self.client.prepare_typed(&self.text, &self.types))
            .unwrap()
    }

    fn prepared(&self, runtime: &Runtime, statement: &Statement) -> usize {
        let values: Vec<&(dyn ToSql + Sync)> = self
            .values
            .iter()
            .map(|value| value as &(dyn ToSql + Sync))
            .collect();
        runtime
            .block_on(self.client.query(statement, &values))
            .unwrap()
            .len()
    }

    /// The indexes in the plan.
    fn indexes(&self, runtime: &Runtime) -> BTreeSet<String> {
        let typed: Vec<(&(dyn ToSql + Sync), Type)> = self
            .values
            .iter()
            .zip(&self.types)
            .map(|(value, ty)| (value as &(dyn ToSql + Sync), ty.clone()))
            .collect();
        let text = format!("EXPLAIN (COSTS OFF) {}", self.text);
        runtime
            .block_on(self.client.query_typed(&text, &typed))
            .unwrap()
            .iter()
            .filter_map(|row| {
                let line: String = row.get(0);
                let (_, rest) = line
                    .split_once("Scan using ")
                    .or_else(|| line.split_once("Index Scan on "))?;
                rest.split_whitespace().next().map(str::to_owned)
            })
            .collect()
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
