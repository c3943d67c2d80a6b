//! The fixture of the attack corpus in a real PostgreSQL, and people who see it through the guard.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use enforce::Secrets;
use model::{Dataset, DatasetId, DomainId, FieldName, GrantId, Jurisdiction, RegimeId, Verdict};
use pgschema::Schema;
use sql::{Action, Binding, Context, Guarded, ParameterTypes, PseudonymKey, Refused, SessionNames};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::views::{self, People};

pub const CATALOG: &str = include_str!("../../../../../tests/data/guard/catalog.yaml");
pub const SCHEMA: &str = include_str!("../../../../../tests/data/guard/schema.sql");
pub const ROWS: &str = include_str!("../../../../../tests/data/guard/rows.sql");
pub const VIEWS: &str = include_str!("../../../../../tests/data/guard/views.txt");

/// One server for all tests of the binary.
pub static SERVER: LazyLock<scratch::Server> =
    LazyLock::new(|| scratch::Server::start().expect("PostgreSQL starts"));

/// A database with the fixture, and everything statements are guarded by.
pub struct World {
    pub runtime: Runtime,
    pub client: Client,
    pub schema: Schema,
    pub datasets: BTreeMap<DatasetId, Dataset>,
    pub binding: Binding,
    pub people: People,
}

/// What came of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The guard refused it.
    Refused(Refused),
    /// The server failed: the SQLSTATE, and the whole message for the canary scan.
    Failed(String, String),
    /// Column names and rows, in order; NULL is `None`.
    Rows(Vec<String>, Vec<Vec<Option<String>>>),
}

impl Outcome {
    /// Rows sorted, because their order means nothing without ORDER BY.
    pub fn multiset(&self) -> Option<Vec<Vec<Option<String>>>> {
        match self {
            Self::Rows(_, rows) => {
                let mut rows = rows.clone();
                rows.sort();
                Some(rows)
            }
            Self::Refused(_) | Self::Failed(_, _) => None,
        }
    }
}

impl World {
    /// A database of this name with these rows.
    pub fn new(database: &str, rows: &str) -> Self {
        SERVER.create_database(database).expect("a database");
        SERVER.run(database, SCHEMA).expect("the schema");
        SERVER.run(database, rows).expect("the rows");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let client = runtime
            .block_on(postgres::connect(&SERVER.socket_url(database)))
            .unwrap();
        let snapshot = runtime.block_on(postgres::introspect(&client)).unwrap();
        let schema = Schema::new(snapshot).unwrap();
        let catalog = catalog::read(&[("catalog.yaml", CATALOG)], &catalog::Options::default())
            .unwrap_or_else(|faults| panic!("{faults:?}"));
        let binding = Binding::new(&catalog.datasets, "guard", &homes(), &schema);
        assert_eq!(binding.mismatches, Vec::new());
        let people = views::read(VIEWS, &catalog.datasets);
        let world = Self {
            runtime,
            client,
            schema,
            datasets: catalog.datasets,
            binding,
            people,
        };
        // As the gate pins its links.
        world
            .simple("SET search_path = pg_catalog; SET standard_conforming_strings = on")
            .unwrap();
        world
    }

    pub fn context(&self) -> Context<'_> {
        Context {
            schema: &self.schema,
            binding: &self.binding,
            path: vec!["public".to_owned()],
            names: SessionNames {
                user: "analyst".to_owned(),
                session_user: None,
                version: "PostgreSQL 15 (Cordon)".to_owned(),
                backend_pid: 7,
            },
        }
    }

    /// Guards the statements of one text, all or nothing.
    pub fn guard(&self, who: &str, text: &str) -> Result<Vec<Guarded>, Refused> {
        self.guard_typed(who, text, &ParameterTypes::default())
    }

    pub fn guard_typed(
        &self,
        who: &str,
        text: &str,
        types: &ParameterTypes,
    ) -> Result<Vec<Guarded>, Refused> {
        self.guard_on_path(who, text, types, &["public".to_owned()])
    }

    pub fn guard_on_path(
        &self,
        who: &str,
        text: &str,
        types: &ParameterTypes,
        path: &[String],
    ) -> Result<Vec<Guarded>, Refused> {
        let views = sql::Views {
            datasets: self.people[who].clone(),
            subject_sets: BTreeMap::new(),
            writable: if who == "full" {
                self.datasets.keys().cloned().collect()
            } else {
                BTreeSet::new()
            },
        };
        let mut context = self.context();
        context.path = path.to_vec();
        sql::read(text, &sql::Limits::default())?
            .into_iter()
            .map(|mut statement| {
                let mut sight = Seen(&views);
                let resolution = sql::resolve(&mut statement, &context, &mut sight)?;
                sql::guard(statement, &resolution, &context, &views, types)
            })
            .collect()
    }

    /// Runs one statement as a person, with the client's parameters in text.
    pub fn run(&self, who: &str, text: &str, client: &[Option<String>]) -> Outcome {
        self.send_all(&self.guard(who, text), client)
    }

    /// Sends what a guard made of a text.
    pub fn send_all(
        &self,
        guarded: &Result<Vec<Guarded>, Refused>,
        client: &[Option<String>],
    ) -> Outcome {
        match guarded {
            Err(refused) => Outcome::Refused(refused.clone()),
            Ok(all) => {
                let mut outcome = Outcome::Rows(Vec::new(), Vec::new());
                for guarded in all {
                    outcome = self.send(guarded, client);
                    if matches!(outcome, Outcome::Failed(_, _)) {
                        break;
                    }
                }
                outcome
            }
        }
    }

    /// Sends a guarded statement and collects all that comes back, in text.
    pub fn send(&self, guarded: &Guarded, client: &[Option<String>]) -> Outcome {
        if guarded.text().is_empty() {
            return Outcome::Rows(Vec::new(), Vec::new());
        }
        let values = enforce::bind(guarded.parameters(), client, &Keys).unwrap();
        if values.is_empty() {
            return self.direct(guarded.text());
        }
        assert!(matches!(
            guarded.action(),
            Action::Query | Action::CopyOut(_) | Action::Prepare(_, _) | Action::Write(_)
        ));
        // Values travel as EXECUTE's, which the server reads as it reads bound text.
        let list: Vec<String> = values
            .iter()
            .map(|value| match value {
                None => "NULL".to_owned(),
                Some(text) => format!("'{}'", text.replace('\'', "''")),
            })
            .collect();
        // One that a time limit left behind must not fail all that come after it.
        self.direct("DEALLOCATE ALL");
        let prepared = self.direct(&format!("PREPARE cordon_q AS {}", guarded.text()));
        if matches!(prepared, Outcome::Failed(_, _)) {
            return prepared;
        }
        let outcome = self.direct(&format!("EXECUTE cordon_q ({})", list.join(", ")));
        self.direct("DEALLOCATE cordon_q");
        outcome
    }

    /// Sends a text past the guard.
    pub fn direct(&self, text: &str) -> Outcome {
        match self.simple(text) {
            Ok((names, rows)) => Outcome::Rows(names, rows),
            Err(error) => {
                let code = error.code().map_or("none", |code| code.code()).to_owned();
                Outcome::Failed(code, format!("{error:?}"))
            }
        }
    }

    #[allow(clippy::type_complexity, reason = "names and rows")]
    fn simple(
        &self,
        text: &str,
    ) -> Result<(Vec<String>, Vec<Vec<Option<String>>>), tokio_postgres::Error> {
        let messages = self.runtime.block_on(self.client.simple_query(text))?;
        let mut names = Vec::new();
        let mut rows = Vec::new();
        for message in messages {
            match message {
                SimpleQueryMessage::RowDescription(columns) => {
                    names = columns.iter().map(|c| c.name().to_owned()).collect();
                }
                SimpleQueryMessage::Row(row) => {
                    rows.push(
                        (0..row.len())
                            .map(|i| row.get(i).map(str::to_owned))
                            .collect(),
                    );
                }
                _ => {}
            }
        }
        Ok((names, rows))
    }
}

/// Two regimes: Germany and France are one home, the United States another.
pub fn homes() -> sql::Homes {
    let places = |codes: &[&str]| -> BTreeSet<Jurisdiction> {
        codes
            .iter()
            .map(|code| Jurisdiction::parse(code).unwrap())
            .collect()
    };
    BTreeMap::from([
        (RegimeId::new("eu-clover").unwrap(), places(&["DE", "FR"])),
        (RegimeId::new("us-dsp").unwrap(), places(&["US"])),
    ])
}

struct Seen<'a>(&'a sql::Views);

impl sql::Sight for Seen<'_> {
    fn fields(&mut self, dataset: &DatasetId) -> Result<BTreeMap<FieldName, bool>, Refused> {
        let view = self
            .0
            .datasets
            .get(dataset)
            .ok_or_else(|| Refused::new(model::Refusal::NotVisible, "data"))?;
        Ok(view
            .fields
            .iter()
            .map(|(name, field)| {
                let clear = field
                    .cells
                    .values()
                    .all(|cell| cell.verdict == Verdict::Clear);
                (name.clone(), clear)
            })
            .collect())
    }
}

/// Keys of the tests: each domain its own.
pub struct Keys;

impl Secrets for Keys {
    fn key(&self, domain: &DomainId) -> Option<PseudonymKey> {
        let mut bytes = [7_u8; 32];
        for (place, byte) in bytes.iter_mut().zip(domain.as_str().bytes()) {
            *place = byte;
        }
        Some(PseudonymKey::new(bytes))
    }

    fn subjects(&self, _: &GrantId) -> Option<Vec<String>> {
        Some(vec!["1".to_owned()])
    }

    /// A session to which nothing has happened yet.
    fn told(&self, _: &sql::Told) -> Option<String> {
        Some("[]".to_owned())
    }
}
