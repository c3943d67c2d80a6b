//! `./x bench sql`: what it costs to read, resolve, guard, print and check a statement, beside what
//! libpg_query takes to parse the same texts (what is asked and what is sent) in the same rounds.
//! `./x bench sql WORD` runs the contenders whose name has the word.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a bench prints, and stops loudly when it cannot run"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::sync::Arc;

use model::{
    Cell, Dataset, DatasetId, FieldName, FieldView, Jurisdiction, RegimeId, Residency, RowClass,
    Rows, Subjects, Verdict, View,
};
use pgschema::Schema;
use sql::{Binding, Context, Guarded, Limits, ParameterTypes, Refused, SessionNames, Sight, Views};
use testkit::{Contender, interleave};

const CATALOG: &str = include_str!("../../../policies/sample/catalog/app.yaml");
const SCHEMA: &str = include_str!("../../../policies/sample/schema.json");
const POINT: &str = "SELECT email, country FROM users WHERE id = 42";
const REPORT: &str = include_str!("report.sql");

/// What somebody sees who sees every row, with everything at this verdict; or in part, residents of
/// other places alone, the rest of them masked.
fn view(dataset: &Dataset, verdict: Verdict, filtered: bool) -> View {
    let home = Residency::Home(BTreeSet::from([RegimeId::new("us-dsp").unwrap()]));
    let residencies = match dataset.subjects {
        Subjects::Some(_) => vec![home, Residency::Other, Residency::Unknown],
        Subjects::Nobody | Subjects::Undeclared => vec![Residency::NoSubject],
    };
    let classes: Vec<RowClass> = residencies
        .into_iter()
        .map(|residency| RowClass {
            residency,
            public: false,
        })
        .collect();
    let seen = |class: &RowClass| !filtered || class.residency != Residency::Unknown;
    View {
        dataset: dataset.id.clone(),
        rows: classes
            .iter()
            .map(|class| {
                (
                    class.clone(),
                    if seen(class) {
                        Rows::Seen
                    } else {
                        Rows::Unseen
                    },
                )
            })
            .collect(),
        fields: dataset
            .fields
            .iter()
            .filter(|field| field.mask.is_some() || verdict == Verdict::Clear)
            .map(|field| {
                let cell = Cell {
                    verdict,
                    clear_for: BTreeSet::new(),
                };
                let cells = classes
                    .iter()
                    .map(|class| (class.clone(), cell.clone()))
                    .collect();
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

struct Seen<'a>(&'a Views);

impl Sight for Seen<'_> {
    fn fields(&mut self, dataset: &DatasetId) -> Result<BTreeMap<FieldName, bool>, Refused> {
        let view = &self.0.datasets[dataset];
        Ok(view
            .fields
            .keys()
            .map(|name| (name.clone(), false))
            .collect())
    }
}

fn whole(text: &str, context: &Context<'_>, views: &Views) -> Guarded {
    let mut statement = sql::read(text, &Limits::default()).unwrap().remove(0);
    let resolution = sql::resolve(&mut statement, context, &mut Seen(views)).unwrap();
    sql::guard(
        statement,
        &resolution,
        context,
        views,
        &ParameterTypes::default(),
    )
    .unwrap()
}

fn main() {
    let options = catalog::Options::default();
    let datasets = catalog::read(&[("app.yaml", CATALOG)], &options)
        .unwrap()
        .datasets;
    let schema = Schema::new(serde_json::from_str(SCHEMA).unwrap()).unwrap();
    let us = BTreeSet::from([Jurisdiction::parse("US").unwrap()]);
    let homes = BTreeMap::from([(RegimeId::new("us-dsp").unwrap(), us)]);
    let binding = Binding::new(&datasets, "app", &homes, &schema);
    let context = Context {
        schema: &schema,
        binding: &binding,
        path: vec!["public".to_owned()],
        names: SessionNames::default(),
    };
    let views = |verdict, filtered| Views {
        datasets: datasets
            .values()
            .map(|dataset| {
                (
                    dataset.id.clone(),
                    Arc::new(view(dataset, verdict, filtered)),
                )
            })
            .collect(),
        ..Views::default()
    };
    let kinds = [
        (
            "whole, everything clear",
            "libpg_query: both parses of it, clear",
            views(Verdict::Clear, false),
        ),
        (
            "whole, clear, rows left out",
            "libpg_query: both parses of it, rows left out",
            views(Verdict::Clear, true),
        ),
        (
            "whole, everything masked",
            "libpg_query: both parses of it, masked",
            views(Verdict::Masked, false),
        ),
    ];
    let word = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let parse = |text: &str| {
        black_box(pg_query::parse(text, pg_query::ParserOptions::default()).unwrap());
    };
    for (title, text) in [("point query", POINT), ("report", REPORT)] {
        println!("{title}, {} bytes", text.len());
        let limits = Limits::default();
        let mut contenders = vec![
            Contender {
                name: "libpg_query: parse and deparse",
                run: Box::new(|| {
                    let parsed = pg_query::parse(text, pg_query::ParserOptions::default()).unwrap();
                    black_box(parsed.deparse(pg_query::DeparseOptions::default()).unwrap());
                }),
            },
            Contender {
                name: "read",
                run: Box::new(|| {
                    black_box(sql::read(text, &limits).unwrap());
                }),
            },
        ];
        for (name, both, views) in &kinds {
            let sent = whole(text, &context, views).text().to_owned();
            println!("  {name}: {} bytes sent", sent.len());
            let context = &context;
            contenders.push(Contender {
                name: both,
                run: Box::new(move || {
                    parse(text);
                    parse(&sent);
                }),
            });
            contenders.push(Contender {
                name,
                run: Box::new(move || {
                    black_box(whole(text, context, views));
                }),
            });
        }
        if let Some(word) = &word {
            contenders.retain(|contender| contender.name.contains(word.as_str()));
        }
        println!("{}", interleave(11, 200, &mut contenders));
    }
}
