//! A database as tools look at it, and people who see some of it.

use std::collections::BTreeMap;

use enforce::Secrets;
use model::{DatasetId, DomainId, FieldName, GrantId, Refusal};
use pgschema::{RelationKind, Schema};
use sql::{Binding, Context, Guarded, ParameterTypes, PseudonymKey, Refused, SessionNames};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::guard::SERVER;

const EYES: &str = include_str!("../../../../../tests/data/catalogue/eyes.txt");

/// What a person sees: fields by dataset.
type Eyes = BTreeMap<DatasetId, BTreeMap<FieldName, bool>>;

/// A row of texts.
pub type Row = Vec<Option<String>>;

pub struct World {
    runtime: Runtime,
    client: Client,
    schema: Schema,
    binding: Binding,
    people: BTreeMap<String, Eyes>,
}

/// What came of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Refused(Refused),
    Failed(String),
    Rows(Vec<String>, Vec<Row>),
}

impl World {
    /// A database of this name, made by these scripts.
    pub fn new(database: &str, scripts: &[&str]) -> Self {
        SERVER.create_database(database).expect("a database");
        for script in scripts {
            SERVER.run(database, script).expect("the schema");
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let client = runtime
            .block_on(postgres::connect(&SERVER.socket_url(database)))
            .unwrap();
        let snapshot = runtime.block_on(postgres::introspect(&client)).unwrap();
        let schema = Schema::new(snapshot).unwrap();
        let text = manifest(&schema);
        let catalog = catalog::read(&[("catalog.yaml", &text)], &catalog::Options::default())
            .unwrap_or_else(|faults| panic!("{faults:?}"));
        let binding = Binding::new(&catalog.datasets, "tools", &BTreeMap::new(), &schema);
        assert_eq!(binding.mismatches, Vec::new());
        let full: Eyes = catalog
            .datasets
            .iter()
            .map(|(id, dataset)| {
                let fields = dataset.fields.iter().map(|f| (f.name.clone(), true));
                (id.clone(), fields.collect())
            })
            .collect();
        let mut people = BTreeMap::from([
            ("full".to_owned(), full),
            ("nobody".to_owned(), Eyes::new()),
        ]);
        people.extend(eyes());
        let world = Self {
            runtime,
            client,
            schema,
            binding,
            people,
        };
        world.plain("SET search_path = pg_catalog").unwrap();
        world
    }

    /// Guards one statement.
    pub fn guard(&self, who: &str, text: &str) -> Result<Guarded, Refused> {
        let context = Context {
            schema: &self.schema,
            binding: &self.binding,
            path: vec!["public".to_owned(), "app".to_owned()],
            names: SessionNames {
                user: "postgres".to_owned(),
                session_user: None,
                version: "PostgreSQL 15 (Cordon)".to_owned(),
                backend_pid: 7,
            },
        };
        let mut statements = sql::read(text, &sql::Limits::default())?;
        assert_eq!(statements.len(), 1, "{text}");
        let mut statement = statements.remove(0);
        let mut sight = Sight(&self.people[who]);
        let resolution = sql::resolve(&mut statement, &context, &mut sight)?;
        sql::guard(
            statement,
            &resolution,
            &context,
            &sql::Views::default(),
            &ParameterTypes::default(),
        )
    }

    /// Runs one statement as a person.
    pub fn run(&self, who: &str, text: &str, client: &[Option<String>]) -> Outcome {
        match self.guard(who, text) {
            Err(refused) => Outcome::Refused(refused),
            Ok(guarded) if guarded.text().is_empty() => Outcome::Rows(Vec::new(), Vec::new()),
            Ok(guarded) => {
                let path = guarded
                    .search_path()
                    .map_or_else(|| "pg_catalog".to_owned(), |path| path.join(", "));
                let values = enforce::bind(guarded.parameters(), client, &NoKeys).unwrap();
                self.send(&path, guarded.text(), &values)
            }
        }
    }

    /// Runs one statement past the guard.
    pub fn direct(&self, text: &str, client: &[Option<String>]) -> Outcome {
        self.send("public, app", text, client)
    }

    fn send(&self, path: &str, text: &str, values: &[Option<String>]) -> Outcome {
        self.plain(&format!(
            "BEGIN; SET LOCAL search_path = {path}; SET LOCAL jit = off"
        ))
        .unwrap();
        let result = if values.is_empty() {
            self.plain(text)
        } else {
            let list: Vec<String> = values.iter().map(quoted).collect();
            let list = list.join(", ");
            self.plain(&format!("PREPARE cordon_q AS {text}"))
                .and_then(|_| self.plain(&format!("EXECUTE cordon_q ({list})")))
        };
        self.plain("ROLLBACK").unwrap();
        self.plain("DEALLOCATE ALL").unwrap();
        match result {
            Ok((names, rows)) => Outcome::Rows(names, rows),
            Err(error) => Outcome::Failed(error.as_db_error().map_or_else(
                || error.to_string(),
                |e| format!("{} {}", e.code().code(), e.message()),
            )),
        }
    }

    fn plain(&self, text: &str) -> Result<(Vec<String>, Vec<Row>), tokio_postgres::Error> {
        let messages = self.runtime.block_on(self.client.simple_query(text))?;
        let mut names = Vec::new();
        let mut rows = Vec::new();
        for message in messages {
            match message {
                SimpleQueryMessage::RowDescription(columns) => {
                    names = columns.iter().map(|c| c.name().to_owned()).collect();
                }
                SimpleQueryMessage::Row(row) => rows.push(
                    (0..row.len())
                        .map(|i| row.get(i).map(str::to_owned))
                        .collect(),
                ),
                _ => {}
            }
        }
        Ok((names, rows))
    }

    /// `@schema.name@` as the number of that relation or type here; `@schema/name@`, `@constraint/name@`,
    /// `@policy/name@` and `@database/@` as those of what they say, and `@name/@` as the database's name.
    pub fn numbered(&self, text: &str) -> String {
        let mut parts = text.split('@');
        let mut done = parts.next().unwrap_or_default().to_owned();
        let mut name = true;
        for part in parts {
            if !name {
                done.push_str(part);
            } else if let Some((question, about)) = number_of(part) {
                let found = self.direct(question, &[Some(about.to_owned())]);
                match found {
                    Outcome::Rows(_, rows) => {
                        done.push_str(rows[0][0].as_deref().unwrap_or("0"));
                    }
                    other => panic!("{part}: {other:?}"),
                }
            } else {
                done.push('@');
                done.push_str(part);
                continue;
            }
            name = !name;
        }
        done
    }
}

/// How to ask for the number of what stands between two `@`, and about what.
fn number_of(part: &str) -> Option<(&'static str, &str)> {
    if part.contains(char::is_whitespace) {
        return None;
    }
    match part.split_once('/') {
        None if part.contains('.') => Some((
            "SELECT coalesce(to_regclass($1)::oid, to_regtype($1)::oid)",
            part,
        )),
        Some(("schema", name)) => Some(("SELECT oid FROM pg_namespace WHERE nspname = $1", name)),
        Some(("constraint", name)) => {
            Some(("SELECT oid FROM pg_constraint WHERE conname = $1", name))
        }
        Some(("policy", name)) => Some(("SELECT oid FROM pg_policy WHERE polname = $1", name)),
        Some(("name", _)) => Some(("SELECT current_database() || $1", "")),
        Some(("database", _)) => Some((
            "SELECT oid FROM pg_database WHERE datname = current_database() AND $1 = ''",
            "",
        )),
        _ => None,
    }
}

fn quoted(value: &Option<String>) -> String {
    match value {
        None => "NULL".to_owned(),
        Some(text) => format!("'{}'", text.replace('\'', "''")),
    }
}

/// A manifest that has every table of the database with every column.
fn manifest(schema: &Schema) -> String {
    let mut text = "dataset:\n  - fides_key: tools\n    name: Tools\n    cordon: { upstream: tools }\n    collections:\n".to_owned();
    for relation in &schema.snapshot().relations {
        let is_table = matches!(
            relation.kind,
            RelationKind::Table
                | RelationKind::PartitionedTable
                | RelationKind::MaterializedView
                | RelationKind::ForeignTable
        );
        if !is_table || !relation.parents.is_empty() || relation.name == "canary_foreign" {
            continue;
        }
        text.push_str(&format!(
            "      - name: {}.{}\n        cordon: {{ subjects: none }}\n        fields:\n",
            relation.schema, relation.name
        ));
        for column in &relation.columns {
            text.push_str(&format!(
                "          - {{ name: {}, data_categories: [system.operations], cordon: {{ level: protected }} }}\n",
                column.name
            ));
        }
    }
    text
}

fn eyes() -> BTreeMap<String, Eyes> {
    let mut people: BTreeMap<String, Eyes> = BTreeMap::new();
    for line in EYES.lines().filter(|line| !line.starts_with('#')) {
        let (who, rest) = line.split_once(": ").unwrap();
        let mut words = rest.split(' ');
        let id = DatasetId::new(&format!("tools/{}", words.next().unwrap())).unwrap();
        let fields = words.map(|name| (FieldName::new(name).unwrap(), true));
        people
            .entry(who.to_owned())
            .or_default()
            .insert(id, fields.collect());
    }
    people
}

struct Sight<'a>(&'a Eyes);

impl sql::Sight for Sight<'_> {
    fn fields(&mut self, dataset: &DatasetId) -> Result<BTreeMap<FieldName, bool>, Refused> {
        self.0
            .get(dataset)
            .cloned()
            .ok_or_else(|| Refused::new(Refusal::NotVisible, "data"))
    }
}

struct NoKeys;

impl Secrets for NoKeys {
    fn key(&self, _: &DomainId) -> Option<PseudonymKey> {
        None
    }

    fn subjects(&self, _: &GrantId) -> Option<Vec<String>> {
        None
    }

    /// A session to which nothing has happened yet.
    fn told(&self, _: &sql::Told) -> Option<String> {
        Some("[]".to_owned())
    }
}

/// One statement of a tool.
#[derive(Clone, Debug)]
pub struct Asked {
    pub title: String,
    pub values: Vec<Option<String>>,
    pub text: String,
}

/// The statements of a file: each after a line `---`, which may have a title.
pub fn asked(file: &str) -> Vec<Asked> {
    let mut all: Vec<Asked> = Vec::new();
    for line in file.lines() {
        if line == "---" || line.starts_with("--- ") {
            all.push(Asked {
                title: line.trim_start_matches('-').trim().to_owned(),
                values: Vec::new(),
                text: String::new(),
            });
        } else if let Some(last) = all.last_mut() {
            match line.strip_prefix("--$ ") {
                Some("NULL") => last.values.push(None),
                Some(value) => last.values.push(Some(value.to_owned())),
                None => {
                    last.text.push_str(line);
                    last.text.push('\n');
                }
            }
        }
    }
    all
}
